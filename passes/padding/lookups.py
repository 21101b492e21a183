"""What picks rows by indices."""

from __future__ import annotations

from collections.abc import Sequence

from diptych.ir import Dimension, Equation, Op, ops

from ..expressions import full
from .rows import Made, Rows, Rule, ragged
from .ways import Proof


def _picked(rows: Rows, equation: Equation) -> Made:
    proof = Proof(rows, equation)
    axes: Sequence[int] = equation.attributes["axes"]
    proof.reads(0, axes)
    _keep_among_rows(proof, axes)
    if equation.op is ops.scatter:
        for axis in proof.open_results[0].intersection(axes):
            proof.makes((axis,), rows.in_order(equation, equation.operands[0], axis))
    return proof.finish()


def _keep_among_rows(proof: Proof, axes: Sequence[int]) -> None:
    """Treats indices of real rows as out of bounds where they pick a row that is none."""
    rows, equation = proof.rows, proof.equation
    b, x = rows.b, equation.operands[0]
    for place, axis in enumerate(axes, len(proof.operands) - len(axes)):
        dim, index = x.shape[axis], proof.operands[place]
        if not isinstance(dim, Dimension):
            continue
        rows.in_order(equation, x, axis)
        count = b.broadcast(b.cast(rows.count(dim), dtype=index.dtype), shape=index.shape, axes=())
        if equation.attributes["bounds"] == "clip":
            proof.operands[place] = b.min(index, b.sub(count, full(b, index.type, 1)))
            continue
        beyond = b.ge(index, count)
        for own in ragged(equation.operands[place]):
            beyond = b.bitwise_and(beyond, rows.are_real(equation.operands[place], own))
        proof.operands[place] = b.select(beyond, full(b, index.type, rows.size(dim)), index)


PADDED: dict[Op, Rule] = dict.fromkeys((ops.gather, ops.scatter), _picked)
