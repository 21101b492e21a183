"""Runs a numpy program on arguments from outside."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from diptych.ir import Function

from .program import Program


class NumpyRunner:
    """`runner(*arrays)`: arrays of the parameters' types in, arrays that nothing else shows out."""

    def __init__(self, function: Function, donate: tuple[int, ...]) -> None:
        self.program = Program(function, donate)
        self.overwritten = tuple(sorted(set(self.program.plan.donated.values())))
        self.peak_bytes = self.program.plan.peak

    @property
    def source(self) -> str:
        return self.program.source

    def __call__(self, *arrays: Any) -> tuple[np.ndarray, ...]:
        given = [array if array.__class__ is np.ndarray else np.asarray(array) for array in arrays]
        if self.overwritten:
            self._make_writable(given)
        with np.errstate(all="ignore"):
            return self.program.run(*given)

    def _make_writable(self, given: list[np.ndarray]) -> None:
        """Copies the arguments that the program overwrites but must not, or cannot without turning them round: those
        that are read-only or not contiguous, and those whose memory another argument shows too."""
        shown = Counter(map(_owner, given))
        for place in self.overwritten:
            array = given[place]
            flags = array.flags
            is_shared = shown[_owner(array)] > 1
            if is_shared or not (flags.c_contiguous and flags.writeable and flags.aligned):
                given[place] = array.copy(order="C")


def _owner(array: np.ndarray) -> int:
    """The identity of what owns an array's memory."""
    base = array.base
    return id(array) if base is None else id(base)
