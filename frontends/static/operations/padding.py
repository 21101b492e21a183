"""Padding, the reverse of slicing: with a constant, or with what a mirror at the edge shows."""

from __future__ import annotations

from typing import Any

from diptych.ir import Dimension, Value

from ...functions import constants
from ..exports import export
from ..graphs.apply import apply
from ..graphs.definitions import operation
from ..graphs.dtypes import INDICES, int32
from ..graphs.shapes import runtime_text
from ..graphs.site import Refusal, Site, UnknownValue, require_rank
from ..graphs.tensor import Tensor


@operation("Pad", "input: T, paddings: Tpaddings -> T", defaults={"Tpaddings": int32}, Tpaddings=INDICES)
def lower_pad(at: Site, x: Value, paddings: Value) -> Value:
    """x with zeros before and after it along every axis."""
    return _pad(at, x, paddings, constants.scalar(at.b, 0, x.dtype))


@operation("PadV2", "input: T, paddings: Tpaddings, constant_values: T -> T", Tpaddings=INDICES)
def lower_pad_value(at: Site, x: Value, paddings: Value, value: Value) -> Value:
    """x with a constant before and after it along every axis."""
    return _pad(at, x, paddings, value)


def _pad(at: Site, x: Value, paddings: Value, value: Value) -> Value:
    require_rank(paddings.shape, 2)
    widths = at.sizes(paddings)
    if paddings.shape != (x.rank, 2):
        message = f"The first dimension of paddings must be the rank of inputs{runtime_text(paddings.shape)}"
        raise Refusal(f"Dimension must be {len(widths) // 2} but is {x.rank}", f"{message} {runtime_text(x.shape)}")
    low, high = widths[0::2], widths[1::2]
    return at.b.pad(x, value, low=low, high=high, interior=[0] * x.rank)


@operation("MirrorPad", "input: T, paddings: Tpaddings -> T", defaults={"Tpaddings": int32}, Tpaddings=INDICES)
def lower_mirror_pad(at: Site, x: Value, paddings: Value, *, mode: str) -> Value:
    """x with its reflection before and after it along every axis: REFLECT leaves out the edge, SYMMETRIC repeats it."""
    require_rank(paddings.shape, 2)
    widths = at.sizes(paddings)
    if paddings.shape != (x.rank, 2):
        raise Refusal(
            f"Dimension must be {len(widths) // 2} but is {x.rank}",
            f"The first dimension of paddings must be the rank of inputs{runtime_text(paddings.shape)} "
            f"{runtime_text(x.shape)}",
        )
    b, edge = at.b, int(mode == "REFLECT")
    for axis, (before, after) in enumerate(zip(widths[0::2], widths[1::2], strict=True)):
        size = x.shape[axis]
        if any(isinstance(each, Dimension) for each in (before, after, size)):
            raise UnknownValue(paddings)
        if min(before, after) < 0:
            raise Refusal(f"paddings must be non-negative: {before}, {after}")
        if max(before, after) > size - edge:
            bound = "no greater" if not edge else "less"
            raise Refusal(
                f"paddings must be {bound} than the dimension size: {before}, {after} not {bound} than {size}"
            )
        pieces = [_part(at, x, axis, edge, edge + before), x, _part(at, x, axis, size - edge - after, size - edge)]
        pieces[0], pieces[2] = (b.reverse(piece, axes=(axis,)) for piece in (pieces[0], pieces[2]))
        kept = [piece for piece in pieces if piece.shape[axis]]
        x = b.concatenate(*kept, axis=axis) if len(kept) > 1 else x
    return x


def _part(at: Site, x: Value, axis: int, start: int, stop: int) -> Value:
    low = [start if other == axis else 0 for other in range(x.rank)]
    high = [stop if other == axis else size for other, size in enumerate(x.shape)]
    return at.b.slice(x, start=low, limit=high, stride=(1,) * x.rank)


@export("pad")
def pad(
    tensor: Any, paddings: Any, mode: str = "CONSTANT", name: str | None = None, constant_values: Any = 0
) -> Tensor:
    """`tensor` with paddings[i] = (before, after) elements around it along axis i: constants, or with mode REFLECT or
    SYMMETRIC its mirror image without or with the edge. Raises ValueError for another mode."""
    mode = mode.upper()
    if mode not in ("CONSTANT", "REFLECT", "SYMMETRIC"):
        raise ValueError(f"Unknown padding mode: {mode}")
    if mode != "CONSTANT":
        return apply("MirrorPad", [tensor, paddings], name=name, mode=mode)
    if isinstance(constant_values, Tensor) or constant_values != 0:
        return apply("PadV2", [tensor, paddings, constant_values], name=name)
    return apply("Pad", [tensor, paddings], name=name)
