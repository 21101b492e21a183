"""How `bisect` and `nan` find where numbers go wrong: programs gone through equation by equation (`values.py`), two ways
to compute them (`sides.py`) and how far these may lie apart (`bounds.py`); the equation that a pass changed
(`departures.py`), that a backend computes otherwise (`kernels.py`), or that made what is not finite (`origins.py`)."""
