"""What a program takes at most while it runs, known before: its arena, and what lies outside of it meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cached_property

from diptych.ir import Equation, Function, Location, Value, ops
from diptych.passes.aliasing import VIEWS
from diptych.passes.plan import MemoryPlan

from .layout import ANYWHERE, Layout, in_arena, is_constant, runs
from .strides import Strides
from .temporaries import temporaries


@dataclass(frozen=True, slots=True)
class Alive:
    """A value that has memory, in the arena or outside, from the equation at place `first` to that at `last`; or
    several, one of each of `parts` that run at the same time, of that size together."""

    value: Value
    size: int
    first: int
    last: int
    parts: int = 1


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment of a run: what runs, None where results are given back, and the values that there are. `rest`: bytes in
    which none of them lie: room for what runs, and what is free just then. `origins`: where values were made, in the
    user's lines; parameters are not among them."""

    equation: Equation | None
    there: list[Alive]
    rest: int
    origins: dict[Value, Location | None]


class Peak:
    """Of a program of `function`, laid out by `layout` as `plan` says, whose nested functions' programs take what
    `nested` tells.

    Counted are the arena; those of nested programs, which lie on other grounds; results, in buffers of their own or of
    donated parameters; values that kernels make; and what kernels and numpy take on their way. Parameters of the
    caller's that are not written over are not, and neither are constants and what Python itself takes.
    """

    def __init__(
        self, function: Function, plan: MemoryPlan, layout: Layout, nested: Callable[[Function], Peak]
    ) -> None:
        self.function, self.plan, self.layout, self.nested = function, plan, layout, nested

    @cached_property
    def bytes(self) -> int:
        """The most bytes at one time."""
        return self.plan.arena + self.grounds + self.donated + max(self.outside)

    @cached_property
    def grounds(self) -> int:
        """Bytes of the arenas of programs that run within this one."""
        return max((peak.plan.arena + peak.grounds for e in self.function.equations for peak in self._programs(e)),
                   default=0)  # fmt: skip

    @cached_property
    def outside(self) -> list[int]:
        """Bytes outside the arenas while each equation runs, and when the results are given back in the end."""
        equations = self.function.equations
        found = _added_up(self._made_outside, len(equations))
        for place, equation in enumerate(equations):
            found[place] += self._beside(equation, self.layout)
        found[-1] += sum(result.type.bytes() for result in self._copied_results)
        return found

    @cached_property
    def place(self) -> int:
        """The place of the equation while which most is in use, or that behind the last one: where results are given
        back."""
        used = [sum(each) for each in zip(_added_up(self.placed, self._count), self.outside, strict=True)]
        for place, slot in self.plan.scratch.items():
            used[place] += slot.size
        return max(range(len(used)), key=used.__getitem__)

    def moment(self) -> Moment:
        """What runs at `place`, and what there is then, the largest first: of parts, what is in them."""
        end = self._count
        copied = [Alive(result, result.type.bytes(), end, end) for result in self._copied_results]
        values = (*self.placed, *self._made_outside, *self._given, *copied)
        there = [each for each in values if each.first <= self.place <= each.last]
        equation = self.function.equations[self.place] if self.place < end else None
        origins = {result: e.location for e in self.function.equations for result in e.results}
        if equation is not None and equation.op is ops.parallel:
            for body, count in reversed(runs(equation)):
                inner = Peak(body, self.layout.shared.nested(body), self.layout.shared, self.nested).moment()
                given = {*body.parameters, *body.results}  # parts of what is there already
                there += [Alive(each.value, count * each.size, each.first, each.last, count)
                          for each in inner.there if each.value not in given]  # fmt: skip
                origins.update(inner.origins)
            equation = inner.equation or equation
        rest = max(0, self.bytes - sum(each.size for each in there))
        return Moment(equation, sorted(there, key=lambda each: -each.size), rest, origins)

    @property
    def _count(self) -> int:
        return len(self.function.equations)

    # -- what lives how long ----

    @cached_property
    def _strides(self) -> Strides:
        return Strides(self.function)

    def _is_view(self, equation: Equation) -> bool:
        return equation.op in VIEWS and equation.results[0] not in self._strides.copies

    @cached_property
    def _last_reads(self) -> dict[Value, int]:
        """The last equation that reads each value, or a view of it; that behind the last one for results."""
        owner: dict[Value, Value] = {}
        last: dict[Value, int] = {}
        for place, equation in enumerate(self.function.equations):
            for operand in equation.operands:
                last[owner.get(operand, operand)] = place
            if self._is_view(equation):
                source = equation.operands[0]
                owner[equation.results[0]] = owner.get(source, source)
        for result in self.function.results:
            last[owner.get(result, result)] = len(self.function.equations)
        return last

    @cached_property
    def placed(self) -> list[Alive]:
        """The values in the arena."""
        last, found = self._last_reads, dict[int, Alive]()
        done: list[Alive] = []
        for place, equation in enumerate(self.function.equations):
            for result in equation.results:
                slot = self.plan.slots.get(result)
                if slot is None:
                    continue
                before = found.get(slot.offset)
                if before is not None and before.last >= place:  # it is written over what it reads
                    done.append(Alive(before.value, before.size, before.first, place - 1))
                elif before is not None:
                    done.append(before)
                found[slot.offset] = Alive(result, slot.size, place, last.get(result, place))
        return [*done, *found.values()]

    @cached_property
    def _made_outside(self) -> list[Alive]:
        """Values that kernels make, and results in buffers of their own."""
        last = self._last_reads
        donated = {self.function.results[place] for place in self.plan.donated}
        return [
            Alive(result, result.type.bytes(), place, last.get(result, place))
            for place, equation in enumerate(self.function.equations)
            if not self._is_view(equation) and not is_constant(equation)
            for result in equation.results
            if result not in self.plan.slots and result not in donated
        ]

    @cached_property
    def _given(self) -> list[Alive]:
        """Donated parameters that results are written into."""
        end = len(self.function.equations)
        parameters = (self.function.parameters[place] for place in self.plan.donated.values())
        return [Alive(parameter, parameter.type.bytes(), 0, end) for parameter in parameters]

    @property
    def donated(self) -> int:
        """Bytes of the parameters that results are written into."""
        return sum(each.size for each in self._given)

    @property
    def _copied_results(self) -> Iterator[Value]:
        """The results that are copied in the end: parameters, views, constants, and what was a result before."""
        own = {
            result for e in self.function.equations if e.op not in VIEWS and not is_constant(e) for result in e.results
        }
        for result in self.function.results:
            if result in own:
                own.remove(result)
            else:
                yield result

    # -- what equations take ----

    def _programs(self, equation: Equation) -> Iterator[Peak]:
        """The peaks of the programs that run within an equation."""
        if in_arena(equation):
            for _, body in equation.functions():
                for member in body.equations:
                    yield from self._programs(member)
        else:
            for _, body in equation.functions():
                yield self.nested(body)

    def _beside(self, equation: Equation, layout: Layout) -> int:
        """Bytes that an equation takes outside of the arenas while it runs, beside its results."""
        if equation.op is ops.parallel:
            return sum(count * self._in_part(equation, body, layout) for body, count in runs(equation))
        if equation.op is ops.fused:
            group: Function = equation.attributes["body"]
            pieces = layout.pieces(group)
            block = group if pieces is None else pieces.main.block.function
            return self._within(block, layout, Strides(block), ())
        if equation.op is ops.scan:
            round: Function = equation.attributes["body"]
            return self._within(round, layout, Strides(round), ()) if in_arena(equation) else 0
        if not equation.op.has_functions:
            copied = self._strides.copied(equation) if equation.op is ops.matmul else 0
            return temporaries(equation) + copied
        most = max((max(self.nested(body).outside) for _, body in equation.functions()), default=0)
        # A loop has the state of a round while it makes the next one.
        return most if equation.op is ops.while_loop else max(0, most - sum(r.type.bytes() for r in equation.results))

    def _in_part(self, equation: Equation, body: Function, layout: Layout) -> int:
        """Bytes outside of the arenas that a part of a parallel equation takes which `body` computes."""
        strides = Strides(body, self._strides.parts(equation, body))
        axes = zip(body.results, equation.attributes["result_axes"], strict=True)
        return self._within(body, layout.shared, strides, {result for result, axis in axes if axis != 0})

    def _within(self, body: Function, layout: Layout, strides: Strides, apart: Collection[Value]) -> int:
        """Bytes outside of the arenas while a function runs whose equations are written in line: its results lie where
        those of the equation do, unless a kernel makes them, or they have no place side by side, as those `apart`, in
        which all but elementwise operations need to be written."""
        peak = Peak(body, layout.nested(body), layout, self.nested)
        peak._strides = strides
        written = {
            result
            for member in body.equations
            if in_arena(member)
            for result in member.results
            if result not in apart or member.op in ANYWHERE
        }
        made = [each for each in peak._made_outside if each.value not in written]
        found = _added_up(made, len(body.equations))
        for place, member in enumerate(body.equations):
            found[place] += peak._beside(member, layout)
        return max(found)


def _added_up(alive: list[Alive], count: int) -> list[int]:
    """Bytes while each of `count` equations runs, and behind the last of them."""
    changes = [0] * (count + 2)
    for each in alive:
        changes[each.first] += each.size
        changes[each.last + 1] -= each.size
    total, found = 0, list[int]()
    for change in changes[: count + 1]:
        total += change
        found.append(total)
    return found
