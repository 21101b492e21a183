"""Memory planning: which bytes of one arena each value lives in, decided before the program runs.

A value's bytes are free again after its last use, views of it included. Results of the function never lie in the
arena: each is a buffer of its own or, where the caller donated a parameter that is no longer read, that parameter's.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from diptych.ir import Equation, Function, Op, TensorType, Value, ops

from .elementwise import ELEMENTWISE

ALIGNMENT = 64  # bytes: a cache line, and what vector instructions like

VIEWS: frozenset[Op] = frozenset(
    (ops.reshape, ops.transpose, ops.slice, ops.broadcast, ops.reverse, ops.identity, ops.stop_gradient)
)

# Operands that a result may be written over, by place; of the other elementwise ops, all of them.
_OVERWRITES = {ops.select: (2,), ops.clamp: (1,), ops.complex: (), ops.real: (), ops.imag: ()}


@dataclass(frozen=True, slots=True)
class Slot:
    """A piece of the arena: offset and size in bytes."""

    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """Where the values of a function live.

    `slots`: values in the arena. `scratch`: the extra room of the equations, by place, that need some. `donated`:
    results that take over a parameter's buffer, as place of the result -> place of the parameter. `arena` is its
    size, `outputs` that of the results' own buffers, both in bytes.
    """

    slots: dict[Value, Slot]
    scratch: dict[int, Slot]
    donated: dict[int, int]
    arena: int
    outputs: int

    @property
    def peak(self) -> int:
        """Bytes that running the function takes beside its arguments."""
        return self.arena + self.outputs


def plan_memory(
    function: Function,
    *,
    donate: Iterable[int] = (),
    views: frozenset[Op] = VIEWS,
    in_arena: Callable[[Equation], bool] = lambda equation: True,
    scratch: Callable[[Equation], int] = lambda equation: 0,
) -> MemoryPlan:
    """Plans `function`, whose dimensions must be numbers.

    `donate` are the places of parameters that it may overwrite; `views` the ops whose results the backend makes
    without copying; `in_arena` says whether an equation writes into places it is given (others bring memory of their
    own); `scratch` how many bytes it needs while it runs. Raises TypeError for named dimensions.
    """
    return _Planner(function, tuple(donate), views, in_arena, scratch).plan()


class _Planner:
    def __init__(
        self,
        function: Function,
        donate: Sequence[int],
        views: frozenset[Op],
        in_arena: Callable[[Equation], bool],
        scratch: Callable[[Equation], int],
    ) -> None:
        self.function, self.donate, self.views, self.in_arena, self.scratch = function, donate, views, in_arena, scratch
        self.owner = self._owners()
        self.last_use = self._last_uses()
        self.results = set(function.results)
        self.slots: dict[Value, Slot] = {}
        self.scratches: dict[int, Slot] = {}
        self.free = _FreeList()

    def _owners(self) -> dict[Value, Value]:
        """For each view, the value whose bytes it shows."""
        owner: dict[Value, Value] = {}
        for equation in self.function.equations:
            if equation.op in self.views:
                source = equation.operands[0]
                owner[equation.results[0]] = owner.get(source, source)
        return owner

    def _last_uses(self) -> dict[Value, int]:
        """The last equation that reads each value or a view of it. Views among the results are copied at the end."""
        last: dict[Value, int] = {}
        for place, equation in enumerate(self.function.equations):
            for operand in equation.operands:
                last[self.owner.get(operand, operand)] = place
        for result in self.function.results:
            last[self.owner.get(result, result)] = len(self.function.equations)
        return last

    def plan(self) -> MemoryPlan:
        dying: dict[int, list[Value]] = {}
        for place, equation in enumerate(self.function.equations):
            taken = self._place_results(place, equation)
            needed = self.scratch(equation)
            if needed:
                self.scratches[place] = Slot(self.free.take(_rounded(needed)), _rounded(needed))
                self.free.give(self.scratches[place])
            for value in dying.pop(place, ()):
                if value not in taken:
                    self.free.give(self.slots[value])
            for result in equation.results:
                if result in self.slots:
                    end = self.last_use.get(result, -1)
                    if end <= place:
                        self.free.give(self.slots[result])
                    else:
                        dying.setdefault(end, []).append(result)
        donated = self._donations()
        outputs = sum(
            _rounded(result.type.bytes()) for place, result in enumerate(self.function.results) if place not in donated
        )
        return MemoryPlan(self.slots, self.scratches, donated, self.free.size, outputs)

    def _place_results(self, place: int, equation: Equation) -> set[Value]:
        """Gives the results their slots; returns the operands whose slots were taken over."""
        taken: set[Value] = set()
        if equation.op in self.views or equation.op is ops.constant or not self.in_arena(equation):
            return taken
        for number, result in enumerate(equation.results):
            if result in self.results:
                continue
            size = _rounded(result.type.bytes())
            victim = self._overwritable(place, equation, number, taken)
            if victim is not None:
                self.slots[result] = self.slots[victim]
                taken.add(victim)
            else:
                self.slots[result] = Slot(self.free.take(size), size)
        return taken

    def _overwritable(self, place: int, equation: Equation, number: int, taken: set[Value]) -> Value | None:
        size = equation.results[number].type.bytes()
        for operand in in_place_operands(equation, number):
            fits = operand.type.bytes() == size and operand in self.slots and operand not in taken
            if fits and self.last_use[operand] == place and not self._is_viewed(equation, operand):
                return operand
        return None

    def _is_viewed(self, equation: Equation, value: Value) -> bool:
        """Whether the equation reads a view of `value` too, whose elements lie in another order."""
        return any(self.owner.get(operand) is value for operand in equation.operands)

    def _donations(self) -> dict[int, int]:
        """Results that can be written into a donated parameter of their type: neither it nor a view of it may be read
        after the result's equation, nor by that equation unless element by element."""
        maker = {result: place for place, equation in enumerate(self.function.equations) for result in equation.results}
        by_type: dict[TensorType, list[int]] = {}
        for place in self.donate:
            by_type.setdefault(self.function.parameters[place].type, []).append(place)
        donated: dict[int, int] = {}
        seen: set[Value] = set()
        for place, result in enumerate(self.function.results):
            if result not in maker or result in self.owner or result in seen:
                continue
            equation = self.function.equations[maker[result]]
            if not self.in_arena(equation):
                continue
            seen.add(result)
            overwritable = in_place_operands(equation, equation.results.index(result))
            for candidate in by_type.get(result.type, ()):
                parameter = self.function.parameters[candidate]
                end = self.last_use.get(parameter, -1)
                in_place = parameter in overwritable and not self._is_viewed(equation, parameter)
                if end < maker[result] or (end == maker[result] and in_place):
                    donated[place] = candidate
                    by_type[result.type].remove(candidate)
                    break
        return donated


def in_place_operands(equation: Equation, number: int = 0) -> tuple[Value, ...]:
    """The operands that result `number` may overwrite: those whose elements have been read by the time it writes."""
    if equation.op is ops.fused:
        return _in_place_of_group(equation, number)
    if equation.op not in ELEMENTWISE:
        return ()
    shape = equation.results[0].shape
    places = _OVERWRITES.get(equation.op, range(len(equation.operands)))
    return tuple(equation.operands[place] for place in places if equation.operands[place].shape == shape)


def _in_place_of_group(equation: Equation, number: int) -> tuple[Value, ...]:
    """A group runs its equations in order, block by block. An operand read at its own place alone, and never after
    the equation that writes the result, may be overwritten."""
    body = equation.attributes["body"]
    result = body.results[number]
    if body.results.count(result) > 1:
        return ()
    finished: dict[Value, bool] = {}
    writing = False
    for member in body.equations:
        in_place = in_place_operands(member)
        for operand in member.operands:
            fine = operand in in_place and operand.type == result.type
            finished[operand] = finished.get(operand, True) and fine and not writing
        writing = writing or result in member.results
    return tuple(
        operand
        for operand, parameter in zip(equation.operands, body.parameters, strict=True)
        if finished.get(parameter, False) and equation.operands.count(operand) == 1
    )


def _rounded(size: int) -> int:
    return max(1, -(-size // ALIGNMENT)) * ALIGNMENT


class _FreeList:
    """Free pieces of the arena, the smallest that fits taken first; neighbours are joined when given back."""

    def __init__(self) -> None:
        self.size = 0
        self.by_start: dict[int, int] = {}  # offset -> size
        self.by_end: dict[int, int] = {}  # end -> offset
        self.by_size: list[tuple[int, int]] = []  # (size, offset), ascending

    def take(self, size: int) -> int:
        place = bisect_left(self.by_size, (size, -1))
        if place < len(self.by_size):
            found, offset = self.by_size[place]
            self._remove(offset, found)
            if found > size:
                self._insert(offset + size, found - size)
            return offset
        last = self.by_end.get(self.size)
        if last is not None:  # grow the piece at the end
            offset = last
            self._remove(offset, self.size - offset)
        else:
            offset = self.size
        self.size = offset + size
        return offset

    def give(self, slot: Slot) -> None:
        offset, size = slot.offset, slot.size
        before = self.by_end.get(offset)
        if before is not None:
            self._remove(before, offset - before)
            offset, size = before, size + offset - before
        after = self.by_start.get(offset + size)
        if after is not None:
            self._remove(offset + size, after)
            size += after
        self._insert(offset, size)

    def _insert(self, offset: int, size: int) -> None:
        self.by_start[offset] = size
        self.by_end[offset + size] = offset
        insort(self.by_size, (size, offset))

    def _remove(self, offset: int, size: int) -> None:
        del self.by_start[offset]
        del self.by_end[offset + size]
        del self.by_size[bisect_left(self.by_size, (size, offset))]
