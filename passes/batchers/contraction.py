"""Batches of products. One operand alone with the batch axis makes that axis one of the product's own: a larger
product, not more of them. Where both have it, it is a batch axis of matmul, or groups of a convolution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from diptych.ir import Op, Value, ops
from diptych.ir.ops.contraction import convolution_layout

from .table import Batch, Operand, Reasons, Rules, moved, shifted


def _matmul(batch: Batch, op: Op, operands: Sequence[Operand], attributes: Mapping[str, Any]) -> Sequence[Value]:
    b = batch.b
    lhs, rhs = operands
    axes = dict(attributes)
    for side, operand in (("lhs", lhs), ("rhs", rhs)):
        if operand.is_batched:
            axes |= {name: shifted(axes[name]) for name in (f"{side}_contract", f"{side}_batch")}
    count = len(axes["lhs_batch"])
    if lhs.is_batched and rhs.is_batched:
        axes |= {name: (0, *axes[name]) for name in ("lhs_batch", "rhs_batch")}
        return [b.matmul(lhs.value, rhs.value, **axes)]
    product = b.matmul(lhs.value, rhs.value, **axes)
    place = count if lhs.is_batched else lhs.value.rank - len(axes["lhs_contract"])  # the first that is rhs's own
    return [moved(b, product, place, 0)]


class _Layout:
    """A convolution's layout with the roles in canonical places, and its operands brought there."""

    def __init__(self, text: str) -> None:
        self.roles = convolution_layout(text)
        spatial = "".join(map(str, range(self.roles.spatial_rank)))
        self.text = f"nc{spatial},oi{spatial}->nc{spatial}"


def _convolution(batch: Batch, op: Op, operands: Sequence[Operand], attributes: Mapping[str, Any]) -> Sequence[Value]:
    """The batch axis lies before x's batch, the kernel's output channels, or, where both have one, before the channels
    of each: as groups, or as parts of x's batch, of which there are so many more."""
    b = batch.b
    x, kernel = operands
    layout = _Layout(attributes["layout"])
    groups, parts = attributes["groups"], attributes["batch_groups"]
    how = {name: attributes[name] for name in ("stride", "padding", "x_dilation", "kernel_dilation")}
    n, c = layout.roles.x[:2]
    o = layout.roles.kernel[0]
    text = attributes["layout"]
    if x.is_batched and kernel.is_batched:
        if parts > 1:
            left = _folded(batch, x.value, n, 1)
        else:
            left, groups = _folded(batch, x.value, c, 1), groups * int(batch.size)
        right = _folded(batch, kernel.value, o, 1)
        parts *= int(batch.size) if parts > 1 else 1
        made = b.convolution(left, right, layout=text, groups=groups, batch_groups=parts, **how)
        return [_unfolded(batch, made, layout.roles.result[1], 1)]
    if x.is_batched:
        left = _folded(batch, x.value, n, parts)
        made = b.convolution(left, kernel.value, layout=text, groups=groups, batch_groups=parts, **how)
        return [_unfolded(batch, made, layout.roles.result[0], 1)]
    within = groups * parts  # one of them is 1
    right = _folded(batch, kernel.value, o, within)
    made = b.convolution(x.value, right, layout=text, groups=groups, batch_groups=parts, **how)
    return [_unfolded(batch, made, layout.roles.result[1], within)]


def _folded(batch: Batch, x: Value, axis: int, groups: int) -> Value:
    """x whose batch axis lies within an axis of its own, behind the count of groups there."""
    b, shape = batch.b, list(x.shape[1:])
    whole = shape[axis]
    if groups == 1:
        x = moved(b, x, 0, axis)
    else:
        parted = [*shape[:axis], groups, int(whole) // groups, *shape[axis + 1 :]]
        x = moved(b, b.reshape(x, shape=(batch.size, *parted)), 0, axis + 1)
    shape[axis] = whole * batch.size
    return b.reshape(x, shape=shape)


def _unfolded(batch: Batch, x: Value, axis: int, groups: int) -> Value:
    """The batch axis out of an axis of x, and in front."""
    b, shape = batch.b, list(x.shape)
    total = int(shape[axis])
    own = total // int(batch.size) if int(batch.size) else 0
    if groups == 1:
        parted = b.reshape(x, shape=(*shape[:axis], batch.size, own, *shape[axis + 1 :]))
        return moved(b, parted, axis, 0)
    parted = b.reshape(x, shape=(*shape[:axis], groups, batch.size, own // groups, *shape[axis + 1 :]))
    first = moved(b, parted, axis + 1, 0)
    shape[axis] = own
    return b.reshape(first, shape=(batch.size, *shape))


RULES: Rules = {ops.matmul: _matmul, ops.convolution: _convolution}

REASONS: Reasons = {}
