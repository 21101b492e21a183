"""Runs a numpy program on arguments from outside."""

from __future__ import annotations

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
        for place in self.overwritten:
            flags = given[place].flags
            if not (flags.c_contiguous and flags.writeable and flags.aligned):
                given[place] = given[place].copy(order="C")
        with np.errstate(all="ignore"):
            return self.program.run(*given)
