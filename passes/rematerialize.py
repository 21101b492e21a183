"""Gradient checkpointing: what is computed on the way forward, and needed again much later, is computed again there.

Source: T. Chen, B. Xu, C. Zhang, C. Guestrin, "Training deep nets with sublinear memory cost" (2016).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from diptych.ir import Equation, Value, ops


def rematerialized(
    equations: Sequence[Equation], results: Iterable[Value], parts: Mapping[int, int], late: Collection[int]
) -> list[Equation]:
    """The equations, in which late ones read values of a part that are computed again, just before the first of them
    does.

    `parts` says which part an equation belongs to, `late` which ones, of none, come in the backward, by place. What
    others than late equations read of a part from outside, and results of the whole, are kept; so is what goes into a
    part, from which it is computed again. No copy begins before what the first late equation reads beside it is there,
    and no late equation that reads kept values alone before its turn.
    """
    return _Rematerialization(equations, results, parts, late).run()


class _Rematerialization:
    def __init__(
        self, equations: Sequence[Equation], results: Iterable[Value], parts: Mapping[int, int], late: Collection[int]
    ) -> None:
        self.equations, self.parts, self.late = equations, parts, late
        self.maker = {result: place for place, equation in enumerate(equations) for result in equation.results}
        self.kept = self._kept(results)
        self.needed: dict[int, dict[Value, None]] = {}  # by part
        self.copies: dict[Value, Value] = {}

    def _kept(self, results: Iterable[Value]) -> set[Value]:
        kept = set(results)
        for place, equation in enumerate(self.equations):
            if place not in self.late:
                own = self.parts.get(place)
                kept.update(value for value in equation.operands if self._part(value) != own)
            if equation.op.has_effect:  # which happens once
                kept.update(equation.results)
        return kept

    def _part(self, value: Value) -> int | None:
        return self.parts.get(self.maker.get(value, -1))

    def run(self) -> list[Equation]:
        needed: dict[int | None, dict[Value, None]] = {}  # by part
        for place in sorted(self.late):
            for value in self.equations[place].operands:
                part = self._part(value)
                if part is not None and value not in self.kept:
                    needed.setdefault(part, {})[value] = None
        made: list[Equation] = []
        latest: Value | None = None  # of what came late
        for place, equation in enumerate(self.equations):
            if place in self.late:
                for part in dict.fromkeys(map(self._part, equation.operands)):
                    # All that is made before: of a part in which gradients are taken, late equations read values early.
                    there = [value for value in needed.get(part, ()) if self.maker[value] < place]
                    if part is not None and there:
                        for value in there:
                            del needed[part][value]
                        made.extend(self._again(part, there, place))
                if latest is not None and all(map(self._is_early, equation.operands)):
                    equation = self._behind_others(equation, latest, made)
                equation = _reading(equation, self.copies)
                latest = next((each for each in equation.results if not self._is_constant(each)), latest)
            made.append(equation)
        return made

    def _is_early(self, value: Value) -> bool:
        """Whether it is there when the forward has ended."""
        return value not in self.copies and self.maker.get(value, -1) not in self.late

    def _behind_others(self, equation: Equation, latest: Value, made: list[Equation]) -> Equation:
        """An equation of the backward that reads what is kept of parts alone: it could begin long before it must, and
        what it makes would be kept, too. It waits for the `latest` value before it."""
        guarded: dict[Value, Value] = {}
        for value in equation.operands:
            if self._part(value) is not None and not self._is_constant(value) and value not in guarded:
                guarded[value] = Value(value.type, value.name)
                made.append(Equation(ops.after, (value, latest), {}, (guarded[value],), equation.location))
        return _reading(equation, guarded)

    def _again(self, part: int, wanted: Iterable[Value], reader: int) -> list[Equation]:
        """What computes values of a part again, for the equation at the place `reader` first."""
        first = self._first(part, reader)
        made: list[Equation] = []
        guarded: dict[Value, Value] = {}
        for place in self._behind(part, wanted):
            equation = self.equations[place]
            operands: list[Value] = []
            for value in equation.operands:
                found = self.copies.get(value) or guarded.get(value)
                if found is None and first is not None and not self._is_constant(value):
                    found = guarded[value] = Value(value.type, value.name)
                    made.append(Equation(ops.after, (value, first), {}, (found,), equation.location))
                operands.append(found or value)
            results = tuple(Value(value.type, value.name) for value in equation.results)
            made.append(Equation(equation.op, tuple(operands), equation.attributes, results, equation.location))
            self.copies.update(
                (old, new) for old, new in zip(equation.results, results, strict=True) if old not in self.kept
            )
        return made

    def _behind(self, part: int, wanted: Iterable[Value]) -> list[int]:
        """The equations of a part that values come from, down to what is kept, in order."""
        found: set[int] = set()
        pending = list(wanted)
        while pending:
            value = pending.pop()
            if self._part(value) != part or value in self.kept or value in self.copies or self.maker[value] in found:
                continue
            found.add(self.maker[value])
            pending.extend(self.equations[self.maker[value]].operands)
        return sorted(found)

    def _first(self, part: int, reader: int) -> Value | None:
        """What a part waits for: what its first reader reads beside it or, where that reads nothing else that comes
        late, what was computed last before; None where nothing was."""
        beside = [value for value in self.equations[reader].operands if self.maker.get(value, -1) in self.late]
        if beside:
            return self.copies.get(beside[0], beside[0])
        for place in range(reader - 1, -1, -1):
            equation = self.equations[place]
            if place in self.late or self.parts.get(place) == part:
                for value in equation.results:
                    if not self._is_constant(value) and (place in self.late or value in self.kept):
                        return value
        return None

    def _is_constant(self, value: Value) -> bool:
        """Whether it is a constant, or one repeated."""
        while (place := self.maker.get(value)) is not None:
            equation = self.equations[place]
            if equation.op is not ops.broadcast:
                return not equation.operands
            value = equation.operands[0]
        return False


def _reading(equation: Equation, others: Mapping[Value, Value]) -> Equation:
    """The equation, reading others in place of its operands."""
    if others.keys().isdisjoint(equation.operands):
        return equation
    operands = tuple(others.get(value, value) for value in equation.operands)
    return Equation(equation.op, operands, equation.attributes, equation.results, equation.location)
