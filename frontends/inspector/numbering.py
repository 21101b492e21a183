"""Numbers for the equations and values of a program that hold at all its stages.

An equation after a pass has the number of the one that it stands for, where it is of the same op, types and attributes;
what it reads, and the functions nested in it, may be others. So a number tells an op through all passes, also into a
group, and what is new or changed at a stage is what the pass did.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from diptych.ir import Equation, Function, Value
from diptych.passes.manager import PassRecord
from diptych.passes.provenance import equations_of


@dataclass(frozen=True, slots=True)
class Stage:
    """A function after `record`, or as written. In `news` are equations that are `new` or changed, nested ones too,
    each before the one that it is in; the numbers in `order` are those of the function's own equations."""

    function: Function
    record: PassRecord | None
    news: list[Equation]
    new: set[Equation]
    order: list[int]


class Numbering:
    """`equations` and `values` say the numbers of whatever stands at one of the `stages`."""

    def __init__(self, function: Function, records: Sequence[PassRecord]) -> None:
        self.equations: dict[Equation, int] = {}
        self.values: dict[Value, int] = {}
        self.stages: list[Stage] = []
        self._next_value = self._next_equation = 0
        self._known: dict[int, object] = {}  # by the number of an equation, what of it may change
        self._changes: dict[int, int] = {}  # and how often it has
        self._parameters = [self._number_value() for _ in function.parameters]
        for stage, record in ((function, None), *((record.after, record) for record in records)):
            self.stages.append(_Numbered(self, stage, record).stage())

    def origin(self, equation: Equation, record: PassRecord | None) -> int | None:
        """The number of the equation before the pass that one after it stands for."""
        if record is None or record.provenance is None:
            return None
        return self.equations[record.provenance.origins[equation]]

    def numbers(self, equations: Iterable[Equation]) -> list[int]:
        """Those of several equations."""
        return [self.equations[equation] for equation in equations]

    def of_values(self, values: Iterable[Value]) -> list[int]:
        """Those of several values."""
        return [self.values[value] for value in values]

    def _number_value(self) -> int:
        self._next_value += 1
        return self._next_value - 1


class _Numbered:
    """One stage, while it is being numbered."""

    def __init__(self, numbering: Numbering, function: Function, record: PassRecord | None) -> None:
        self.all, self.function, self.record = numbering, function, record
        provenance = record.provenance if record is not None else None
        self.origins = provenance.origins if provenance is not None else {}
        # What keeps its object keeps its number, whatever else stands for what made it.
        kept = [each for each in equations_of(function) if each in numbering.equations]
        self.taken = {numbering.equations[each] for each in kept}
        results = (numbering.values.get(result) for each in equations_of(function) for result in each.results)
        self.reserved = {number for number in results if number is not None}
        self.shown: set[int] = set()  # numbers of values
        self.done: set[int] = set()  # functions, by identity
        self.news: list[Equation] = []
        self.new: set[Equation] = set()

    def stage(self) -> Stage:
        self._function(self.function, self.all._parameters)
        order = self.all.numbers(self.function.equations)
        return Stage(self.function, self.record, self.news, self.new, order)

    def _function(self, function: Function, parameters: Sequence[int | None]) -> None:
        """Numbers a function whose parameters are known by these."""
        self.done.add(id(function))
        for parameter, number in zip(function.parameters, parameters, strict=True):
            self._give(parameter, number)
        for equation in function.equations:
            self._equation(equation)

    def _equation(self, equation: Equation) -> None:
        before = self.origins.get(equation)
        if before is not None and (before not in self.all.equations or not _is_like(equation, before)):
            before = None
        for name, body in equation.functions():
            if id(body) not in self.done:
                self._function(body, self._parameters_like(body, before and before.attributes[name]))
        number = self.all.equations.get(equation)
        if number is None and before is not None and self.all.equations[before] not in self.taken:
            number = self.all.equations[before]
        is_known = number is not None
        if number is None:
            number = self.all._next_equation
            self.all._next_equation += 1
        self.taken.add(number)
        self.all.equations[equation] = number
        for place, result in enumerate(equation.results):
            self._result(result, before.results[place] if before is not None else None)
        self._note(equation, number, is_known)

    def _result(self, result: Value, before: Value | None) -> None:
        known = None
        if before is not None and before.name == result.name:
            known = self.all.values[before]
            known = None if known in self.reserved or known in self.shown else known
        self._give(result, known)

    def _note(self, equation: Equation, number: int, is_known: bool) -> None:
        """Whether there is anything to say of an equation at this stage."""
        bodies: list[object] = []
        for _, body in equation.functions():
            inner = self.all.numbers(body.equations)
            changes = [self.all._changes[each] for each in inner]
            bodies.append((self.all.of_values(body.parameters), inner, changes, self.all.of_values(body.results)))
        now = (self.all.of_values(equation.operands), self.all.of_values(equation.results), bodies)
        if not is_known:
            self.news.append(equation)
            self.new.add(equation)
            self.all._changes[number] = 0
        elif self.all._known[number] != now:
            self.news.append(equation)
            self.all._changes[number] += 1
        self.all._known[number] = now

    def _parameters_like(self, body: Function, before: object) -> Sequence[int | None]:
        """Numbers for the parameters of a nested function: those of the one that stood there before, if they fit."""
        if isinstance(before, Function) and before.parameter_types == body.parameter_types:
            known = self.all.of_values(before.parameters)
            if self.shown.isdisjoint(known):
                return known
        return [None] * len(body.parameters)

    def _give(self, value: Value, number: int | None) -> None:
        """A value has this number, or a new one; unless it has one already."""
        if value not in self.all.values:
            self.all.values[value] = self.all._number_value() if number is None else number
        self.shown.add(self.all.values[value])


def _is_like(equation: Equation, before: Equation) -> bool:
    """Whether an equation is another one, but for what it reads and what is nested in it."""
    return (
        equation.op is before.op
        and [each.type for each in equation.operands] == [each.type for each in before.operands]
        and [each.type for each in equation.results] == [each.type for each in before.results]
        and all(
            value == before.attributes[name] or isinstance(value, Function)
            for name, value in equation.attributes.items()
        )
    )
