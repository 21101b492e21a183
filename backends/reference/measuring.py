"""The interpreter, which reads the clock before and behind each equation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from diptych.ir import Equation, Function

from ..binding import bind_arguments
from ..paths import Path
from ..stopwatch import Stopwatch, fastest
from .interpreter import Interpreter
from .runner import ReferenceRunner

READINGS = 1000  # that are made to see how long one takes


class ReferenceSplit:
    """A program as it is interpreted, and measured."""

    def __init__(self, function: Function, arrays: Sequence[np.ndarray]) -> None:
        self.function, self.arrays = function, arrays
        self._watch = Stopwatch()
        self.reading = fastest(lambda: [self._watch.read(()) for _ in range(READINGS)]) / READINGS

    def given(self) -> Sequence[np.ndarray]:
        """What a run is given: nothing of it is written over."""
        return self.arrays

    def whole(self, given: Sequence[Any]) -> tuple[np.ndarray, ...]:
        """The program as it is."""
        return ReferenceRunner(self.function)(*given)

    def split(self, given: Sequence[Any]) -> tuple[np.ndarray, ...]:
        """The program, measured."""
        arrays, sizes = bind_arguments(self.function, given)
        self._watch.reset()
        with np.errstate(all="ignore"):
            results = _Measured(sizes, self._watch).run(self.function, arrays)
        return tuple(np.array(result) for result in results)

    def spent(self) -> dict[Path, float]:
        """The seconds of each equation by itself in the last run."""
        return self._watch.spent

    def readings(self) -> dict[Path, float]:
        """How often the clock is read for each equation."""
        self.split(self.given())
        return {path: float(count) for path, count in self._watch.readings.items()}


class _Measured(Interpreter):
    def __init__(self, sizes: dict[str, int], watch: Stopwatch) -> None:
        super().__init__(sizes)
        self._watch = watch
        self._path: Path = ()

    def equation(self, equation: Equation, operands: Sequence[np.ndarray]) -> Sequence[np.ndarray]:
        around = self._path
        self._watch.read(around)
        self._path = (*around, equation)
        results = super().equation(equation, operands)
        self._watch.read(self._path)
        self._path = around
        return results
