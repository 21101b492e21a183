"""Products in a scan's body, in parts that wait for the state and parts that do not.

A product of things side by side is a sum of products: of [x, h] and a matrix, that of x does not wait for h. Of a
product that is read in slices each slice is a product by itself: that of the gradient which flows on to the round
before, and the rest, which nothing waits for.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from diptych.ir import Builder, Equation, Function, Value, ops

from .rounds import Rounds


def part_products(body: Function, constants: int, carries: int) -> Function:
    """`body`, of a scan with so many constants and carries, with products in parts; itself where there are none."""
    parts = _Parts(Rounds(body, constants, carries))
    return parts.rebuilt() if parts.concatenations or parts.slices else body


class _Parts:
    def __init__(self, rounds: Rounds) -> None:
        self.rounds = rounds
        self.maker = rounds.maker
        self.readers: dict[Value, list[Equation]] = {}
        for equation in rounds.body.equations:
            for operand in equation.operands:
                self.readers.setdefault(operand, []).append(equation)
        self.needed = rounds.needed(rounds.sums)
        self.concatenations: dict[Equation, int] = {}  # products, and the side whose concatenation is taken apart
        self.slices: dict[Equation, Equation] = {}  # slices, and the products that they are of
        for equation in rounds.body.equations:
            if equation.op is not ops.matmul or equation.attributes["lhs_batch"]:
                continue
            if len(equation.attributes["lhs_contract"]) != 1:
                continue
            side = self._concatenated(equation)
            if side is not None:
                self.concatenations[equation] = side
            elif self._is_read_in_slices(equation):
                self.slices.update((reader, equation) for reader in self.readers[equation.results[0]])

    def _concatenated(self, product: Equation) -> int | None:
        """The side that is a concatenation along the axis that is summed, of what waits and what does not."""
        for side, name in enumerate(("lhs_contract", "rhs_contract")):
            made = self.maker.get(product.operands[side])
            if made is None or made.op is not ops.concatenate:
                continue
            (axis,) = product.attributes[name]
            waiting = {operand in self.rounds.waits for operand in made.operands}
            if made.attributes["axis"] == axis and len(waiting) == 2:
                return side
        return None

    def _is_read_in_slices(self, product: Equation) -> bool:
        """Whether only slices along one axis of a matrix that does not change are read, of which some are not needed
        for the next round, or do not cover the product."""
        (result,) = product.results
        readers = self.readers.get(result, [])
        if not readers or result in self.rounds.body.results or result not in self.rounds.waits:
            return False
        places = {self._cut(reader) if reader.op is ops.slice else None for reader in readers}
        if None in places or len(places) != 1:
            return False
        owner, _ = _owner(product, int(next(iter(places)) or 0))
        if product.operands[owner] in self.rounds.moving:
            return False
        wanted = {reader.results[0] in self.needed for reader in readers}
        covered = sum(reader.results[0].type.bytes() for reader in readers)
        return len(wanted) == 2 or covered < result.type.bytes()

    def _cut(self, slice: Equation) -> int | None:
        """The only axis along which a slice takes a part, without gaps; None of others."""
        (operand,), (result,) = slice.operands, slice.results
        axes = [axis for axis in range(operand.rank) if operand.shape[axis] != result.shape[axis]]
        return axes[0] if len(axes) == 1 and set(slice.attributes["stride"]) == {1} else None

    # -- the body rebuilt ----

    def rebuilt(self) -> Function:
        body = self.rounds.body
        b = Builder(body.name)
        b.find_location = False
        values = {p: b.parameter(p.type, p.name) for p in body.parameters}
        for equation in body.equations:
            b.location = equation.location
            if equation in self.concatenations:
                values[equation.results[0]] = self._sum(b, equation, values)
            elif equation in self.slices:
                values[equation.results[0]] = self._slice(b, equation, self.slices[equation], values)
            else:
                b.replay(equation, values)
        return b.finish([values[result] for result in body.results])

    def _sum(self, b: Builder, product: Equation, values: dict[Value, Value]) -> Value:
        """The product of a concatenation, as one product for each run of parts that wait, or do not."""
        side = self.concatenations[product]
        attributes = product.attributes
        names = "lhs_contract", "rhs_contract"
        axis, other_axis = (int(attributes[name][0]) for name in (names[side], names[1 - side]))
        other = values[product.operands[1 - side]]
        total: Value | None = None
        first = 0
        parts = self.maker[product.operands[side]].operands
        for _, run in groupby(parts, key=lambda part: part in self.rounds.waits):
            own = [values[part] for part in run]
            piece = own[0] if len(own) == 1 else b.concatenate(*own, axis=axis)
            width = piece.type.static_shape()[axis]
            pair = [piece, _cut_of(b, other, other_axis, first, first + width)]
            first += width
            term = b.matmul(*pair[:: -1 if side else 1], **attributes)
            total = term if total is None else b.add(total, term)
        assert total is not None
        return total

    def _slice(self, b: Builder, slice: Equation, product: Equation, values: dict[Value, Value]) -> Value:
        axis = self._cut(slice)
        assert axis is not None
        owner, place = _owner(product, axis)
        operands = [values[operand] for operand in product.operands]
        start, limit = int(slice.attributes["start"][axis]), int(slice.attributes["limit"][axis])
        operands[owner] = _cut_of(b, operands[owner], place, start, limit)
        return b.matmul(*operands, **product.attributes)


def _owner(product: Equation, axis: int) -> tuple[int, int]:
    """The operand that an axis of a product comes from, and which axis it is there."""
    free: list[tuple[int, int]] = []
    for side, name in enumerate(("lhs_contract", "rhs_contract")):
        contract: Sequence[int] = product.attributes[name]
        free += [(side, place) for place in range(product.operands[side].rank) if place not in contract]
    return free[axis]


def _cut_of(b: Builder, x: Value, axis: int, start: int, limit: int) -> Value:
    """x[start:limit] along an axis."""
    starts, limits = [0] * x.rank, list(x.shape)
    starts[axis], limits[axis] = start, limit
    return b.slice(x, start=starts, limit=limits, stride=[1] * x.rank)
