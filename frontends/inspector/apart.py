"""Which condition kept two equations of a function from being in one fused group.

Groups are formed one after another, each of all that is ready then. So two equations are apart where one of them can be
in no group, or where the group that took the first of them did not take the other: since it refused that, or since that
still waited for something. What the walks of `fuse` note says which it was. No group is too small for that: two that
belong together are enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from diptych.ir import Equation, Function, Shape, Value, ops
from diptych.ir.names import ValueNames
from diptych.ir.types import shape_text
from diptych.passes.elementwise import ELEMENTWISE, REDUCTIONS
from diptych.passes.fuse import MIN_SIZE, Fusion, Group, Refusal, is_leading, rows_of, walks


@dataclass(frozen=True, slots=True)
class Condition:
    """What did not hold, by its `name` and in a `sentence`. `of`: the equation that it did not hold for. `others`: more
    that the sentence speaks of. `cause`: where something else had to come first, what kept that."""

    name: str
    sentence: str
    of: Equation
    others: tuple[Equation, ...] = ()
    cause: Condition | None = None


class Apart:
    """The groups of one function, and why equations are not in one."""

    def __init__(self, function: Function) -> None:
        names = ValueNames(function)
        self.walks = [_Walk(fusion, names) for fusion in walks(function, is_noting=True)]

    def condition(self, one: Equation, other: Equation) -> Condition:
        """The first condition that did not hold for two equations, neither of them free, that are in no group
        together."""
        walk = next((walk for walk in self.walks if walk.has_grouped(one) or walk.has_grouped(other)), self.walks[-1])
        return walk.condition(walk.places[one], walk.places[other])


class _Walk:
    """One walk of `fuse` over a function. Equations are known by their place in it."""

    def __init__(self, fusion: Fusion, names: ValueNames) -> None:
        self.fusion, self.names, self.equations = fusion, names, fusion.equations
        self.places = {equation: place for place, equation in enumerate(self.equations)}
        self.number = {place: number for number, group in enumerate(fusion.groups) for place in group.members}

    @cached_property
    def awaited(self) -> list[list[int]]:
        """For each equation those that it waits for."""
        found = [list[int]() for _ in self.equations]
        for place, users in enumerate(self.fusion.users):
            for user in users:
                found[user].append(place)
        return found

    def has_grouped(self, equation: Equation) -> bool:
        """Whether an equation came into a group of several in this walk."""
        place = self.places[equation]
        number = self.number.get(place)
        if number is None:
            return False
        return any(place in part and len(part) >= MIN_SIZE for part in self.fusion.groups[number].parts)

    def condition(self, one: int, other: int) -> Condition:
        """The condition that kept two equations apart."""
        never = self._never(one) or self._never(other)
        if never is not None:
            return never
        shapes = [self._shape(one), self._shape(other)]
        if not _may_share(*shapes):
            works = f"{self._name(one)} works on {_text(shapes[0])} and {self._name(other)} on {_text(shapes[1])}"
            sentence = f"{works}: a group works on one shape, and on rows of it"
            return Condition("shape", sentence, self.equations[other], (self.equations[one],))
        for place in (one, other):
            if place not in self.number:  # a reduction that starts no group, and went alone
                return self._made_before(place)
        if self.number[one] == self.number[other]:
            sentence = f"nothing that can be fused with them connects {self._name(one)} and {self._name(other)}"
            return Condition("parted", sentence, self.equations[other], (self.equations[one],))
        first, second = sorted((one, other), key=lambda place: self.number[place])
        return self._outside(second, first)

    def _outside(self, place: int, member: int) -> Condition:
        """Why the group of a member did not take an equation that came later."""
        group = self.fusion.groups[self.number[member]]
        behind = self._behind(member)
        between = self._holding_up(place, self.number[member], behind)
        cause = self._not_taken(between, group)
        if between == place:
            return cause
        name = "path" if between in behind else "order"
        waits = f"{self._name(place)} {self._waits(place, between)} {self._name(between)}"
        if name == "path":
            waits = f"{waits}, which {self._waits(between, member)} {self._name(member)}"
        else:
            waits = f"{waits}, which comes behind the group of {self._name(member)}"
        others = (self.equations[between], *cause.others)
        return Condition(name, f"{waits}; {cause.sentence}", self.equations[place], others, cause)

    def _behind(self, place: int) -> set[int]:
        """What waits for an equation, directly or not."""
        found: set[int] = set()
        pending = [place]
        while pending:
            for user in self.fusion.users[pending.pop()]:
                if user not in found:
                    found.add(user)
                    pending.append(user)
        return found

    def _holding_up(self, place: int, number: int, preferred: set[int]) -> int:
        """What held up an equation when a group was complete and itself waited for nothing: one of the preferred, where
        that can be. The equation itself, where it waited for nothing."""
        while True:
            missing = [each for each in self.awaited[place] if self.fusion.scheduled[each] > number]
            if not missing:
                return place
            place = next((each for each in missing if each in preferred), missing[0])

    # -- why a group did not take what waits for nothing ----

    def _not_taken(self, place: int, group: Group) -> Condition:
        never = self._never(place)
        if never is not None:
            return never
        if not group.closed.isdisjoint(self.fusion.sources[place]):
            return self._incomplete(place, group)
        match group.refused.get(place):
            case Refusal.ACROSS:
                return self._across(place, group)
            case Refusal.OTHER_ROWS:
                return self._other_rows(place, group)
            case Refusal.ROWS_OF_ROWS:
                rows = (
                    f"{self._name(place)} reduces {_text(self._shape(place))}, rows of the group, over their last axes"
                )
                return Condition("rows_of_rows", f"{rows}, and a group has no rows of rows", self.equations[place])
            case Refusal.MADE_BEFORE:
                return self._made_before(place)
            case _:
                return self._of_another_shape(place, group)

    def _never(self, place: int) -> Condition | None:
        """Why an equation can be in no group; None where it can."""
        equation = self.equations[place]
        op, name = equation.op, self._name(place)
        if op in REDUCTIONS:
            axes: tuple[int, ...] = equation.attributes["axes"]
            if axes and (rows_of(equation) is not None or is_leading(equation)):
                return None
            reduces = f"{name} reduces {_text(equation.operands[0].shape)} over axes {list(axes)}"
            return Condition("axes", f"{reduces}, and a group does over the last axes or over the first", equation)
        if op is ops.fused:
            return Condition("grouped", f"{name} is made by a group already", equation)
        if op not in ELEMENTWISE:
            return Condition("op", f"{op.name} is never fused", equation)
        if equation.results[0].shape:
            return None
        return Condition("number", f"{name} is a single number, and groups work on arrays", equation)

    def _incomplete(self, place: int, group: Group) -> Condition:
        value = next(value for value in self.fusion.sources[place] if value in group.closed)
        reads = f"{self._name(place)} reads %{self.names[value]}, which is complete only when its group has ended"
        return Condition("incomplete", reads, self.equations[place], (self._maker(value),))

    def _across(self, place: int, group: Group) -> Condition:
        through = self.fusion.dependencies.through_free
        for operand in self.equations[place].operands:
            source, axes = through(operand), list(self.fusion.axes_of(operand))
            along = list(range(source.rank))
            if source in group.inside and axes != along:
                reads = f"{self._name(place)} reads %{self.names[source]} along axes {axes}"
                sentence = f"{reads}, and a group goes on with it along axes {along} alone"
                return Condition("across", sentence, self.equations[place], (self._maker(source),))
        raise AssertionError("what is refused so reads such an operand")

    def _other_rows(self, place: int, group: Group) -> Condition:
        first = next(each for each in group.members if self._makes_rows(each))
        own, other = (_text(self.equations[each].results[0].shape) for each in (place, first))
        sentence = f"{self._name(place)} makes rows {own}, and the group has rows {other}, of {self._name(first)}"
        return Condition("other_rows", sentence, self.equations[place], (self.equations[first],))

    def _made_before(self, place: int) -> Condition:
        (operand,) = self.equations[place].operands
        name, maker = f"%{self.names[operand]}", self.fusion.maker.get(operand)
        if maker is None:
            which = "is a parameter"
        elif self.fusion.free[maker]:
            which = "only repeats what is made"
        elif maker in self.number:
            which = "is complete only when its group has ended"
        else:
            which = "is made by no group"
        sentence = f"{self._name(place)} reduces {name} over the first axes, as only a group does that makes {name}"
        others = () if maker is None else (self.equations[maker],)
        return Condition("made_before", f"{sentence}, and {name} {which}", self.equations[place], others)

    def _of_another_shape(self, place: int, group: Group) -> Condition:
        equation, works = self.equations[place], f"{self._name(place)} works on {_text(self._shape(place))}"
        if self._shape(place) != group.rows:
            shapes = _text(group.shape) + (f" and rows {_text(group.rows)}" if group.rows is not None else "")
            return Condition("shape", f"{works}, and the group on {shapes}", equation)
        if group.inside.isdisjoint(self.fusion.sources[place]):
            return Condition("rows", f"{works}, rows of the group, and reads none that it makes", equation)
        late = next(each for each in self.awaited[place] if each in group.refused)
        sentence = f"{works}, rows of the group, and waited for {self._name(late)}, which that refused"
        return Condition("late", sentence, equation, (self.equations[late],))

    # -- words ----

    def _shape(self, place: int) -> Shape:
        shape = self.fusion.domains[place]
        assert shape is not None
        return shape

    def _maker(self, value: Value) -> Equation:
        return self.equations[self.fusion.maker[value]]

    def _makes_rows(self, place: int) -> bool:
        equation = self.equations[place]
        return equation.op in REDUCTIONS and rows_of(equation) is not None

    def _name(self, place: int) -> str:
        equation = self.equations[place]
        return f"%{self.names[equation.results[0]]}" if equation.results else equation.op.name

    def _waits(self, place: int, awaited: int) -> str:
        results = self.equations[awaited].results
        return "reads" if any(value in results for value in self.fusion.sources[place]) else "waits for"


def _may_share(one: Shape, other: Shape) -> bool:
    """Whether a group on one of the shapes can work on the other too: on the same, or on rows of it."""
    short, long = sorted((one, other), key=len)
    return long[: len(short)] == short


def _text(shape: Shape) -> str:
    return f"[{shape_text(shape)}]"
