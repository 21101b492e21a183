"""Programs for sizes that change, compiled for a few: arrays are filled up, and results cut to what is real."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from diptych.ir import Dimension, DiptychError, Function, Unsupported, evaluate
from diptych.passes.erase_marks import erase_gradient_marks
from diptych.passes.inline import inline
from diptych.passes.padding import Axes, is_leading, padded, real_places
from diptych.passes.specialise import specialise

from .compiler import compile
from .executable import Executable

Place = tuple[int, int, Dimension]  # of an array, its axis, and the size of that


class Filled:
    """`filled(*arrays)` gives the results of a function with named dimensions, each of which is `bucket` or a multiple
    of it in the program that runs: the smallest that holds them. Arrays at the places `donate` may be overwritten.
    Raises Unsupported where rows that are none might change a result."""

    def __init__(self, function: Function, bucket: int, donate: Sequence[int], *, backend: str | None = None) -> None:
        self.function = erase_gradient_marks(inline(function))
        self.bucket, self.donate, self.backend = bucket, tuple(donate), backend
        self.names = sorted(function.names())
        self.given = list(_places([parameter.shape for parameter in function.parameters]))
        self.made = list(_places([result.shape for result in function.results]))
        self.programs: dict[tuple[int, ...], tuple[Executable, tuple[Axes, ...]] | None] = {}
        padded(self.function, dict.fromkeys(self.names, bucket))  # which refuses now what it would later

    def __call__(self, *arrays: Any) -> tuple[Any, ...]:
        return self.run(arrays)

    def run(self, arrays: Sequence[Any]) -> tuple[Any, ...]:
        """The results; those whose sizes have names are numpy's arrays."""
        given = list(arrays)
        sizes = {str(dim): given[place].shape[axis] for place, axis, dim in self.given}
        if 0 in sizes.values():  # there is no row to fill it up with
            return self._compiled(specialise(self.function, sizes)).run(given)
        capacities = tuple(-(-sizes[name] // self.bucket) * self.bucket for name in self.names)
        if capacities not in self.programs:
            self.programs[capacities] = self._program(dict(zip(self.names, capacities, strict=True)))
        found = self.programs[capacities]
        if found is None:
            return self._compiled(specialise(self.function, sizes)).run(given)
        program, axes = found
        for place, axis, dim in self.given:
            given[place] = _filled_up(np.asarray(given[place]), axis, capacities[self.names.index(str(dim))])
        try:
            results = list(program.run([*given, *(np.asarray(sizes[name]) for name in self.names)]))
        except DiptychError:  # which speaks of other sizes than there are
            return self._compiled(specialise(self.function, sizes)).run(arrays)
        whole = dict(zip(self.names, capacities, strict=True))
        for place, axis, dim in self.made:
            lies = axes[place][axis]
            if lies is None or is_leading(lies):
                real: Any = slice(evaluate(dim, sizes))
            else:
                real = real_places(lies, sizes, whole)
            results[place] = np.asarray(results[place])[(*(slice(None),) * axis, real)]
        return tuple(results)

    def _program(self, capacities: dict[str, int]) -> tuple[Executable, tuple[Axes, ...]] | None:
        """What runs for so many rows, and how those of results lie; None where so many do not fit."""
        try:
            whole = padded(self.function, capacities)
        except Unsupported:
            return None
        return self._compiled(whole.function), whole.axes

    run_owned = run

    def _compiled(self, function: Function) -> Executable:
        found = compile(function, backend=self.backend, donate=self.donate)
        assert isinstance(found, Executable)
        return found


def _places(shapes: Sequence[Sequence[Any]]) -> Iterator[Place]:
    """The axes whose sizes have names."""
    for place, shape in enumerate(shapes):
        for axis, dim in enumerate(shape):
            if isinstance(dim, Dimension):
                yield place, axis, dim


def _filled_up(array: np.ndarray, axis: int, size: int) -> np.ndarray:
    """The array with its last row repeated, up to so many."""
    count = array.shape[axis]
    if count == size:
        return array
    found = np.empty((*array.shape[:axis], size, *array.shape[axis + 1 :]), array.dtype)
    before: tuple[Any, ...] = (slice(None),) * axis
    found[(*before, slice(count))] = array
    found[(*before, slice(count, None))] = array[(*before, slice(count - 1, count))]
    return found
