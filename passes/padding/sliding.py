"""What slides along an axis that is filled up: convolutions, and windows. Rows that are none are as beyond its ends."""

from __future__ import annotations

from diptych.ir import Dimension, Equation, Op, ops
from diptych.ir.ops.contraction import convolution_layout

from .axes import ordered
from .reductions import lowest
from .rows import Made, Rows, Rule, ragged
from .ways import Proof


def _convolution(rows: Rows, equation: Equation) -> Made:
    """There rows are zeros: a row of the result is made of those of x that its window is on, or of all with one of the
    kernel each."""
    proof = Proof(rows, equation)
    (x, kernel), (result,) = equation.operands, equation.results
    roles = convolution_layout(equation.attributes["layout"])
    for own, other, made in zip(roles.x[2:], roles.kernel[2:], roles.result[2:], strict=True):
        is_ragged = [isinstance(value.shape[axis], Dimension) for value, axis in ((kernel, other), (result, made))]
        if not isinstance(x.shape[own], Dimension) or is_ragged not in ([False, True], [True, False]):
            continue
        rows.in_order(equation, x, own)
        proof.reads(0, (own,), is_sum=True)
        if is_ragged[0]:
            rows.in_order(equation, kernel, other)
            proof.reads(1, (other,), is_sum=True)
        else:
            proof.makes(made, ordered(result.shape[made]))
    return proof.finish()


def _windows(rows: Rows, equation: Equation) -> Made:
    proof = Proof(rows, equation)
    x, *others = equation.operands
    (result,) = equation.results
    along = [axis for axis in ragged(x) if _slides(equation, axis)]
    for axis in along:
        for place, operand in enumerate(equation.operands):
            rows.in_order(equation, operand, axis)
            proof.reads(place, (axis,))
        proof.makes(axis, ordered(result.shape[axis]))
    neutral = 0 if equation.op is ops.window_sum else lowest(x.dtype.numpy)
    proof.operands[0] = rows.masked(x, proof.operands[0], along, neutral)
    for place, operand in enumerate(others, 1):
        proof.operands[place] = rows.masked(operand, proof.operands[place], along, 0)
    return proof.finish()


def _slides(equation: Equation, axis: int) -> bool:
    """Whether windows along an axis are more than a row each."""
    given = equation.attributes
    return (given["window"][axis], given["stride"][axis], given["padding"][axis]) != (1, 1, (0, 0))


PADDED: dict[Op, Rule] = {
    ops.convolution: _convolution,
    **dict.fromkeys((ops.window_sum, ops.window_max, ops.window_gather, ops.window_scatter), _windows),
}
