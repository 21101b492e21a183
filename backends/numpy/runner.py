"""Runs a numpy program on arguments from outside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from contextvars import Context, copy_context
from time import perf_counter
from typing import Any

import numpy as np
from diptych.ir import Function, ops
from numpy.lib.array_utils import byte_bounds

from ..figures import Figures, bytes_in_and_out
from .program import Program


class NumpyRunner:
    """`runner(*arrays)`: arrays of the parameters' types in, arrays that nothing else shows out."""

    def __init__(
        self, function: Function, donate: tuple[int, ...], *, checked: bool = False, program: Program | None = None
    ) -> None:
        begin = perf_counter()
        self.program = program or Program(function, donate, checked=checked)
        self.seconds = perf_counter() - begin
        self.overwritten = tuple(sorted(set(self.program.plan.donated.values())))
        self._contexts: list[Context] = []  # idle ones, in which floating-point errors are ignored
        self._calls_host = _calls_host(function)

    @property
    def source(self) -> str:
        return self.program.source

    @property
    def peak_bytes(self) -> int:
        return self.program.peak.bytes

    @property
    def figures(self) -> Figures:
        """What is planned. Arguments that are written over are in the peak once."""
        function, peak = self.program.function, self.program.peak
        arguments, results = bytes_in_and_out(function)
        return Figures(
            self.seconds,
            executable=len(self.source.encode()),
            arguments=arguments,
            results=results,
            aliased=peak.donated,
            temporary=peak.plan.arena + peak.grounds,
            peak=arguments - peak.donated + peak.bytes,
        )

    def __call__(self, *arrays: Any) -> tuple[np.ndarray, ...]:
        given = [array if array.__class__ is np.ndarray else np.asarray(array) for array in arrays]
        if self.overwritten:
            self._make_writable(given)
        with np.errstate(all="ignore"):
            return self.program.run(*given)

    def owned(self, arrays: Sequence[Any]) -> tuple[np.ndarray, ...]:
        """As a call, on arrays of numpy. The caller knows that those to be overwritten are contiguous, that they may be
        written, and that nothing else shows their memory."""
        if self._calls_host:  # which sees the context of the caller
            return self(*arrays)
        try:
            context = self._contexts.pop()
        except IndexError:
            context = copy_context()
            context.run(np.seterr, all="ignore")
        try:
            return context.run(self.program.run, *arrays)
        finally:
            self._contexts.append(context)

    def _make_writable(self, given: list[np.ndarray]) -> None:
        """Copies the arguments that the program overwrites but must not, or cannot without turning them round: those
        that are read-only or not contiguous, and those whose memory another argument shows too."""
        shared = _shared(given)
        for place in self.overwritten:
            if place in shared or not given[place].flags.carray:
                given[place] = given[place].copy(order="C")


def _calls_host(function: Function) -> bool:
    """Whether functions of Python are called from somewhere in it."""
    return any(equation.op is ops.host_call for equation in function.every_equation())


def _shared(given: Sequence[np.ndarray]) -> Collection[int]:
    """Places of arrays that may show memory which another one shows too."""
    if len({id(array) for array in given if array.base is None}) == len(given):
        return ()
    owners = [_owner(array) for array in given]
    if not all(isinstance(owner, np.ndarray) for owner in owners):
        return _overlapping(given)
    times = Counter(map(id, owners))
    return {place for place, owner in enumerate(owners) if times[id(owner)] > 1}


def _owner(array: np.ndarray) -> object:
    """The array that `array` shows memory of; where another library's object owns it, that object."""
    while isinstance(array, np.ndarray) and array.base is not None:
        array = array.base
    return array


def _overlapping(given: Sequence[np.ndarray]) -> set[int]:
    """By address: others' objects may be several for one piece of memory."""
    bounds = sorted((*byte_bounds(array), place) for place, array in enumerate(given))
    found: set[int] = set()
    reach, widest = bounds[0][1], bounds[0][2]  # the end that is furthest so far, and whose it is
    for start, end, place in bounds[1:]:
        if start < reach:
            found |= {place, widest}
        if end > reach:
            reach, widest = end, place
    return found
