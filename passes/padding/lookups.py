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
    x, first = equation.operands[0], len(equation.operands) - len(axes)
    proof.reads(0, axes)
    for place, axis in enumerate(axes, first):
        _keep_among_rows(proof, place, axis)
        _leave_out(proof, place, axis)
    if equation.op is ops.scatter:
        for axis in proof.open_results[0].intersection(axes):
            proof.makes(axis, rows.in_order(equation, x, axis))
        if equation.attributes["bounds"] == "drop":  # with what other rows would write
            for place in range(1, len(equation.operands)):
                proof.reads(place, ragged(equation.operands[first]))
    return proof.finish()


def _keep_among_rows(proof: Proof, place: int, axis: int) -> None:
    """Treats indices as out of bounds where they pick a row that is none."""
    rows, equation = proof.rows, proof.equation
    b, x, index = rows.b, equation.operands[0], proof.operands[place]
    size = x.shape[axis]
    if not isinstance(size, Dimension):
        return
    rows.in_order(equation, x, axis)
    count = b.broadcast(b.cast(rows.count(size), dtype=index.dtype), shape=index.shape, axes=())
    if equation.attributes["bounds"] == "clip":
        proof.operands[place] = b.min(index, b.sub(count, full(b, index.type, 1)))
    else:
        proof.operands[place] = b.select(b.ge(index, count), full(b, index.type, rows.size(size)), index)


def _leave_out(proof: Proof, place: int, axis: int) -> None:
    """Has indices that are none pick nothing, or what does no harm: some may be out of bounds."""
    rows, equation = proof.rows, proof.equation
    own, bounds = equation.operands[place], equation.attributes["bounds"]
    if bounds == "clip":
        return
    none = rows.size(equation.operands[0].shape[axis]) if bounds == "drop" else 0
    proof.operands[place] = rows.masked(own, proof.operands[place], ragged(own), none)


PADDED: dict[Op, Rule] = dict.fromkeys((ops.gather, ops.scatter), _picked)
