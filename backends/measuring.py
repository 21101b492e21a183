"""How long the equations of a program take.

A program is run as it is and, in turn with that, split where one equation ends and the next one begins, with the clock
read there. So both see the same machine, and the difference is what measuring costs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Protocol

import numpy as np
from diptych.ir import Function

from .collecting import paused_collections
from .paths import Path

WARM, WARM_SECONDS = 16, 0.3  # runs of each kind before those that count, unless they take longer; numpy tries 12 times
LEAST, SECONDS = 10, 1.0  # runs that count, unless somebody says how many: so many, and more within that time


class Split(Protocol):
    """A program of a backend, as it is and split, and the arrays that it runs on."""

    reading: float  # seconds that measuring an equation once takes

    def given(self) -> Sequence[Any]:
        """What a run is given, some of which it may write over."""
        ...

    def whole(self, given: Sequence[Any], /) -> object:
        """A run of the program as it is."""
        ...

    def split(self, given: Sequence[Any], /) -> object:
        """A run of the program, split."""
        ...

    def spent(self) -> Mapping[Path, float]:
        """The seconds of each equation in the last split run, without those that stand in it and were measured."""
        ...

    def readings(self) -> Mapping[Path, float]:
        """How often each equation is measured in a split run."""
        ...


@dataclass(frozen=True, slots=True)
class Spread:
    """Seconds of many runs: the median, and between which the middle half of them lie."""

    median: float
    low: float
    high: float

    @staticmethod
    def of(seconds: Sequence[float]) -> Spread:
        low, median, high = np.percentile(seconds, (25, 50, 75)).tolist()
        return Spread(median, low, high)


@dataclass(frozen=True, slots=True)
class Measurement:
    """Of so many `runs` of a program as a `whole`, and as many when it is `split`.

    `times`: the seconds of each equation that ran, by itself, without those that stand in it and were measured too.
    `entry`: of what a run does around its equations. `reading`: of the `readings` of the clock. All these are medians,
    by a common factor such that they add up to the median of the split runs.
    """

    runs: int
    whole: Spread
    split: Spread
    times: dict[Path, float]
    entry: float
    reading: float
    readings: int

    @property
    def cost(self) -> float:
        """How much longer split runs take, as a part of what whole ones do."""
        return self.split.median / self.whole.median - 1

    @property
    def is_within_noise(self) -> bool:
        """Whether the middle halves of both kinds of runs meet, so that one may as well take as long as the other."""
        return self.split.low <= self.whole.high and self.whole.low <= self.split.high


def measure(
    function: Function, backend: str, donate: tuple[int, ...], arrays: Sequence[np.ndarray], runs: int | None = None
) -> Measurement:
    """Measures a program that the passes of its backend are through with, on arrays of its parameters' types, which
    stay as they are. By default it runs for about a second. Raises DiptychError where it fails."""
    split = _split(function, backend, donate, arrays)

    def both() -> tuple[float, float, Mapping[Path, float]]:
        whole, parts = _timed(split.whole, split.given()), _timed(split.split, split.given())
        return whole, parts, dict(split.spent())

    with paused_collections():
        begin = perf_counter()
        for number in range(WARM):
            if number < 2 or perf_counter() - begin < WARM_SECONDS:
                both()
        readings = split.readings()
        found: list[tuple[float, float, Mapping[Path, float]]] = []
        begin = perf_counter()
        while len(found) < (runs or LEAST) or (runs is None and perf_counter() - begin < SECONDS):
            found.append(both())
    return _summary(*zip(*found, strict=True), readings, split.reading)


def _timed(run: Callable[[Sequence[Any]], object], given: Sequence[Any]) -> float:
    begin = perf_counter()
    results = run(given)
    seconds = perf_counter() - begin
    del results  # which takes time as well
    return seconds


def _summary(
    wholes: Sequence[float],
    splits: Sequence[float],
    spent: Sequence[Mapping[Path, float]],
    readings: Mapping[Path, float],
    reading: float,
) -> Measurement:
    paths = [path for path, count in readings.items() if path and count]
    seconds = np.array([[each.get(path, 0.0) for path in paths] for each in spent]).reshape(len(spent), len(paths))
    entries = np.array(splits) - seconds.sum(axis=1)
    medians, entry = np.median(seconds, axis=0), float(np.median(entries))
    split = Spread.of(splits)
    factor = split.median / (medians.sum() + entry)
    counts = np.array([readings[path] for path in paths])
    clock = np.minimum(counts * reading, medians)
    times = dict(zip(paths, (factor * (medians - clock)).tolist(), strict=True))
    taken = factor * float(clock.sum())
    return Measurement(len(splits), Spread.of(wholes), split, times, factor * entry, taken, round(float(counts.sum())))


def _split(function: Function, backend: str, donate: tuple[int, ...], arrays: Sequence[np.ndarray]) -> Split:
    if backend == "numpy":
        from .numpy.measuring import NumpySplit

        return NumpySplit(function, donate, arrays)
    if backend == "jax":
        from . import jax

        jax.require_jax()
        from .jax.measuring import JaxSplit

        return JaxSplit(function, donate, arrays)
    from .reference.measuring import ReferenceSplit

    return ReferenceSplit(function, arrays)
