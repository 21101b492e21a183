"""tf.bitwise: logic on the bits of integers, and other types read from the same bits."""

from __future__ import annotations

from typing import Any

from diptych.ir import Value

from ...functions.broadcasting import broadcast_together
from ..exports import export
from ..graphs.apply import apply
from ..graphs.definitions import operation
from ..graphs.dtypes import INTEGERS, NUMBERS, DType, as_dtype
from ..graphs.site import Refusal, Site
from ..graphs.tensor import Tensor

_BINARY = {
    "BitwiseAnd": ("bitwise_and", "bitwise_and", "Both bits"),
    "BitwiseOr": ("bitwise_or", "bitwise_or", "Either bit"),
    "BitwiseXor": ("bitwise_xor", "bitwise_xor", "The bits that differ"),
    "LeftShift": ("left_shift", "shift_left", "x with its bits moved up by y"),
    "RightShift": ("right_shift", "shift_right", "x with its bits moved down by y, keeping the sign"),
}


def _declare(type: str, name: str, op: str, means: str) -> None:
    @operation(type, "x: T, y: T -> T", T=INTEGERS, blocks=True)
    def lower(at: Site, x: Value, y: Value) -> Value:
        return getattr(at.b, op)(*broadcast_together(at.b, x, y))

    @export(f"bitwise.{name}")
    def function(x: Any, y: Any, name: str | None = None) -> Tensor:
        return apply(type, [x, y], name=name)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"{means}, of integers broadcast together."


for _type, (_name, _op, _means) in _BINARY.items():
    _declare(_type, _name, _op, _means)


@operation("Invert", "x: T -> T", T=INTEGERS, blocks=True)
def lower_invert(at: Site, x: Value) -> Value:
    """Every bit turned."""
    return at.b.bitwise_not(x)


@export("bitwise.invert")
def invert(x: Any, name: str | None = None) -> Tensor:
    """Every bit turned."""
    return apply("Invert", [x], name=name)


@operation("Bitcast", "input: T -> type", T=NUMBERS, blocks=True)
def lower_bitcast(at: Site, x: Value, *, type: DType) -> Value:
    """The bits of x read as another type: a wider one takes the last axis together, a narrower one adds an axis."""
    b, wide, narrow = at.b, x.dtype.bits, type.ir.bits
    if wide == narrow:
        return b.bitcast(x, dtype=type.ir)
    if wide < narrow and (not x.rank or x.shape[-1] != narrow // wide):
        message = f"Cannot bitcast due to shape. {x.shape[-1] if x.rank else 0} does not match {narrow // wide}"
        raise Refusal(message, f"Cannot bitcast from {x.dtype.name} to {type.name}: {message}")
    raise at.unsupported(f"tf.bitcast from {x.dtype.name} to {type.name}", "types of as many bits")


@export("bitcast")
def bitcast(input: Any, type: Any, name: str | None = None) -> Tensor:
    """The bits of `input` read as another type of as many bits."""
    return apply("Bitcast", [input], name=name, type=as_dtype(type))
