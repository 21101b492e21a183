"""Warnings that a program sees once, wherever they come from, as those of PyTorch's own C++."""

from __future__ import annotations

import warnings

_told: set[str] = set()


def warn_once(subject: str, text: str, stacklevel: int) -> None:
    """Warns of a subject, the first time in this program; `stacklevel` counts from the caller, as 1."""
    if subject not in _told:
        _told.add(subject)
        warnings.warn(text, UserWarning, stacklevel=stacklevel + 1)
