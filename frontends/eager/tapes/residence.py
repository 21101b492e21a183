"""Which values come to be on jax's device for good: those that programs read again and again."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import numpy as np
from diptych.backends.jax import on_device

from .lazy import Lazy
from .traces import ALONE

RESIDENT = 1 << 12  # bytes of arguments that are brought onto a device for good, once they come there


def staying_of(uses: Sequence[int | None], leaves: Sequence[Lazy]) -> list[Lazy]:
    """The arguments in the host's memory that somebody still refers to after these calls, and that are large, or were
    an argument before."""
    found: list[Lazy] = []
    for lazy, count in zip(leaves, uses, strict=True):
        if lazy.array.__class__ is not np.ndarray:
            continue
        if count is None or sys.getrefcount(lazy) - count > ALONE + 1:  # and the tuple of zip's
            if lazy.array.nbytes >= RESIDENT or lazy.was_argument:
                found.append(lazy)
            else:
                lazy.was_argument = True
    return found


def bring(lazies: Sequence[Lazy]) -> None:
    """Has values of the host's be on jax's device from now on. Those that functions look at, lest an index or a class
    is out of range, stay on the host as well."""
    if lazies:
        for lazy, array in zip(lazies, on_device([lazy.array for lazy in lazies]), strict=True):
            if lazy.array.dtype.kind in "iu" or lazy.array.nbytes < RESIDENT:
                lazy.copy = array, lazy.array
            lazy.array = array
