"""Elementwise mathematics: one number from one or two of one dtype, with broadcasting. Two tables declare it all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from diptych.ir import Builder, Value

from ...functions import activations, arithmetic, constants
from ...functions.broadcasting import broadcast_together
from ..exports import export
from ..graphs.apply import apply
from ..graphs.definitions import operation
from ..graphs.dtypes import FLOATS, INDICES, INEXACT, NUMBERS, REALS, SIGNED, DType, bool_, string
from ..graphs.site import Site
from ..graphs.tensor import Tensor

# -- one operand: type of the operation, what it computes, the types it takes, its names in the API ----


def _emit(op: str) -> Callable[[Builder, Value], Value]:
    return lambda b, x: getattr(b, op)(x)


_UNARY: dict[str, tuple[Callable[[Builder, Value], Value], tuple[DType, ...], tuple[str, ...]]] = {
    "Neg": (_emit("neg"), (*INEXACT, *SIGNED), ("negative", "math.negative")),
    "Sign": (_emit("sign"), (*INEXACT, *SIGNED), ("sign", "math.sign")),
    "Reciprocal": (arithmetic.reciprocal, INEXACT, ("reciprocal", "math.reciprocal")),
    "Square": (arithmetic.square, NUMBERS, ("square", "math.square")),
    "Sqrt": (_emit("sqrt"), INEXACT, ("sqrt", "math.sqrt")),
    "Rsqrt": (_emit("rsqrt"), INEXACT, ("rsqrt", "math.rsqrt")),
    "Exp": (_emit("exp"), INEXACT, ("exp", "math.exp")),
    "Expm1": (_emit("expm1"), INEXACT, ("expm1", "math.expm1")),
    "Log": (_emit("log"), INEXACT, ("log", "math.log")),
    "Log1p": (_emit("log1p"), INEXACT, ("log1p", "math.log1p")),
    "Sin": (_emit("sin"), INEXACT, ("sin", "math.sin")),
    "Cos": (_emit("cos"), INEXACT, ("cos", "math.cos")),
    "Tan": (_emit("tan"), INEXACT, ("tan", "math.tan")),
    "Asin": (_emit("asin"), INEXACT, ("asin", "math.asin")),
    "Acos": (_emit("acos"), INEXACT, ("acos", "math.acos")),
    "Atan": (_emit("atan"), INEXACT, ("atan", "math.atan")),
    "Sinh": (_emit("sinh"), INEXACT, ("sinh", "math.sinh")),
    "Cosh": (_emit("cosh"), INEXACT, ("cosh", "math.cosh")),
    "Tanh": (_emit("tanh"), INEXACT, ("tanh", "math.tanh", "nn.tanh")),
    "Asinh": (_emit("asinh"), INEXACT, ("asinh", "math.asinh")),
    "Acosh": (_emit("acosh"), INEXACT, ("acosh", "math.acosh")),
    "Atanh": (_emit("atanh"), INEXACT, ("atanh", "math.atanh")),
    "Sigmoid": (activations.sigmoid, INEXACT, ("sigmoid", "math.sigmoid", "nn.sigmoid")),
    "Erf": (_emit("erf"), FLOATS, ("erf", "math.erf")),
    "Erfc": (_emit("erfc"), FLOATS, ("erfc", "math.erfc")),
    "Lgamma": (_emit("lgamma"), FLOATS, ("lgamma", "math.lgamma")),
    "Digamma": (_emit("digamma"), FLOATS, ("digamma", "math.digamma")),
    "IsNan": (arithmetic.is_nan, FLOATS, ("is_nan", "math.is_nan", "debugging.is_nan")),
    "IsInf": (arithmetic.is_infinite, FLOATS, ("is_inf", "math.is_inf", "debugging.is_inf")),
    "IsFinite": (_emit("is_finite"), FLOATS, ("is_finite", "math.is_finite", "debugging.is_finite")),
    "LogicalNot": (_emit("bitwise_not"), (bool_,), ("logical_not", "math.logical_not")),
    "Floor": (_emit("floor"), FLOATS, ("floor", "math.floor")),
    "Ceil": (_emit("ceil"), FLOATS, ("ceil", "math.ceil")),
    "Rint": (_emit("round_even"), FLOATS, ("rint", "math.rint")),
}
_BOOLEAN = {"IsNan", "IsInf", "IsFinite"}
_WITHOUT_GRADIENT = {"Floor", "Ceil", "Rint"}  # TensorFlow's gradient for these is None, not zero


def _element(allowed: tuple[DType, ...]) -> tuple[str, dict[str, tuple[DType, ...]]]:
    """The type in a signature, and the limits of it: bool alone is no variable, so that it is what values become."""
    return ("bool", {}) if allowed == (bool_,) else ("T", {"T": allowed})


def _declare_unary(
    type: str, compute: Callable[[Builder, Value], Value], names: tuple[str, ...], allowed: tuple[DType, ...]
) -> None:
    element, limits = _element(allowed)
    output = "bool" if type in _BOOLEAN else element

    @operation(type, f"x: {element} -> {output}", blocks=type in _WITHOUT_GRADIENT, **limits)
    def lower(at: Site, x: Value) -> Value:
        return compute(at.b, x)

    @export(*names)
    def function(x: Any, name: str | None = None) -> Tensor:
        return apply(type, [x], name=name)

    function.__name__ = function.__qualname__ = names[0]
    function.__doc__ = f"{type} of every element of x."


for _type, (_compute, _allowed, _names) in _UNARY.items():
    _declare_unary(_type, _compute, _names, _allowed)

# -- two operands ----


def _integer_or_float(integers: Callable[..., Value], floats: Callable[..., Value]) -> Callable[..., Value]:
    return lambda b, x, y: (integers if x.dtype.is_integer else floats)(b, x, y)


def _power(b: Builder, x: Value, y: Value) -> Value:
    """x ** y. No gradient flows to y where x is not positive, as in TensorFlow: there is no logarithm to take."""
    fixed = constants.is_constant(b, y)
    x, y = broadcast_together(b, x, y)
    if x.dtype.is_float and not fixed:
        y = b.select(b.gt(x, constants.filled_like(b, 0, x)), y, b.stop_gradient(y))
    return b.pow(x, y)


def _maximum(b: Builder, x: Value, y: Value) -> Value:
    """Of equal operands the first, which then gets the whole gradient, as in TensorFlow: hence a selection."""
    x, y = broadcast_together(b, x, y)
    return b.select(b.lt(x, y), y, x)


def _minimum(b: Builder, x: Value, y: Value) -> Value:
    x, y = broadcast_together(b, x, y)
    return b.select(b.lt(y, x), y, x)


def _by_name(op: str) -> Callable[[Builder, Value, Value], Value]:
    return lambda b, x, y: getattr(b, op)(*broadcast_together(b, x, y))


_BINARY: dict[str, tuple[Callable[..., Value], tuple[DType, ...], tuple[str, ...]]] = {
    "Add": (arithmetic.add, (*NUMBERS, string), ("add", "math.add")),  # of strings on the host
    "AddV2": (arithmetic.add, NUMBERS, ()),
    "Sub": (arithmetic.sub, NUMBERS, ("subtract", "math.subtract")),
    "Mul": (arithmetic.mul, NUMBERS, ("multiply", "math.multiply")),
    "Div": (_integer_or_float(arithmetic.truncated_div, arithmetic.div), NUMBERS, ()),
    "RealDiv": (arithmetic.div, INEXACT, ("realdiv",)),
    "TruncateDiv": (arithmetic.truncated_div, REALS, ("truncatediv",)),
    "FloorDiv": (arithmetic.floor_div, REALS, ("floordiv", "math.floordiv", "floor_div")),
    "FloorMod": (arithmetic.floor_mod, REALS, ("floormod", "mod", "math.mod", "math.floormod")),
    "TruncateMod": (_by_name("rem"), REALS, ("truncatemod",)),
    "Pow": (_power, (*INEXACT, *SIGNED), ("pow", "math.pow")),
    "Maximum": (_maximum, REALS, ("maximum", "math.maximum")),
    "Minimum": (_minimum, REALS, ("minimum", "math.minimum")),
    "SquaredDifference": (
        arithmetic.squared_difference,
        (*INEXACT, *INDICES),
        ("squared_difference", "math.squared_difference"),
    ),
    "Atan2": (_by_name("atan2"), FLOATS, ()),
    "Equal": (_by_name("eq"), (*NUMBERS, bool_, string), ("equal", "math.equal")),
    "NotEqual": (_by_name("ne"), (*NUMBERS, bool_, string), ("not_equal", "math.not_equal")),
    "Less": (_by_name("lt"), REALS, ("less", "math.less")),
    "LessEqual": (_by_name("le"), REALS, ("less_equal", "math.less_equal")),
    "Greater": (_by_name("gt"), REALS, ("greater", "math.greater")),
    "GreaterEqual": (_by_name("ge"), REALS, ("greater_equal", "math.greater_equal")),
    "LogicalAnd": (_by_name("bitwise_and"), (bool_,), ("logical_and", "math.logical_and")),
    "LogicalOr": (_by_name("bitwise_or"), (bool_,), ("logical_or", "math.logical_or")),
}
_COMPARISONS = {"Equal", "NotEqual", "Less", "LessEqual", "Greater", "GreaterEqual"}


def _declare_binary(
    type: str, compute: Callable[..., Value], names: tuple[str, ...], allowed: tuple[DType, ...]
) -> None:
    element, limits = _element(allowed)
    output = "bool" if type in _COMPARISONS else element

    @operation(type, f"x: {element}, y: {element} -> {output}", blocks=type in ("FloorDiv", "TruncateDiv"), **limits)
    def lower(at: Site, x: Value, y: Value) -> Value:
        return compute(at.b, x, y)

    if not names:
        return

    @export(*names)
    def function(x: Any, y: Any, name: str | None = None) -> Tensor:
        return apply(type, [x, y], name=name)

    function.__name__ = function.__qualname__ = names[0]
    function.__doc__ = f"{type} of the elements of x and y, broadcast together. Both have one dtype."


for _type, (_compute, _allowed, _names) in _BINARY.items():
    _declare_binary(_type, _compute, _names, _allowed)


@export("atan2", "math.atan2")
def atan2(y: Any, x: Any, name: str | None = None) -> Tensor:
    """The angle of the points (x, y), from -pi to pi."""
    return apply("Atan2", [y, x], name=name)


@export("logical_xor", "math.logical_xor")
def logical_xor(x: Any, y: Any, name: str | None = "LogicalXor") -> Tensor:
    """Whether one of both holds and not the other."""
    either = apply("LogicalOr", [x, y])
    both = apply("LogicalNot", [apply("LogicalAnd", [x, y])])
    return apply("LogicalAnd", [either, both], name=name)
