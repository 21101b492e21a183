"""tf.keras.utils.Progbar: how far something is, as a line of text."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import Any

from ..exports import export


@export("keras.utils.Progbar")
class Progbar:
    """A line that grows to `target`, with the means of numbers behind it. With `verbose` 2 only the last one is
    written, with 0 none."""

    def __init__(
        self, target: int | None, width: int = 30, verbose: int = 1, interval: float = 0.05,
        stateful_metrics: Any = None, unit_name: str = "step",
    ) -> None:  # fmt: skip
        self.target = target
        self.width = width
        self.verbose = verbose
        self.interval = interval
        self._stateful = set(stateful_metrics or ())
        self._values: dict[str, list[float]] = {}
        self._seen = 0
        self._start = time.time()
        self._last = 0.0

    def update(self, current: int, values: Sequence[tuple[str, Any]] | None = None) -> None:
        """Goes to a step, with numbers by name, which are averaged."""
        for name, value in values or ():
            weight = max(current - self._seen, 1)
            total = self._values.setdefault(name, [0.0, 0.0])
            if name in self._stateful:
                total[:] = [value, 1.0]
            else:
                total[0] += value * weight
                total[1] += weight
        self._seen = current
        is_end = self.target is not None and current >= self.target
        now = time.time()
        if is_end and self.verbose:
            self._end()
        elif self.verbose == 1 and sys.stdout.isatty() and now - self._last >= self.interval:
            self._last = now
            self._write(f"\r{self._line(current)}")

    def add(self, n: int, values: Sequence[tuple[str, Any]] | None = None) -> None:
        """Goes `n` steps further."""
        self.update(self._seen + n, values)

    def finish(self, values: Sequence[tuple[str, Any]]) -> None:
        """Writes the last line, with these numbers."""
        if self.verbose:
            self._values = {name: [value, 1.0] for name, value in values}
            self._seen = self.target or self._seen
            self._end()

    def _end(self) -> None:
        front = "\r" if self.verbose == 1 and sys.stdout.isatty() else ""
        self._write(f"{front}{self._line(self._seen)}\n")

    def _line(self, current: int) -> str:
        seconds = time.time() - self._start
        means = [f" - {name}: {total / max(weight, 1e-9):.4f}" for name, (total, weight) in self._values.items()]
        if self.target is None:
            return f"{current}/Unknown - {seconds:.0f}s{''.join(means)}"
        done = int(self.width * current / max(self.target, 1))
        bar = "=" * max(done - 1, 0) + (">" if current < self.target else "=") + "." * (self.width - max(done, 1))
        return f"{current}/{self.target} [{bar}] - {seconds:.0f}s{''.join(means)}"

    def _write(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()
