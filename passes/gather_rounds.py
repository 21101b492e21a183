"""What no round of a scan waits for is done for all rounds at once, by the rules of `batchers/`.

Before the rounds comes what does not depend on the state: what a recurrent layer's inputs add to its gates is one
product. Behind them comes what only outputs or growing sums need: the gradient of a matrix that every round used is one
product of all rounds' operands, stacked, in place of a sum of products. Sums are rounded in another order then. What
moves is what is worth it, products above all, and what depends on that; all of it where there is no state.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diptych.ir import Builder, Equation, Function, Value, ops

from .batch import batch
from .batchers import BatchingError
from .batchers.table import shifted
from .nested import Nested
from .part_products import part_products
from .pattern import is_number
from .rounds import Rounds

LEAST = 3  # rounds that are worth it
MOST_BYTES = 1 << 27  # of what is made for all rounds at once

_BEFORE = frozenset({ops.matmul, ops.convolution, ops.gather})  # what is worth it before the rounds
_BEHIND = frozenset({ops.matmul, ops.convolution, ops.reduce_sum})
_FREE = frozenset({ops.constant, ops.iota})  # what stands wherever it is needed


def gather_rounds(function: Function) -> Function:
    """`function` with its scans' products gathered, nested functions included. Its dimensions must be numbers."""
    return Nested(_gathered).function(function)


def _gathered(function: Function, nested: Nested) -> Function:
    equations = nested.equations(function)
    plans = {equation: plan for equation in equations if (plan := _plan(equation)) is not None}
    if not plans and equations is function.equations:
        return function
    b = Builder(function.name)
    b.find_location = False
    values = {p: b.parameter(p.type, p.name) for p in function.parameters}
    for equation in equations:
        plan = plans.get(equation)
        if plan is None:
            b.replay(equation, values)
            continue
        b.location = equation.location
        results = plan.emit(b, [values[operand] for operand in equation.operands])
        b.suggest(results, [result.name for result in equation.results])
        values.update(zip(equation.results, results, strict=True))
    return b.finish(values[result] for result in function.results)


def _plan(equation: Equation) -> _Scan | None:
    """How a scan is taken apart; None of what stays as it is."""
    if equation.op is not ops.scan:
        return None
    attributes = equation.attributes
    length, body = attributes["length"], attributes["body"]
    if not isinstance(length, int) or length < LEAST or any(each.has_effect for each in body.equations):
        return None
    scan = _Scan(attributes)
    if not scan.is_worth_it():
        return None
    try:
        scan.prepare()
    except BatchingError:  # it has an op without a rule: a round at a time, as it was
        return None
    return scan


class _Scan:
    """A scan in three parts: `before` the rounds, the rounds, and `behind` them."""

    def __init__(self, attributes: Any) -> None:
        self.attributes = attributes
        self.length: int = attributes["length"]
        self.constants: int = attributes["constants"]
        self.carries: int = attributes["carries"]
        body = part_products(attributes["body"], self.constants, self.carries)
        self.rounds = Rounds(body, self.constants, self.carries)
        self.before = self._before()
        self.sums = dict(self.rounds.sums)
        self.behind = self._behind()
        while lost := [place for place in self.sums if not self._is_behind(place)]:
            for place in lost:
                del self.sums[place]
            self.behind = self._behind()
        self.sides = {term: self._sides(term) for terms in self.sums.values() for term in terms}

    def _before(self) -> set[Value]:
        """What is made before the rounds: products and the like that do not wait, what they need, and what is made of
        them; and what is the same in every round."""
        rounds = self.rounds
        early = [e for e in rounds.body.equations if rounds.waits.isdisjoint(e.results) and e.op not in _FREE]
        found: set[Value] = set()
        for equation in early:
            is_same = rounds.moving.isdisjoint(equation.results) and equation.op is not ops.broadcast
            is_worth_it = equation.op in _BEFORE or not self.carries
            if is_worth_it or is_same or not found.isdisjoint(equation.operands):
                found.update(equation.results)
        for equation in reversed(early):
            if not found.isdisjoint(equation.results):
                found.update(equation.results)
                found.update(value for value in equation.operands if self._is_made_early(value))
        return found

    def _is_made_early(self, value: Value) -> bool:
        made = self.rounds.maker.get(value)
        return made is not None and made.op not in _FREE and value not in self.rounds.waits

    def _behind(self) -> set[Value]:
        """What is made behind the rounds: products and sums that the next round does not need, and what is made of
        them."""
        rounds = self.rounds
        needed = rounds.needed(self.sums)
        added = {equation for place in self.sums for equation in rounds.additions(place)}
        found: set[Value] = set()
        for equation in rounds.body.equations:
            if equation in added or not needed.isdisjoint(equation.results):
                continue
            if equation.results[0] in self.before or equation.results[0] not in rounds.waits:
                continue
            if equation.op in _BEHIND or not found.isdisjoint(equation.operands):
                found.update(equation.results)
        return found

    def _is_behind(self, place: int) -> bool:
        return all(term in self.behind or self._is_known(term) for term in self.sums[place])

    def _is_known(self, value: Value) -> bool:
        """Whether a value is known for all rounds before these."""
        return value in self.before or value in self.rounds.body.parameters[: self.constants] + self.rounds.slices

    def is_worth_it(self) -> bool:
        """Whether anything but what is the same in every round moves, and what is made is not too large."""
        moved = (self.before & self.rounds.moving) | self.behind
        if not moved and not self.sums:
            return False
        together = {term for term, sides in self.sides.items() if sides != (term,)}  # not made for each round
        return self.length * sum(value.type.bytes() for value in moved - together) <= MOST_BYTES

    # -- the three parts as functions ----

    def prepare(self) -> None:
        """Makes the three functions. Raises BatchingError."""
        rounds, body = self.rounds, self.rounds.body
        constants = body.parameters[: self.constants]
        kept = [place for place in range(self.carries) if place not in self.sums]
        outputs = body.results[self.carries :]
        sides = [side for each in self.sides.values() for side in each]
        wanted = [output for output in outputs if output in self.behind]
        wanted += [side for side in sides if not self._is_known(side)]
        self.behind_results = list(dict.fromkeys(wanted))

        def is_given_behind(value: Value) -> bool:
            return value not in self.behind and (value in rounds.waits or value in self.before)

        behind, self.behind_taken = rounds.extracted("behind", self.behind_results, is_given_behind)
        own = self._outputs() + [value for value in self.behind_taken if value in rounds.waits]
        self.own_outputs = list(dict.fromkeys(own))
        results = [body.results[place] for place in kept] + self.own_outputs
        round, taken = rounds.extracted("round", results, lambda value: value in self.before)
        self.kept = kept
        self.before_results = [
            value for value in dict.fromkeys((*taken, *self.behind_taken, *outputs, *sides)) if value in self.before
        ]
        before, self.before_taken = rounds.extracted("before", self.before_results, lambda value: False)
        self.round, self.round_taken = round, taken
        changing = set(rounds.slices)
        self.before_function = batch(before, [v in changing for v in self.before_taken], self.length, draws=False)
        pairs = zip(self.before_results, self.before_function.is_batched, strict=True)
        self.changing = changing | {value for value, flag in pairs if flag} | set(self.own_outputs)
        flags = [value in self.changing for value in self.behind_taken]
        self.behind_function = batch(behind, flags, self.length, draws=False)
        self.same = set(constants) | {value for value in self.before_results if value not in self.changing}
        pairs = zip(self.behind_results, self.behind_function.is_batched, strict=True)
        self.changing |= {value for value, flag in pairs if flag}

    def _outputs(self) -> list[Value]:
        """The outputs that only the rounds can give."""
        outputs = self.rounds.body.results[self.carries :]
        return [output for output in outputs if output not in self.behind and not self._is_known(output)]

    def _sides(self, term: Value) -> tuple[Value, ...]:
        """The operands of which a term of a sum is made for all rounds together; the term itself where it must be made
        for each."""
        made = self.rounds.maker.get(term)
        if made is None or term not in self.behind or made.op not in (ops.matmul, ops.reduce_sum):
            return (term,)
        if made.op is ops.matmul and not all(operand in self.rounds.moving for operand in made.operands):
            return (term,)
        return made.operands

    # -- what stands in place of the scan ----

    def emit(self, b: Builder, operands: Sequence[Value]) -> list[Value]:
        """The results of the scan of these operands."""
        body = self.rounds.body
        known = dict(zip(body.parameters, operands, strict=True))
        before = b.inline(self.before_function.function, [known[value] for value in self.before_taken])
        known.update(zip(self.before_results, before, strict=True))
        last = self._emit_rounds(b, known)
        behind = b.inline(self.behind_function.function, [known[value] for value in self.behind_taken])
        known.update(zip(self.behind_results, behind, strict=True))
        results: list[Value] = []
        for place in range(self.carries):
            if place in self.sums:
                results.append(self._emit_sum(b, place, operands[self.constants + place], known))
            else:
                results.append(last[self.kept.index(place)])
        return [*results, *(self._stacked(b, known, output) for output in body.results[self.carries :])]

    def _emit_rounds(self, b: Builder, known: dict[Value, Value]) -> list[Value]:
        """The rounds, if any are left; their last state. What they give is known then, of all rounds."""
        if not self.kept and not self.own_outputs:
            return []
        state = [self.rounds.state[place] for place in self.kept]
        read = [value for value in self.round_taken if value not in state]
        constants = [value for value in read if value in self.same]
        sequences = [value for value in read if value not in self.same]
        order = dict(zip(self.round_taken, self.round.parameters, strict=True))
        for value in state:
            if value not in order:  # it is written, and not read
                order[value] = Value(value.type, value.name)
        round = Function(
            self.round.name,
            tuple(order[value] for value in (*constants, *state, *sequences)),
            self.round.equations,
            self.round.results,
        )
        found = b.scan(
            *(known[value] for value in (*constants, *state, *sequences)), body=round, length=self.length,
            constants=len(constants), carries=len(state), reverse=self.attributes["reverse"],
        )  # fmt: skip
        known.update(zip(self.own_outputs, found[len(state) :], strict=True))
        return list(found[: len(state)])

    def _emit_sum(self, b: Builder, place: int, start: Value, known: dict[Value, Value]) -> Value:
        """The state at `place` after all rounds: where it starts, with what they add to it."""
        total = None if is_number(b, start, 0) else start
        for term in self.sums[place]:
            part = self._emit_term(b, term, known)
            total = part if total is None else b.add(total, part)
        assert total is not None
        return total

    def _emit_term(self, b: Builder, term: Value, known: dict[Value, Value]) -> Value:
        """The sum of a term over all rounds."""
        sides = [self._stacked(b, known, side) for side in self.sides[term]]
        if self.sides[term] == (term,):
            return b.reduce_sum(sides[0], axes=(0,))
        made = self.rounds.maker[term]
        if made.op is ops.reduce_sum:
            return b.reduce_sum(sides[0], axes=(0, *shifted(made.attributes["axes"])))
        axes = {name: shifted(places) for name, places in made.attributes.items()}
        for name in ("lhs_contract", "rhs_contract"):
            axes[name] = (0, *axes[name])
        return b.matmul(*sides, **axes)

    def _stacked(self, b: Builder, known: dict[Value, Value], value: Value) -> Value:
        """A value of all rounds, [length, ...]."""
        found = known[value]
        if value in self.changing:
            return found
        return b.broadcast(found, shape=(self.length, *found.shape), axes=range(1, found.rank + 1))
