"""What is filled up by the ways to compute it in parts."""

from __future__ import annotations

from collections.abc import Iterable

from diptych.ir import Dimension, Equation, Value, ops

from ..splitters import RULES, WHOLE, Way
from .axes import Axis
from .rows import ANY_ROW, Made, Rows, own_axes, ragged, refused


class Proof:
    """That real rows of the results of an equation come of real rows of its operands alone. For each operand and each
    result the axes of which that is not shown are `open_operands` and `open_results`. `operands` and `attributes` stand
    for those of the equation, `sums` are axes of operands that are summed over, `lies` is how rows of results lie."""

    def __init__(self, rows: Rows, equation: Equation) -> None:
        self.rows, self.equation = rows, equation
        self.operands = rows.operands(equation)
        self.attributes = rows.attributes(equation)
        self.open_operands = [set(ragged(operand)) for operand in equation.operands]
        self.open_results = [set(ragged(result)) for result in equation.results]
        self.sums: list[list[int]] = [[] for _ in equation.operands]
        self.lies: list[list[Axis | None]] = [list(own_axes(result)) for result in equation.results]

    def reads(self, place: int, axes: Iterable[int], *, is_sum: bool = False) -> None:
        """It is shown that rows along these axes of an operand which are none change no real row of a result, or do not
        if they are zeros."""
        self.open_operands[place].difference_update(axes)
        if is_sum:
            self.sums[place].extend(axes)

    def makes(self, axis: int, lies: Axis) -> None:
        """It is shown that rows along an axis of the first result are real where this says."""
        self.open_results[0].discard(axis)
        self.lies[0][axis] = lies

    def finish(self) -> Made:
        """The equation, once its ways showed what was open."""
        rule = RULES.get(self.equation.op)
        if rule is None:
            raise refused(self.equation, "it may read any row")
        for way in rule.ways(self._of_numbers()):
            self._take(way)
        if any(self.open_operands) or any(self.open_results):
            raise refused(self.equation, ANY_ROW)
        masked = [
            self.rows.masked(operand, value, axes, 0)
            for operand, value, axes in zip(self.equation.operands, self.operands, self.sums, strict=True)
        ]
        made = self.rows.b.emit(self.equation.op, masked, self.attributes)
        return made, [tuple(each) for each in self.lies]

    def _of_numbers(self) -> Equation:
        op = self.equation.op
        types = op.infer([operand.type for operand in self.operands], self.attributes)
        return Equation(op, tuple(self.operands), self.attributes, tuple(map(Value, types)), self.equation.location)

    def _take(self, way: Way) -> None:
        """Counts a way that cuts ragged axes of one size alone, whose rows lie alike: two names may have one capacity,
        so that numbers do not tell."""
        equation = self.equation
        cut = [
            (operand.shape[axis], self.rows.axes[operand][axis])
            for operand, axis in zip(equation.operands, way.operands, strict=True)
            if axis != WHOLE
        ]
        made = [] if way.is_partial else [
            result.shape[axis] for result, axis in zip(equation.results, way.results, strict=True)
        ]  # fmt: skip
        sizes = {*made, *(dim for dim, _ in cut)}
        lies = {axis for _, axis in cut if axis is not None}
        if not cut or len(sizes) > 1 or not isinstance(sizes.pop(), Dimension) or len(lies) > 1:
            return
        for place, axis in enumerate(way.operands):
            if axis != WHOLE:
                self.reads(place, (axis,), is_sum=way.is_partial)
        if not way.is_partial:
            own = lies.pop() if lies else None
            for place, axis in enumerate(way.results):
                self.open_results[place].discard(axis)
                self.lies[place][axis] = own


def by_ways(rows: Rows, equation: Equation) -> Made:
    """An equation whose every ragged axis is cut by one of its ways."""
    proof = Proof(rows, equation)
    if equation.op is ops.broadcast:  # along an axis that is new all rows are the same
        axes: Iterable[int] = equation.attributes["axes"]
        proof.open_results[0].intersection_update(axes)
    return proof.finish()
