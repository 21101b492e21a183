"""Where numbers that are not finite come from: the equation that makes the first one of what reads none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Flag, auto

import numpy as np
from diptych.ir import Equation, Function, Value, ops

from .values import Arrays, first_entry, steps


class Kind(Flag):
    """What an array has of numbers that are not finite."""

    NONE = 0
    NAN = auto()
    INF = auto()

    def test(self, array: np.ndarray) -> np.ndarray:
        """Which elements are of this kind, one alone."""
        with np.errstate(all="ignore"):
            return (np.isnan if self is Kind.NAN else np.isinf)(array)


def kinds_of(array: np.ndarray) -> Kind:
    """What an array of any dtype has."""
    found = Kind.NONE
    if array.dtype.kind not in "biu":
        with np.errstate(all="ignore"):
            if not np.isfinite(array).all():
                for kind in (Kind.NAN, Kind.INF):
                    if kind.test(array).any():
                        found |= kind
    return found


class Frame:
    """A run of a function, and what kinds each of its values has. `outer`: the run around it, where it is one of the
    functions of its `equation`, for the `number`th time, from 0."""

    def __init__(
        self,
        function: Function,
        arguments: Arrays,
        outer: Frame | None = None,
        equation: Equation | None = None,
        number: int = 0,
    ) -> None:
        self.function, self.arguments = function, arguments
        self.outer, self.equation, self.number = outer, equation, number
        self.makers = {result: each for each in function.equations for result in each.results}
        self.order = {each: place for place, each in enumerate(function.equations)}
        self.kinds = {value: kinds_of(array) for value, array in zip(function.parameters, arguments, strict=True)}
        for step in steps(function, arguments):
            self.kinds.update(zip(step.equation.results, map(kinds_of, step.results), strict=True))

    def place(self, value: Value) -> int:
        """Where a value is made, in program order; -1 of a parameter."""
        return self.order[self.makers[value]] if value in self.makers else -1

    def having(self, values: Iterable[Value], kind: Kind) -> list[Value]:
        """Those of the values that have this kind."""
        return [value for value in values if kind in self.kinds[value]]

    def arrays(self, wanted: Iterable[Equation]) -> dict[Value, np.ndarray]:
        """What some equations read and made, and the parameters, in another run."""
        found = dict(zip(self.function.parameters, self.arguments, strict=True))
        waiting = set(wanted)
        for step in steps(self.function, self.arguments):
            if not waiting:
                break
            if step.equation in waiting:
                waiting.remove(step.equation)
                found.update(zip(step.equation.operands, step.operands, strict=True))
                found.update(zip(step.equation.results, step.results, strict=True))
        return found

    def operands(self, equation: Equation) -> Arrays:
        """What an equation read."""
        arrays = self.arrays([equation])
        return tuple(arrays[operand] for operand in equation.operands)


@dataclass(frozen=True, slots=True)
class Origin:
    """The `value` that is the first one of a kind, and whose run it is in. What makes it reads none; it is a parameter
    of the whole program where nothing does."""

    frame: Frame
    value: Value
    kind: Kind

    @property
    def equation(self) -> Equation | None:
        return self.frame.makers.get(self.value)

    @property
    def is_made(self) -> bool:
        """Whether an equation computes it, rather than that somebody put it there."""
        return self.equation is not None and self.equation.op is not ops.constant


def origin(frame: Frame, values: Sequence[Value], kind: Kind) -> Origin:
    """Where the kind that all these values have comes from: the first equation, in program order, among those that
    hand it on to them, that reads none of it; what somebody put there only where there is no such equation."""
    found: list[Origin] = []
    for value in sorted(_roots(frame, values, kind), key=frame.place):
        found.append(_origin(frame, value, kind))
        if found[-1].is_made:
            return found[-1]
    return found[0]


def _origin(frame: Frame, root: Value, kind: Kind) -> Origin:
    equation = frame.makers.get(root)
    if equation is None:
        return _above(frame, root, kind)
    inside = _entered(frame, equation, kind) if equation.op.has_functions else None
    return inside or Origin(frame, root, kind)


def _roots(frame: Frame, values: Iterable[Value], kind: Kind) -> set[Value]:
    """The values of this kind, among those that lead to some, whose makers read none of it."""
    found: set[Value] = set()
    pending, seen = list(values), set(values)
    while pending:
        value = pending.pop()
        maker = frame.makers.get(value)
        carriers = set() if maker is None else set(frame.having(maker.operands, kind))
        if not carriers:
            found.add(value)
        pending += carriers - seen
        seen |= carriers
    return found


def _entered(frame: Frame, equation: Equation, kind: Kind, which: slice = slice(None)) -> Origin | None:
    """The origin in the first run of a function of the equation of which some results have this kind."""
    entry = first_entry(
        equation, frame.operands(equation), lambda entry: any(kind in kinds_of(each) for each in entry.results[which])
    )
    if entry is None:
        return None
    inner = Frame(entry.function, entry.arguments, frame, equation, entry.number)
    return origin(inner, inner.having(entry.function.results[which], kind), kind)


def _above(frame: Frame, parameter: Value, kind: Kind) -> Origin:
    """The origin of what came in as a parameter: outside, or in an earlier round of a loop."""
    outer, equation = frame.outer, frame.equation
    if outer is None or equation is None:
        return Origin(frame, parameter, kind)
    place = frame.function.parameters.index(parameter)
    operand = equation.operands[place + (equation.op is ops.cond)]
    if kind in outer.kinds[operand]:
        return origin(outer, [operand], kind)
    state = place - equation.attributes["constants"]  # only a loop can have made it
    return _entered(outer, equation, kind, slice(state, state + 1)) or Origin(frame, parameter, kind)
