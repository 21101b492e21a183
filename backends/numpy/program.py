"""One compiled function: its source, its plan, and the instances that run it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

import numpy as np
from diptych.ir import Function
from diptych.passes.aliasing import VIEWS
from diptych.passes.plan import ALIGNMENT

from ..kernels.control import Nested
from .emitters import emit, plan
from .writer import Writer

Run = Callable[..., tuple[np.ndarray, ...]]


class Program:
    """A function without named dimensions, as Python source over one arena.

    `run` may be called from several threads at once: each call takes an idle instance, with an arena of its own,
    or makes one.
    """

    def __init__(self, function: Function, donate: Iterable[int] = ()) -> None:
        self.function = function
        self.plan = plan(function, donate)
        self.nested: list[Program] = []
        self._make: Callable[[np.ndarray], Run] | None = None
        self._idle: list[Run] = []

    @cached_property
    def written(self) -> tuple[str, dict[str, Any]]:
        """The source, and what it refers to by name."""
        w = Writer(self.function, self.plan, self._nested)
        parameters = w.parameters()
        for equation in self.function.equations:
            emit(w, equation)
        results = "".join(f"{text}, " for text in self._results(w))
        return w.source(parameters, f"({results})"), w.constants

    @property
    def source(self) -> str:
        """The Python source, nested functions' first."""
        own = self.written[0]
        return "\n".join([*(program.source for program in self.nested), own])

    def _results(self, w: Writer) -> list[str]:
        """What to return: arrays that nothing else shows."""
        maker = {result: e for e in self.function.equations for result in e.results}
        texts: list[str] = []
        seen: set[Any] = set()
        for result in self.function.results:
            text = w.array(result)
            equation = maker.get(result)
            shown = equation is None or equation.op in VIEWS or equation.op.name == "constant" or result in seen
            seen.add(result)
            texts.append(f"{text}.copy()" if shown else text)
        return texts

    def _nested(self, function: Function) -> Nested:
        program = Program(function)
        self.nested.append(program)
        return Nested(program.run, function.result_types)

    def run(self, *arrays: np.ndarray) -> tuple[np.ndarray, ...]:
        """The results, on arrays of exactly the parameters' types; donated ones C-contiguous and writable."""
        try:
            run = self._idle.pop()
        except IndexError:
            run = self._instance()
        try:
            return run(*arrays)
        finally:
            self._idle.append(run)

    def _instance(self) -> Run:
        if self._make is None:
            source, constants = self.written
            space: dict[str, Any] = dict(constants)
            exec(compile(source, f"<numpy program {self.function.name}>", "exec"), space)
            self._make = space["make"]
        return self._make(_arena(self.plan.arena))


def _arena(size: int) -> np.ndarray:
    """`size` bytes that begin at a multiple of the alignment."""
    raw = np.empty(size + ALIGNMENT, np.uint8)
    start = -raw.ctypes.data % ALIGNMENT
    return raw[start : start + size]
