"""Division by Python's rules, and division that spares zeros."""

from __future__ import annotations

from typing import Any

from diptych.ir import Value

from ...functions import constants
from ...functions.broadcasting import broadcast_together
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.definitions import operation
from ..graphs.dtypes import INEXACT, float32, float64
from ..graphs.scopes import name_scope
from ..graphs.site import Site
from ..graphs.tensor import Tensor
from .casting import cast

_TRUE_DIVISION = {
    "uint8": float32, "int8": float32, "uint16": float32, "int16": float32, "int32": float64, "int64": float64,
    "bfloat16": None, "float16": None, "float32": None, "float64": None, "complex64": None, "complex128": None,
}  # fmt: skip


@export("truediv", "math.truediv")
def truediv(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x / y, of integers in floats. Both have one dtype."""
    with name_scope(name, "truediv", [x, y]) as scope:
        x = convert_to_tensor(x, name="x")
        y = convert_to_tensor(y, dtype_hint=x.dtype.base_dtype, name="y")
        left, right = x.dtype.base_dtype, y.dtype.base_dtype
        if left is not right:
            raise TypeError(f"x and y must have the same dtype, got {left!r} != {right!r}")
        if left.name not in _TRUE_DIVISION:
            raise TypeError(f"Invalid dtype {left!r} in __truediv__")
        wider = _TRUE_DIVISION[left.name]
        if wider is not None:
            x, y = cast(x, wider), cast(y, wider)
        return apply("RealDiv", [x, y], name=scope)


@export("div")
def div(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x / y as Python 2 has it: of integers, rounded down."""
    with name_scope(name, "div", [x, y]) as scope:
        x = convert_to_tensor(x, name="x")
        y = convert_to_tensor(y, name="y", dtype=x.dtype.base_dtype)
        real = x.dtype.is_floating or x.dtype.is_complex
        return apply("RealDiv" if real else "FloorDiv", [x, y], name=scope)


@export("divide", "math.divide")
def divide(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x / y, of integers in floats."""
    return truediv(x, y, name) if name is not None else convert_to_tensor(x) / y


@operation("DivNoNan", "x: T, y: T -> T", T=INEXACT)
def lower_div_no_nan(at: Site, x: Value, y: Value) -> Value:
    """x / y, and 0 where y is 0. The quotient sees no 0, so that its gradient stays finite."""
    x, y = broadcast_together(at.b, x, y)
    zero = constants.filled_like(at.b, 0, y)
    absent = at.b.eq(y, zero)
    quotient = at.b.div(x, at.b.select(absent, constants.filled_like(at.b, 1, y), y))
    return at.b.select(absent, zero, quotient)


@export("div_no_nan", "math.divide_no_nan")
def div_no_nan(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x / y, and 0 where y is 0."""
    return apply("DivNoNan", [x, y], name=name)
