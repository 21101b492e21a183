"""Products of many steps become one: what an unrolled recurrence takes step by step though nothing waits for it.

The products of all slices of a value with the same matrix are slices of the value's product. A sum of products, as is
the gradient of a weight that every step used, is the product of all their left sides, stacked, with all their right
sides; a sum of sums likewise. Sums are rounded in another order then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from diptych.ir import Builder, Equation, Function, Value, ops

from .nested import Nested

LEAST = 3  # products that are worth one


@dataclass(frozen=True, slots=True)
class _Slice:
    """Where a value lies in another one, whose axis it has not: at an index of it."""

    whole: Value
    axis: int
    index: int


def gather_products(function: Function) -> Function:
    """`function` with its many products gathered, nested functions included. Its dimensions must be numbers."""
    return Nested(_gathered).function(function)


def _gathered(function: Function, nested: Nested) -> Function:
    walk = _Walk(function, nested)
    return walk.rebuilt() if walk.is_needed else function


class _Walk:
    """What is gathered in one function, and the function rebuilt so."""

    def __init__(self, function: Function, nested: Nested) -> None:
        self.source, self.equations = function, nested.equations(function)
        self.maker = {result: e for e in self.equations for result in e.results}
        self.uses: dict[Value, int] = {}
        for value in (*function.results, *(o for e in self.equations for o in e.operands)):
            self.uses[value] = self.uses.get(value, 0) + 1
        self.slices = {value: found for value in self.maker if (found := self._slice_of(value)) is not None}
        self.of_slices = self._products_of_slices()  # first equation of each group -> the group
        self.sums = self._sums_of_products()  # last addition -> its terms
        changed = self.equations is not function.equations
        self.is_needed = changed or bool(self.of_slices) or bool(self.sums)

    def _slice_of(self, value: Value) -> _Slice | None:
        """Where a value lies that is a slice of one index, without the axis."""
        reshape = self.maker[value]
        if reshape.op is not ops.reshape:
            return None
        cut = self.maker.get(reshape.operands[0])
        if cut is None or cut.op is not ops.slice:
            return None
        whole, shape = cut.operands[0], cut.results[0].shape
        axes = [axis for axis, (own, size) in enumerate(zip(shape, whole.shape, strict=True)) if own != size]
        if len(axes) != 1 or shape[axes[0]] != 1 or value.shape != (*shape[: axes[0]], *shape[axes[0] + 1 :]):
            return None
        return _Slice(whole, axes[0], int(cut.attributes["start"][axes[0]]))

    # -- products of slices with one matrix ----

    def _products_of_slices(self) -> dict[Equation, list[Equation]]:
        groups: dict[Any, list[Equation]] = {}
        for equation in self.equations:
            if equation.op is not ops.matmul or equation.attributes["lhs_batch"]:
                continue
            lhs, rhs = equation.operands
            found = self.slices.get(lhs)
            if found is not None:
                key = (found.whole, found.axis, rhs, *equation.attributes.values())
                groups.setdefault(key, []).append(equation)
        chosen = (group for group in groups.values() if self._is_most(group))
        return {group[0]: group for group in chosen}

    def _is_most(self, group: Sequence[Equation]) -> bool:
        """Whether the slices are at least half of the value that they are of."""
        places = [self.slices[equation.operands[0]] for equation in group]
        different = {place.index for place in places}
        return len(different) >= LEAST and 2 * len(different) >= int(places[0].whole.shape[places[0].axis])

    def _emit_slices(self, b: Builder, group: Sequence[Equation], values: dict[Value, Value]) -> None:
        """The product of the whole value, and each equation's slice of it."""
        first = group[0]
        place = self.slices[first.operands[0]]
        contract = tuple(axis + (axis >= place.axis) for axis in first.attributes["lhs_contract"])
        free = [axis for axis in range(place.whole.rank) if axis not in contract]
        attributes = {**first.attributes, "lhs_contract": contract}
        b.location = first.location
        product = b.matmul(values[place.whole], values[first.operands[1]], **attributes)
        at = free.index(place.axis)  # where the slices' axis lies in the product
        for equation in group:
            index = self.slices[equation.operands[0]].index
            b.location = equation.location
            start, limit = [0] * product.rank, list(product.shape)
            start[at], limit[at] = index, index + 1
            piece = b.slice(product, start=start, limit=limit, stride=[1] * product.rank)
            (result,) = equation.results
            values[result] = b.reshape(piece, shape=result.shape)

    # -- sums of products ----

    def _sums_of_products(self) -> dict[Equation, list[Value]]:
        """The additions at the end of long sums, with their terms, where enough of these are alike."""
        inner = {
            operand
            for equation in self.equations
            if equation.op is ops.add
            for operand in equation.operands
            if self._is_inner(operand)
        }
        found: dict[Equation, list[Value]] = {}
        for equation in self.equations:
            if equation.op is ops.add and equation.results[0] not in inner:
                terms = self._terms(equation)
                if any(len(group) >= LEAST for group in self._alike(terms).values()):
                    found[equation] = terms
        return found

    def _is_inner(self, value: Value) -> bool:
        """Whether a value is a sum that only another addition reads, once."""
        made = self.maker.get(value)
        return made is not None and made.op is ops.add and self.uses[value] == 1

    def _terms(self, equation: Equation) -> list[Value]:
        terms: list[Value] = []
        pending = list(reversed(equation.operands))
        while pending:
            value = pending.pop()
            if self._is_inner(value):
                pending.extend(reversed(self.maker[value].operands))
            else:
                terms.append(value)
        return terms

    def _alike(self, terms: Sequence[Value]) -> dict[Any, list[Value]]:
        """The terms that are products or sums of one form, each read once, by form."""
        groups: dict[Any, list[Value]] = {}
        for term in terms:
            made = self.maker.get(term)
            if made is None or self.uses[term] != 1 or not term.dtype.is_differentiable:
                continue
            shapes = tuple(operand.shape for operand in made.operands)
            if made.op is ops.matmul and len(made.attributes["lhs_contract"]) == 1:
                if not made.attributes["lhs_batch"] and self._is_worth_it(made):
                    groups.setdefault((made.op, shapes, *made.attributes.values()), []).append(term)
            elif made.op is ops.reduce_sum:
                groups.setdefault((made.op, shapes, *made.attributes.values()), []).append(term)
        return groups

    def _is_worth_it(self, product: Equation) -> bool:
        """Whether copying both sides of a product moves less than adding it to others."""
        sides = sum(operand.type.bytes() for operand in product.operands)
        return 2 * sides < 3 * product.results[0].type.bytes()

    def _emit_sum(self, b: Builder, equation: Equation, terms: Sequence[Value], values: dict[Value, Value]) -> None:
        """The sum with one product for those that are alike, each where the first of its kind stood."""
        place: dict[Value, list[Value]] = {}
        gone: set[Value] = set()
        for group in self._alike(terms).values():
            if len(group) >= LEAST:
                place[group[0]] = group
                gone.update(group[1:])
        total: Value | None = None
        for term in terms:
            if term in gone:
                continue
            part = self._gathered(b, place[term], values) if term in place else values[term]
            b.location = equation.location
            total = part if total is None else b.add(total, part)
        assert total is not None
        values[equation.results[0]] = total

    def _gathered(self, b: Builder, group: Sequence[Value], values: dict[Value, Value]) -> Value:
        """The sum of products or sums that are alike, of stacks of their operands."""
        made = [self.maker[term] for term in group]
        b.location = made[0].location
        made.sort(key=lambda equation: self._index(equation.operands[0]))
        stacks = [self._stacked(b, [e.operands[side] for e in made], values) for side in range(len(made[0].operands))]
        attributes = made[0].attributes
        if made[0].op is ops.reduce_sum:
            return b.reduce_sum(*stacks, axes=(0, *(axis + 1 for axis in attributes["axes"])))
        left, right = attributes["lhs_contract"], attributes["rhs_contract"]
        return b.matmul(*stacks, lhs_contract=(0, left[0] + 1), rhs_contract=(0, right[0] + 1))

    def _index(self, value: Value) -> int:
        """The index of a slice; of others all the same, so that they keep their order."""
        found = self.slices.get(value)
        return found.index if found is not None else 0

    def _stacked(self, b: Builder, operands: Sequence[Value], values: dict[Value, Value]) -> Value:
        """Operands one above another: the value that they are all slices of, or a copy of each."""
        first = self.slices.get(operands[0])
        if first is not None and first.axis == 0 and first.whole.shape[0] == len(operands):
            every = [_Slice(first.whole, 0, index) for index in range(len(operands))]
            if [self.slices.get(operand) for operand in operands] == every:
                return values[first.whole]
        shape = (1, *operands[0].shape)
        return b.concatenate(*(b.reshape(values[operand], shape=shape) for operand in operands), axis=0)

    # -- the function rebuilt ----

    def rebuilt(self) -> Function:
        b = Builder(self.source.name)
        b.find_location = False
        values = {p: b.parameter(p.type, p.name) for p in self.source.parameters}
        skipped = {equation for group in self.of_slices.values() for equation in group}
        for equation in self.equations:
            if equation in self.of_slices:
                self._emit_slices(b, self.of_slices[equation], values)
            elif equation in self.sums:
                self._emit_sum(b, equation, self.sums[equation], values)
            elif equation not in skipped:
                b.replay(equation, values)
        return b.finish(values[result] for result in self.source.results)
