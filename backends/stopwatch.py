"""What takes how long."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from time import perf_counter

from .paths import Path


class Stopwatch:
    """Adds up the seconds between its readings, and counts these, each for the equation that ran until then."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begins anew."""
        self.spent: defaultdict[Path, float] = defaultdict(float)
        self.readings: Counter[Path] = Counter()
        self._last = perf_counter()

    def read(self, path: Path) -> None:
        now = perf_counter()
        self.spent[path] += now - self._last
        self.readings[path] += 1
        self._last = now


def fastest(run: Callable[[], object], times: int = 4) -> float:
    """The seconds of the fastest of several runs."""
    best = float("inf")
    for _ in range(times):
        begin = perf_counter()
        run()
        best = min(best, perf_counter() - begin)
    return best
