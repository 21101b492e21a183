"""Splitting rules of `ir/ops/contraction.py`."""

from __future__ import annotations

from diptych.ir import Equation, ops
from diptych.ir.ops.contraction import convolution_layout

from .table import WHOLE, Reasons, Splitter, Splitters, Way


def _matmul(equation: Equation) -> list[Way]:
    """Along a batch axis or a free one, or as a sum of products of parts."""
    (lhs, rhs), attributes = equation.operands, equation.attributes
    left_batch, right_batch = attributes["lhs_batch"], attributes["rhs_batch"]
    left_contract, right_contract = attributes["lhs_contract"], attributes["rhs_contract"]
    ways = [Way(pair, (place,)) for place, pair in enumerate(zip(left_batch, right_batch, strict=True))]
    place = len(left_batch)
    for axis in range(lhs.rank):
        if axis not in left_batch and axis not in left_contract:
            ways.append(Way((axis, WHOLE), (place,)))
            place += 1
    for axis in range(rhs.rank):
        if axis not in right_batch and axis not in right_contract:
            ways.append(Way((WHOLE, axis), (place,)))
            place += 1
    ways.extend(Way(pair, (0,), is_partial=True) for pair in zip(left_contract, right_contract, strict=True))
    return ways


def _convolution(equation: Equation) -> list[Way]:
    """Along the batch or the output channels, or as a sum over parts of the input channels."""
    roles = convolution_layout(equation.attributes["layout"])
    if equation.attributes["batch_groups"] > 1:
        return []
    ways = [Way((roles.x[0], WHOLE), (roles.result[0],))]
    if equation.attributes["groups"] == 1:
        ways.append(Way((WHOLE, roles.kernel[0]), (roles.result[1],)))
        ways.append(Way((roles.x[1], roles.kernel[1]), (0,), is_partial=True))
    return ways


RULES: Splitters = {ops.matmul: Splitter(_matmul), ops.convolution: Splitter(_convolution)}

REASONS: Reasons = {}
