"""A program that reads the clock wherever one equation ends and the next one begins.

Its text is that of the program as it runs otherwise, with a line at each such border, which adds the time since the
last one to what an equation has. So plan, views, groups, blocks and threads stay what they are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from time import perf_counter
from typing import Any

import numpy as np
from diptych.ir import Function, ops

from ..kernels.control import Nested
from ..paths import Path
from ..stopwatch import fastest
from .layout import Layout
from .program import Program
from .runner import NumpyRunner
from .writer import Writer

BORDERS = 1000  # that are run to see how long one takes


class Measured(Program):
    """A program that notes how much of a run each equation takes: the seconds between two readings of the clock, or
    whatever another `clock` tells."""

    def __init__(
        self,
        function: Function,
        donate: Iterable[int] = (),
        layout: Layout | None = None,
        *,
        checked: bool = False,
        clock: Callable[[], Any] = perf_counter,
    ) -> None:
        super().__init__(function, donate, layout, checked=checked)
        self.clock = clock
        self.paths: list[Path] = []  # each part has its own ones, since several threads write at the same time
        self.spent: list[float] = []  # since the last `reset`, of each of the paths
        self.called: list[tuple[Path, Measured]] = []  # nested programs, one for each place that calls it

    @property
    def nested(self) -> list[Program]:
        """The programs of the nested functions."""
        self._write()
        return [program for _, program in self.called]

    def reset(self) -> None:
        """Begins anew."""
        self.spent[:] = [0.0] * len(self.spent)
        for _, program in self.called:
            program.reset()

    def noted(self, *, apart: bool) -> dict[Path, float]:
        """What was added up for each equation: of parts, what they have on average.

        `apart`: without what the parts and programs that it calls have. What remains of a parallel equation is the time
        that threads wait for each other, or are told what to do.
        """
        found: dict[Path, float] = defaultdict(float)

        def add(path: Path, amount: float, caller: Path) -> None:
            found[path] += amount
            if apart and caller:
                found[caller] -= amount

        for path, amount in zip(self.paths, self.spent, strict=True):
            add(path, amount * _share(path), _parallel_around(path))
        for path, program in self.called:
            for inner, amount in program.noted(apart=apart).items():
                add((*path, *inner), amount * _share(path), path)
        return found

    def _writer(self) -> Writer:
        return _Writer(self)


def _parallel_around(path: Path) -> Path:
    """The path of the innermost parallel equation that an equation stands in; empty where it stands in none."""
    return next((path[:end] for end in range(len(path) - 1, 0, -1) if path[end - 1].op is ops.parallel), ())


def _share(path: Path) -> float:
    """How much a second of what runs in parts counts as."""
    around = _parallel_around(path)
    return _share(around) / around[-1].attributes["parts"] if around else 1.0


class _Writer(Writer):
    """Writes a measured program."""

    def __init__(self, program: Measured) -> None:
        super().__init__(program.function, program.plan, program.layout, self._called, checked=program.checked)
        self.program = program

    def _called(self, function: Function) -> Nested:
        program = Measured(function, layout=self.program.layout, checked=self.checked, clock=self.program.clock)
        self.program.called.append((self.path, program))
        return Nested(program.run, function.parameter_types, function.result_types)

    def end(self, results: Iterable[str]) -> None:
        """Also writes the borders. The lines of a part that are the parallel equation's own are in that one's time."""
        super().end(results)
        program, section = self.program, self.section
        clock, spent = self.constant(program.clock, "clock"), self.constant(program.spent, "spent")
        own, places = self.path, dict[Path, int]()
        written = [*zip(section.lines, section.paths, strict=True), ("", None)]
        section.lines, section.paths = [], []
        section.add(f"begin = {clock}()", own)
        for (line, path), (following, next_path) in pairwise(written):
            section.add(line, path)
            depth, next_depth = _depth(line), _depth(following)
            if path == next_path and depth <= next_depth:  # behind the end of a loop, its first line may come
                continue
            if path != own and path not in places:
                places[path] = len(program.paths)
                program.paths.append(path)
                program.spent.append(0.0)
            border = _border(clock, spent, places[path]) if path in places else f"begin = {clock}()"
            section.add(" " * max(depth, next_depth) + border, path)


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _border(clock: str, spent: str, place: int) -> str:
    return f"now = {clock}(); {spent}[{place}] += now - begin; begin = now"


class NumpySplit:
    """A program on numpy, as it is and measured."""

    def __init__(self, function: Function, donate: tuple[int, ...], arrays: Sequence[np.ndarray]) -> None:
        self.function, self.donate, self.arrays = function, donate, arrays
        self.whole = NumpyRunner(function, donate).owned
        self._measured = Measured(function, donate)
        self.split = NumpyRunner(function, donate, program=self._measured).owned
        self.reading = _seconds_a_border()

    def given(self) -> list[np.ndarray]:
        """What a run is given: copies of what it may write over."""
        return [array.copy() if place in self.donate else array for place, array in enumerate(self.arrays)]

    def spent(self) -> dict[Path, float]:
        """The seconds of each equation by itself, since they were last asked for."""
        found = self._measured.noted(apart=True)
        self._measured.reset()
        return found

    def readings(self) -> dict[Path, float]:
        """How often the clock is read for each equation."""
        layout = self._measured.layout  # whose blocks the paths lead through
        counted = Measured(self.function, self.donate, layout, clock=_Tick)
        NumpyRunner(self.function, self.donate, program=counted).owned(self.given())
        return counted.noted(apart=False)


class _Tick:
    """What a clock tells that counts how often it is read: any two lie one apart."""

    def __sub__(self, other: _Tick) -> float:
        return 1.0


def _seconds_a_border() -> float:
    """How long a border takes, on this machine, now."""
    space: dict[str, Any] = {"clock": perf_counter, "spent": [0.0]}
    lines = ["def run():", " begin = clock()", *[f" {_border('clock', 'spent', 0)}"] * BORDERS]
    exec("\n".join(lines), space)
    return fastest(space["run"]) / BORDERS
