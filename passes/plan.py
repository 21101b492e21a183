"""Memory planning: which bytes of one arena each value lives in, decided before the program runs.

A value's bytes are free again after its last use, views of it included. Results of the function never lie in the
arena: each is a buffer of its own or, where the caller donated a parameter that is no longer read, that parameter's.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from diptych.ir import Equation, Function, Op, Shape, TensorType, Value, ops

from .aliasing import VIEWS, Overwriting, overwriting
from .packing import Buffer, most_in_use, pack

ALIGNMENT = 64  # bytes: a cache line, and what vector instructions like
WORTH_PACKING = 1 << 16  # bytes that places wasted
MOST_PACKED = 512  # buffers, since packing them takes quadratic time


@dataclass(frozen=True, slots=True)
class Slot:
    """A piece of the arena: offset and size in bytes."""

    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """Where the values of a function live.

    `slots`: values in the arena. `scratch`: the extra room of the equations, by place, that need some. `freed`: the
    pieces, by place, whose values nobody reads behind that equation. `donated`: results that take over a parameter's
    buffer, as place of the result -> place of the parameter. `arena` is its size, `outputs` that of the results' own
    buffers, both in bytes.
    """

    slots: dict[Value, Slot]
    scratch: dict[int, Slot]
    freed: dict[int, list[Slot]]
    donated: dict[int, int]
    arena: int
    outputs: int


def plan_memory(
    function: Function,
    *,
    donate: Iterable[int] = (),
    donate_from: int = 0,
    views: frozenset[Op] = VIEWS,
    in_arena: Callable[[Equation], bool] = lambda equation: True,
    scratch: Callable[[Equation], int] = lambda equation: 0,
) -> MemoryPlan:
    """Plans `function`, whose dimensions must be numbers.

    `donate` are the places of parameters that it may overwrite, and `donate_from` the place of the first equation that
    may do so: a backend names the one behind all that may raise, so that nothing is lost when they do. `views` are the
    ops whose results the backend makes without copying; `in_arena` says whether an equation writes into places it is
    given (others bring memory of their own); `scratch` how many bytes it needs while it runs. Raises TypeError where
    a dimension has a name.
    """
    return _Planner(function, tuple(donate), donate_from, views, in_arena, scratch).plan()


class _Planner:
    def __init__(
        self,
        function: Function,
        donate: Sequence[int],
        donate_from: int,
        views: frozenset[Op],
        in_arena: Callable[[Equation], bool],
        scratch: Callable[[Equation], int],
    ) -> None:
        self.function, self.donate, self.donate_from = function, donate, donate_from
        self.views, self.in_arena, self.scratch = views, in_arena, scratch
        self.owner = self._owners()
        self.last_use = self._last_uses()
        self.results = set(function.results)
        self.slots: dict[Value, Slot] = {}
        self.scratches: dict[int, Slot] = {}
        self.free = _FreeList()
        self.buffers: list[tuple[Slot, int, int]] = []  # all there ever were, with the places from and to which
        self.begun: dict[int, int] = {}  # those in use, by offset
        self.freed: dict[int, list[Slot]] = {}
        self.donated_place = {function.parameters[place]: place for place in donate}
        self.overwritings: dict[int, Overwriting] = {}

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
                self.scratches[place] = self._take(needed, place)
                self._give(self.scratches[place], place)
            for value in dying.pop(place, ()):
                if value not in taken:
                    self._give(self.slots[value], place)
            for result in equation.results:
                if result in self.slots:
                    end = self.last_use.get(result, -1)
                    if end <= place:
                        self._give(self.slots[result], place)
                    else:
                        dying.setdefault(end, []).append(result)
        donated = self._donations()
        outputs = sum(
            rounded(result.type.bytes()) for place, result in enumerate(self.function.results) if place not in donated
        )
        arena = self._packed()
        return MemoryPlan(self.slots, self.scratches, self.freed, donated, arena, outputs)

    def _take(self, size: int, place: int) -> Slot:
        slot = Slot(self.free.take(rounded(size)), rounded(size))
        self.begun[slot.offset] = len(self.buffers)
        self.buffers.append((slot, place, len(self.function.equations)))
        return slot

    def _give(self, slot: Slot, place: int) -> None:
        """What is written behind the equation at `place` may lie there."""
        self.free.give(slot)
        self.freed.setdefault(place, []).append(slot)
        number = self.begun.pop(slot.offset)
        self.buffers[number] = slot, self.buffers[number][1], place

    def _packed(self) -> int:
        """The size of the arena, once all that is in it is known and packed anew where places that were given one after
        another waste much."""
        buffers = [Buffer(slot.size, first, last) for slot, first, last in self.buffers]
        if len(buffers) > MOST_PACKED or self.free.size - most_in_use(buffers) < WORTH_PACKING:
            return self.free.size
        offsets, size = pack(buffers)
        if size >= self.free.size:
            return self.free.size
        moved = {id(slot): Slot(offset, slot.size) for (slot, _, _), offset in zip(self.buffers, offsets, strict=True)}
        self.slots = {value: moved[id(slot)] for value, slot in self.slots.items()}
        self.scratches = {place: moved[id(slot)] for place, slot in self.scratches.items()}
        self.freed = {place: [moved[id(slot)] for slot in slots] for place, slots in self.freed.items()}
        return size

    def _place_results(self, place: int, equation: Equation) -> set[Value]:
        """Gives the results their slots; returns the operands whose slots were taken over."""
        taken: set[Value] = set()
        if equation.op in self.views or equation.op is ops.constant or not self.in_arena(equation):
            return taken
        if equation.op is ops.parallel:
            taken = self._take_over(place, equation)
        own = self._overwriting(place)
        dying = self._dying_operands(place, equation, own)
        for number, result in enumerate(equation.results):
            if result in self.results or result in self.slots:
                continue
            candidates = dying.get(_form(result), [])
            # The first was read first: where it is still read when the result is written, so are the others.
            if candidates and own.allows(number, candidates[0]):
                victim = candidates.pop(0)
                self.slots[result] = self.slots[victim]
                taken.add(victim)
            else:
                self.slots[result] = self._take(result.type.bytes(), place)
        return taken

    def _overwriting(self, place: int) -> Overwriting:
        found = self.overwritings.get(place)
        if found is None:
            found = self.overwritings[place] = overwriting(self.function.equations[place])
        return found

    def _take_over(self, place: int, equation: Equation) -> set[Value]:
        """Gives results of a parallel equation the slots of operands that their parts may be written over; these."""
        dying = {
            number
            for number, operand in enumerate(equation.operands)
            if operand in self.slots and self.last_use[operand] == place
        }
        free = {number for number, result in enumerate(equation.results) if result not in self.results}
        pairs = self._pairs(equation, dying, free)
        for result, operand in pairs.items():
            self.slots[equation.results[result]] = self.slots[equation.operands[operand]]
        return {equation.operands[operand] for operand in pairs.values()}

    def _pairs(self, equation: Equation, operands: set[int], results: set[int]) -> dict[int, int]:
        """Which of the `results` of a parallel equation may be written over which of the `operands`: part by part, as
        one part may be written while another one is still read."""
        attributes, times = equation.attributes, Counter(equation.operands)
        viewed = {self.owner.get(operand) for operand in equation.operands}
        cut = [
            number
            for number in sorted(operands)
            if attributes["operand_axes"][number] != -1
            and times[equation.operands[number]] == 1
            and equation.operands[number] not in viewed
        ]
        if not cut:
            return {}
        found = [
            _Planner(body, cut, 0, self.views, self.in_arena, self.scratch)._donations(results)
            for _, body in equation.functions()
        ]
        axes = attributes["operand_axes"], attributes["result_axes"]
        return {
            result: operand
            for result, operand in found[0].items()
            if axes[0][operand] == axes[1][result] and all(other.get(result) == operand for other in found)
        }

    def _dying_operands(self, place: int, equation: Equation, own: Overwriting) -> dict[tuple[Shape, int], list[Value]]:
        """The operands whose slots are free once this equation has read them, by form, those read last at the end."""
        viewed = {self.owner.get(operand) for operand in equation.operands}
        found: dict[tuple[Shape, int], list[Value]] = {}
        ending = [
            operand
            for operand in own.last_read
            if operand in self.slots and self.last_use[operand] == place and operand not in viewed
        ]
        for operand in sorted(ending, key=lambda operand: own.last_read[operand][0]):
            found.setdefault(_form(operand), []).append(operand)
        return found

    def _donations(self, only: Collection[int] | None = None) -> dict[int, int]:
        """Results, of those at the places `only`, that can be written into a donated parameter of their type: neither
        it nor a view of it may be read after the result's equation, nor by that equation unless element by element."""
        end = {place: self.last_use.get(self.function.parameters[place], -1) for place in self.donate}
        by_type: dict[TensorType, list[int]] = {}  # those that are free first come last
        for place in sorted(self.donate, key=lambda place: (-end[place], -place)):
            by_type.setdefault(self.function.parameters[place].type, []).append(place)
        taken: set[int] = set()
        donated: dict[int, int] = {}
        results = self._writable_results()
        if only is not None:
            results = {place: made for place, made in results.items() if place in only}
        overwritable: dict[int, _Overwritable | _Paired] = {}  # a group may have many results
        for place, (equation, number) in results.items():
            if equation not in overwritable:
                overwritable[equation] = self._overwritable(equation, end)
            chosen = overwritable[equation].take(number, self.function.results[place].type)
            if chosen is not None:
                donated[place] = chosen
                taken.add(chosen)
        for place, (equation, _) in results.items():
            waiting = by_type.get(self.function.results[place].type, [])
            while waiting and waiting[-1] in taken:
                waiting.pop()
            if place not in donated and waiting and end[waiting[-1]] < equation:
                donated[place] = waiting[-1]
                taken.add(waiting[-1])
        return dict(sorted(donated.items()))

    def _writable_results(self) -> dict[int, tuple[int, int]]:
        """The results that their equations may write into a parameter, by place, each the first time that it stands:
        which equation makes it, as which of its results."""
        first: dict[Value, int] = {}
        for place, result in enumerate(self.function.results):
            first.setdefault(result, place)
        found: dict[int, tuple[int, int]] = {}
        for maker, equation in enumerate(self.function.equations):
            if maker < self.donate_from or equation.op in self.views or first.keys().isdisjoint(equation.results):
                continue
            if self.in_arena(equation):
                found.update(
                    (first[result], (maker, number))
                    for number, result in enumerate(equation.results)
                    if result in first
                )
        return dict(sorted(found.items()))

    def _overwritable(self, place: int, end: dict[int, int]) -> _Overwritable | _Paired:
        equation = self.function.equations[place]
        if equation.op is ops.parallel:
            places = {operand: self.donated_place.get(value, -1) for operand, value in enumerate(equation.operands)}
            ending = {operand for operand, parameter in places.items() if parameter >= 0 and end[parameter] == place}
            wanted = {number for number, result in enumerate(equation.results) if result in self.results}
            pairs = self._pairs(equation, ending, wanted)
            return _Paired({result: places[operand] for result, operand in pairs.items()})
        own, viewed = self._overwriting(place), {self.owner.get(operand) for operand in equation.operands}
        readings: dict[TensorType, list[tuple[int, bool, int]]] = {}
        for operand, (step, in_place) in own.last_read.items():
            parameter = self.donated_place.get(operand)
            if parameter is not None and end[parameter] == place and operand not in viewed:
                readings.setdefault(operand.type, []).append((step, in_place, -parameter))
        return _Overwritable(own, {type: sorted(found) for type, found in readings.items()})


@dataclass(frozen=True, slots=True)
class _Overwritable:
    """The donated parameters that an equation is the last to read, and may write over: by type, in order of the steps
    that read them, as (step, whether it may write over them itself, minus the parameter's place)."""

    own: Overwriting
    readings: dict[TensorType, list[tuple[int, bool, int]]]

    def take(self, number: int, type: TensorType) -> int | None:
        """The place of one for result `number`, which no other result gets: what was read last is still in cache."""
        step, found = self.own.written[number], self.readings.get(type, [])
        if step is None:
            return None
        last = bisect_left(found, (step, True, 1)) - 1
        if last >= 0 and found[last][:2] == (step, False):
            last = bisect_left(found, (step, False)) - 1
        return -found.pop(last)[2] if last >= 0 else None


@dataclass(frozen=True, slots=True)
class _Paired:
    """The donated parameters that results of a parallel equation may be written over, by place."""

    pairs: dict[int, int]

    def take(self, number: int, type: TensorType) -> int | None:
        return self.pairs.pop(number, None)


def _form(value: Value) -> tuple[Shape, int]:
    """Values of one form lie alike in memory."""
    return value.shape, value.dtype.bytes


def rounded(size: int) -> int:
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
