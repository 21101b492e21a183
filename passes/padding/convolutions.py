"""Convolutions along an axis that is filled up."""

from __future__ import annotations

from diptych.ir import Dimension, Equation, Op, ops
from diptych.ir.ops.contraction import convolution_layout

from .rows import Made, Rows, Rule
from .ways import Proof


def _convolution(rows: Rows, equation: Equation) -> Made:
    """Rows that are none are zeros, as beyond the ends: with a row of the result for each of x, or of both x and the
    kernel, no other row sees more."""
    proof = Proof(rows, equation)
    attributes, (x, kernel), (result,) = equation.attributes, equation.operands, equation.results
    roles = convolution_layout(attributes["layout"])
    axes = zip(roles.x[2:], roles.kernel[2:], roles.result[2:], strict=True)
    steps = zip(attributes["stride"], attributes["x_dilation"], attributes["kernel_dilation"], strict=True)
    for (own, other, made), (stride, dilation, kernel_dilation) in zip(axes, steps, strict=True):
        size = x.shape[own]
        if not isinstance(size, Dimension) or stride != 1 or dilation != 1:
            continue
        is_alike = result.shape[made] == size and not isinstance(kernel.shape[other], Dimension)
        is_summed = kernel.shape[other] == size and not isinstance(result.shape[made], Dimension)
        if is_alike:
            proof.reads(0, (own,), is_sum=True)
            proof.makes((made,), rows.in_order(equation, x, own))
        elif is_summed and kernel_dilation == 1:
            rows.in_order(equation, x, own)
            rows.in_order(equation, kernel, other)
            proof.reads(0, (own,), is_sum=True)
            proof.reads(1, (other,), is_sum=True)
    return proof.finish()


PADDED: dict[Op, Rule] = {ops.convolution: _convolution}
