"""Warnings that a program sees once, wherever they come from, as those of PyTorch's own C++."""

from __future__ import annotations

import warnings

from ..tapes.callers import depth

_told: set[str] = set()


def warn_once(subject: str, text: str) -> None:
    """Warns of a subject, the first time in this program, at the user's line."""
    if subject not in _told:
        _told.add(subject)
        warnings.warn(text, UserWarning, stacklevel=depth())
