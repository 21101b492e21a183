"""How `bisect` and `nan` find where numbers go wrong.

Programs are gone through equation by equation (`values.py`). There are two ways to compute them (`sides.py`), which may
lie so far apart (`bounds.py`); the equation that a pass changed (`departures.py`), that a backend computes otherwise
(`kernels.py`), or that made what is not finite (`origins.py`).
"""
