"""A program of jax, and each of its equations as a program of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import numpy as np
from diptych.ir import Builder, Equation, Function, TensorType, Value, dtypes

from ..paths import Path
from ..settings import settings
from ..stopwatch import Stopwatch, fastest
from . import on_device
from .runner import JaxRunner


class JaxSplit:
    """A program as XLA compiles it, and equation by equation, each waited for. What depends on no argument is made
    once, as in the whole."""

    def __init__(self, function: Function, donate: tuple[int, ...], arrays: Sequence[np.ndarray]) -> None:
        self.function, self.donate, self.arrays = function, donate, arrays
        self._kept = on_device(arrays)
        self._whole = JaxRunner(function, donate, settings().device)
        self._watch = Stopwatch()
        self._constants: dict[Value, Any] = {}
        self._steps: list[tuple[Equation, JaxRunner]] = []
        for equation in function.equations:
            runner = JaxRunner(_alone(equation), (), settings().device)
            if equation.operands or equation.has_effect:
                self._steps.append((equation, runner))
            else:
                self._constants.update(zip(equation.results, runner(), strict=True))
        self.reading = _seconds_a_start()

    def given(self) -> list[Any]:
        """What a run is given, on the device: copies of what it may write over."""
        fresh = dict(zip(self.donate, on_device([self.arrays[place] for place in self.donate]), strict=True))
        return jax.block_until_ready([fresh.get(place, kept) for place, kept in enumerate(self._kept)])

    def whole(self, given: Sequence[Any]) -> tuple[Any, ...]:
        """The program as it is."""
        return jax.block_until_ready(self._whole(*given))

    def split(self, given: Sequence[Any]) -> tuple[Any, ...]:
        """The program, equation by equation."""
        values = {**self._constants, **dict(zip(self.function.parameters, given, strict=True))}
        self._watch.reset()
        for equation, runner in self._steps:
            operands = [values[operand] for operand in _read(equation)]
            self._watch.read(())
            results = jax.block_until_ready(runner(*operands))
            self._watch.read((equation,))
            values.update(zip(equation.results, results, strict=True))
        return tuple(values[result] for result in self.function.results)

    def spent(self) -> dict[Path, float]:
        """The seconds of each equation in the last run."""
        return self._watch.spent

    def readings(self) -> dict[Path, float]:
        """How often a program was started for each equation: that is what measuring takes, beside which the clock is
        nothing."""
        return {(equation,): 1.0 for equation, _ in self._steps}


def _read(equation: Equation) -> tuple[Value, ...]:
    """What an equation reads, each once."""
    return tuple(dict.fromkeys(equation.operands))


def _alone(equation: Equation) -> Function:
    return Function(equation.op.name, _read(equation), (equation,), equation.results)


def _seconds_a_start() -> float:
    """How long it takes to start a program and to wait for it, on this machine, now."""
    b = Builder("nothing")
    x = b.parameter(TensorType(dtypes.f32, ()))
    run = JaxRunner(b.finish([b.neg(x)]), (), settings().device)
    zero = on_device([np.zeros((), np.float32)])
    return fastest(lambda: jax.block_until_ready(run(*zero)), 100)
