"""Elementwise functions, with PyTorch's promotion and broadcasting."""

from __future__ import annotations

from typing import Any

from diptych.functions import activations, arithmetic
from diptych.functions.broadcasting import broadcast_to, broadcast_together
from diptych.ir import Builder, DType, Op, Value, dtypes, ops

from ..dtypes import dtype
from ..operation import Operation, operation
from ..promotion import Operand, converted, promoted, promoted_floats, result_type
from ..recording import call
from ..tensor import Tensor

Scalar = bool | int | float | complex


# -- operations: what is written as equations ----


def _binary(name: str, op: Op, *, floats: bool = False) -> Operation:
    def write(b: Builder, x: Operand, y: Operand) -> Value:
        values = promoted_floats(b, x, y) if floats else promoted(b, x, y)
        return b.emit(op, broadcast_together(b, *values), {})[0]

    write.__name__ = name
    return operation(write)


def _comparison(op: Op) -> Operation:
    return _binary(op.name, op)


def _unary(name: str, op: Op, *, floats: bool = True) -> Operation:
    """With `floats`, integers and bools are computed in the default float type."""

    def write(b: Builder, x: Value) -> Value:
        (value,) = promoted_floats(b, x) if floats else (x,)
        return b.emit(op, (value,), {})[0]

    write.__name__ = name
    return operation(write)


def _scaled_sum(sign: int) -> Any:
    def write(b: Builder, x: Operand, y: Operand, alpha: Operand) -> Value:
        dtype = result_type(x, y)
        x, y = converted(b, x, dtype), converted(b, y, dtype)
        y = arithmetic.mul(b, y, converted(b, alpha, dtype))
        return (arithmetic.add if sign > 0 else arithmetic.sub)(b, x, y)

    return write


@operation
def _add(b: Builder, x: Operand, y: Operand) -> Value:
    x, y = promoted(b, x, y)
    return arithmetic.binary(b, ops.bitwise_or if x.dtype.is_bool else ops.add, x, y)


@operation
def _sub(b: Builder, x: Operand, y: Operand) -> Value:
    x, y = promoted(b, x, y)
    if x.dtype.is_bool:
        raise RuntimeError(
            "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` "
            "operator instead."
        )
    return arithmetic.sub(b, x, y)


@operation
def _mul(b: Builder, x: Operand, y: Operand) -> Value:
    x, y = promoted(b, x, y)
    return arithmetic.binary(b, ops.bitwise_and if x.dtype.is_bool else ops.mul, x, y)


_add_scaled, _sub_scaled = Operation(_scaled_sum(1)), Operation(_scaled_sum(-1))
_div = _binary("div", ops.div, floats=True)


@operation
def _floor_divide(b: Builder, x: Operand, y: Operand) -> Value:
    return arithmetic.floor_div(b, *promoted(b, x, y))


@operation
def _trunc_divide(b: Builder, x: Operand, y: Operand) -> Value:
    return arithmetic.truncated_div(b, *promoted(b, x, y))


@operation
def _remainder(b: Builder, x: Operand, y: Operand) -> Value:
    return arithmetic.floor_mod(b, *promoted(b, x, y))


@operation
def _pow(b: Builder, x: Operand, y: Operand) -> Value:
    return arithmetic.pow(b, *promoted(b, x, y))


@operation
def _pow_small(b: Builder, x: Value, exponent: int) -> Value:
    """x to the power 2 or 3 by products, as PyTorch computes it."""
    square = b.mul(x, x)
    return square if exponent == 2 else b.mul(square, x)


_maximum, _minimum = _binary("maximum", ops.max), _binary("minimum", ops.min)
_atan2 = _binary("atan2", ops.atan2, floats=True)
_fmod = _binary("fmod", ops.rem)
_eq, _ne, _lt, _le, _gt, _ge = (_comparison(op) for op in (ops.eq, ops.ne, ops.lt, ops.le, ops.gt, ops.ge))
_and, _or, _xor = (
    _binary(f"bitwise_{name}", op)
    for name, op in (("and", ops.bitwise_and), ("or", ops.bitwise_or), ("xor", ops.bitwise_xor))
)
_neg = _unary("neg", ops.neg, floats=False)
_abs = _unary("abs", ops.abs, floats=False)
_sign = _unary("sign", ops.sign, floats=False)
_not = _unary("bitwise_not", ops.bitwise_not, floats=False)


@operation
def _logical_not(b: Builder, x: Value) -> Value:
    return b.bitwise_not(x if x.dtype.is_bool else b.cast(x, dtype=dtypes.bool_))


def _logical(name: str, op: Op) -> Operation:
    def write(b: Builder, x: Operand, y: Operand) -> Value:
        return arithmetic.binary(b, op, converted(b, x, dtypes.bool_), converted(b, y, dtypes.bool_))

    write.__name__ = name
    return operation(write)


_logical_and = _logical("logical_and", ops.bitwise_and)
_logical_or = _logical("logical_or", ops.bitwise_or)
_logical_xor = _logical("logical_xor", ops.bitwise_xor)


def _rounding(op: Op) -> Operation:
    def write(b: Builder, x: Value) -> Value:
        return x if x.dtype.is_integer else b.emit(op, (x,), {})[0]

    write.__name__ = op.name
    return operation(write)


_floor, _ceil, _round = (_rounding(op) for op in (ops.floor, ops.ceil, ops.round_even))


@operation
def _trunc(b: Builder, x: Value) -> Value:
    return x if x.dtype.is_integer else arithmetic.truncate(b, x)


@operation
def _isnan(b: Builder, x: Value) -> Value:
    return b.ne(x, x)


@operation
def _isfinite(b: Builder, x: Value) -> Value:
    if x.dtype.is_differentiable:
        return b.is_finite(x)
    return b.eq(x, x)


@operation
def _isinf(b: Builder, x: Value) -> Value:
    return arithmetic.is_infinite(b, x) if x.dtype.is_differentiable else b.ne(x, x)


@operation
def _relu(b: Builder, x: Value) -> Value:
    return activations.relu(b, x)


@operation
def _softmax(b: Builder, x: Value, dim: int) -> Value:
    return activations.softmax(b, *promoted_floats(b, x), axis=dim)


@operation
def _log_softmax(b: Builder, x: Value, dim: int) -> Value:
    return activations.log_softmax(b, *promoted_floats(b, x), axis=dim)


@operation
def _where(b: Builder, condition: Operand, x: Operand, y: Operand) -> Value:
    x, y = promoted(b, x, y)
    return arithmetic.where(b, converted(b, condition, dtypes.bool_), x, y)


@operation
def _clamp_both(b: Builder, x: Value, low: Operand, high: Operand) -> Value:
    dtype = result_type(x, low, high)
    x, low, high = (converted(b, each, dtype) for each in (x, low, high))
    shape = x.shape
    bounds = [bound if not bound.shape else broadcast_to(b, bound, shape) for bound in (low, high)]
    return b.clamp(bounds[0], x, bounds[1])


@operation
def _clamp_low(b: Builder, x: Value, low: Operand) -> Value:
    """A selection, so that all of the gradient goes to x where it equals the bound."""
    x, low = broadcast_together(b, *promoted(b, x, low))
    return b.select(b.lt(x, low), low, x)


@operation
def _clamp_high(b: Builder, x: Value, high: Operand) -> Value:
    x, high = broadcast_together(b, *promoted(b, x, high))
    return b.select(b.gt(x, high), high, x)


@operation
def _masked_fill(b: Builder, x: Value, mask: Value, value: Operand) -> Value:
    return arithmetic.where(b, mask, converted(b, value, x.dtype), x)


@operation
def _cast(b: Builder, x: Value, target: DType) -> Value:
    return x if x.dtype is target else b.cast(x, dtype=target)


@operation
def _copy(b: Builder, x: Value) -> Value:
    return b.identity(x)


@operation
def _lerp(b: Builder, start: Operand, end: Operand, weight: Operand) -> Value:
    dtype = result_type(start, end)
    start, end, weight = (converted(b, each, dtype) for each in (start, end, weight))
    difference = arithmetic.sub(b, end, start)
    return arithmetic.add(b, start, arithmetic.mul(b, difference, weight))


_UNARY = {
    "exp": ops.exp, "expm1": ops.expm1, "log": ops.log, "log1p": ops.log1p, "sqrt": ops.sqrt, "rsqrt": ops.rsqrt,
    "sin": ops.sin, "cos": ops.cos, "tan": ops.tan, "asin": ops.asin, "acos": ops.acos, "atan": ops.atan,
    "sinh": ops.sinh, "cosh": ops.cosh, "tanh": ops.tanh, "asinh": ops.asinh, "acosh": ops.acosh, "atanh": ops.atanh,
    "sigmoid": ops.logistic, "erf": ops.erf, "erfc": ops.erfc, "erfinv": ops.erfinv, "lgamma": ops.lgamma,
    "digamma": ops.digamma,
}  # fmt: skip


# -- functions: what users call ----


def _function(operation: Operation, name: str, summary: str) -> Any:
    def unary(input: Tensor) -> Tensor:
        return call(operation, (input,))

    unary.__name__ = unary.__qualname__ = name
    unary.__doc__ = summary
    return unary


globals().update({name: _function(_unary(name, op), name, op.doc.splitlines()[0]) for name, op in _UNARY.items()})


def add(input: Tensor | Scalar, other: Tensor | Scalar, *, alpha: Scalar = 1) -> Tensor:
    """input + alpha * other; logical or of bools."""
    return call(_add, (input, other)) if alpha == 1 else call(_add_scaled, (input, other, alpha))


def sub(input: Tensor | Scalar, other: Tensor | Scalar, *, alpha: Scalar = 1) -> Tensor:
    """input - alpha * other. Raises RuntimeError for bools."""
    return call(_sub, (input, other)) if alpha == 1 else call(_sub_scaled, (input, other, alpha))


def mul(input: Tensor | Scalar, other: Tensor | Scalar) -> Tensor:
    """input * other; logical and of bools."""
    return call(_mul, (input, other))


def div(input: Tensor | Scalar, other: Tensor | Scalar, *, rounding_mode: str | None = None) -> Tensor:
    """input / other: floats of integers, unless `rounding_mode` is "floor" or "trunc"."""
    if rounding_mode is None:
        return call(_div, (input, other))
    if rounding_mode not in ("floor", "trunc"):
        raise RuntimeError(
            f"div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '{rounding_mode}'"
        )
    return call(_floor_divide if rounding_mode == "floor" else _trunc_divide, (input, other))


def floor_divide(input: Tensor | Scalar, other: Tensor | Scalar) -> Tensor:
    """input / other rounded down."""
    return call(_floor_divide, (input, other))


def remainder(input: Tensor | Scalar, other: Tensor | Scalar) -> Tensor:
    """The remainder with the sign of other, as Python's %."""
    return call(_remainder, (input, other))


def fmod(input: Tensor, other: Tensor | Scalar) -> Tensor:
    """The remainder with the sign of input, as C's fmod."""
    return call(_fmod, (input, other))


def pow(input: Tensor | Scalar, exponent: Tensor | Scalar) -> Tensor:
    """input ** exponent. Raises RuntimeError for an integer input with a negative exponent."""
    if isinstance(input, Tensor) and not isinstance(exponent, (Tensor, bool, complex)):
        if (
            exponent in (2, 3)
            and not input.dtype.ir.is_bool
            and (isinstance(exponent, int) or input.dtype.ir.is_differentiable)
        ):
            return call(_pow_small, (input,), (int(exponent),))
        if input.dtype.ir.is_integer and isinstance(exponent, int) and exponent < 0:
            raise RuntimeError("Integers to negative integer powers are not allowed.")
    return call(_pow, (input, exponent))


def maximum(input: Tensor, other: Tensor) -> Tensor:
    """The larger of both elements; nan where either is."""
    return call(_maximum, (input, other))


def minimum(input: Tensor, other: Tensor) -> Tensor:
    """The smaller of both elements; nan where either is."""
    return call(_minimum, (input, other))


def atan2(input: Tensor, other: Tensor) -> Tensor:
    """The angle of the point (other, input)."""
    return call(_atan2, (input, other))


def eq(input: Tensor, other: Tensor | Scalar) -> Tensor:
    """input == other as bools."""
    return call(_eq, (input, other))


def ne(input: Tensor, other: Tensor | Scalar) -> Tensor:
    """input != other as bools."""
    return call(_ne, (input, other))


def lt(input: Tensor, other: Tensor | Scalar) -> Tensor:
    """input < other as bools."""
    return call(_lt, (input, other))


def le(input: Tensor, other: Tensor | Scalar) -> Tensor:
    """input <= other as bools."""
    return call(_le, (input, other))


def gt(input: Tensor, other: Tensor | Scalar) -> Tensor:
    """input > other as bools."""
    return call(_gt, (input, other))


def ge(input: Tensor, other: Tensor | Scalar) -> Tensor:
    """input >= other as bools."""
    return call(_ge, (input, other))


def bitwise_and(input: Tensor | Scalar, other: Tensor | Scalar) -> Tensor:
    """Bits set in both; logical and of bools."""
    return call(_and, (input, other))


def bitwise_or(input: Tensor | Scalar, other: Tensor | Scalar) -> Tensor:
    """Bits set in either; logical or of bools."""
    return call(_or, (input, other))


def bitwise_xor(input: Tensor | Scalar, other: Tensor | Scalar) -> Tensor:
    """Bits set in one only; logical exclusive or of bools."""
    return call(_xor, (input, other))


def bitwise_not(input: Tensor) -> Tensor:
    """Every bit flipped; logical not of bools."""
    return call(_not, (input,))


def logical_and(input: Tensor, other: Tensor) -> Tensor:
    """Whether both are not zero."""
    return call(_logical_and, (input, other))


def logical_or(input: Tensor, other: Tensor) -> Tensor:
    """Whether either is not zero."""
    return call(_logical_or, (input, other))


def logical_xor(input: Tensor, other: Tensor) -> Tensor:
    """Whether just one is not zero."""
    return call(_logical_xor, (input, other))


def logical_not(input: Tensor) -> Tensor:
    """Whether the element is zero."""
    return call(_logical_not, (input,))


neg = negative = _function(_neg, "neg", "-input.")
abs = absolute = _function(_abs, "abs", "|input|.")
sign = _function(_sign, "sign", "-1, 0 or 1.")
floor = _function(_floor, "floor", "The largest integer not above input.")
ceil = _function(_ceil, "ceil", "The smallest integer not below input.")
round = _function(_round, "round", "The nearest integer, halves to the even one.")
trunc = _function(_trunc, "trunc", "input rounded towards zero.")
isnan = _function(_isnan, "isnan", "Whether input is nan.")
isinf = _function(_isinf, "isinf", "Whether input is inf or -inf.")
isfinite = _function(_isfinite, "isfinite", "Whether input is neither infinite nor nan.")
relu = _function(_relu, "relu", "max(input, 0), with gradient 0 at 0.")


def square(input: Tensor) -> Tensor:
    """input * input."""
    return pow(input, 2)


def reciprocal(input: Tensor) -> Tensor:
    """1 / input."""
    return call(_div, (1, input))


def softmax(input: Tensor, dim: int, *, dtype: dtype | None = None) -> Tensor:
    """exp(input) / sum(exp(input)) along `dim`."""
    return call(_softmax, (input if dtype is None else cast(input, dtype),), (dim,))


def log_softmax(input: Tensor, dim: int, *, dtype: dtype | None = None) -> Tensor:
    """Logarithm of softmax along `dim`."""
    return call(_log_softmax, (input if dtype is None else cast(input, dtype),), (dim,))


def where(condition: Tensor, input: Tensor | Scalar, other: Tensor | Scalar) -> Tensor:
    """input where condition holds, other elsewhere."""
    return call(_where, (condition, input, other))


def clamp(input: Tensor, min: Tensor | Scalar | None = None, max: Tensor | Scalar | None = None) -> Tensor:
    """input within [min, max]. Raises RuntimeError where both are None."""
    if min is None and max is None:
        raise RuntimeError("torch.clamp: At least one of 'min' or 'max' must not be None")
    if min is None:
        return call(_clamp_high, (input, max))
    if max is None:
        return call(_clamp_low, (input, min))
    return call(_clamp_both, (input, min, max))


def masked_fill(input: Tensor, mask: Tensor, value: Tensor | Scalar) -> Tensor:
    """`value` where mask holds, input elsewhere. Raises RuntimeError unless mask is bool."""
    if not mask.dtype.ir.is_bool:
        raise RuntimeError(f"masked_fill_ only supports boolean masks, but got mask with dtype {mask.dtype.name}")
    return call(_masked_fill, (input, mask, value))


def lerp(input: Tensor, end: Tensor, weight: Tensor | Scalar) -> Tensor:
    """input + weight * (end - input)."""
    return call(_lerp, (input, end, weight))


def cast(input: Tensor, dtype: dtype) -> Tensor:
    """input in another dtype; input itself where it has it."""
    return input if input.dtype is dtype else call(_cast, (input,), (dtype.ir,))


def clone(input: Tensor) -> Tensor:
    """A copy with a storage of its own, through which gradients flow."""
    return call(_copy, (input,))


def addcmul(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Scalar = 1) -> Tensor:
    """input + value * tensor1 * tensor2."""
    return add(input, mul(tensor1, tensor2), alpha=value)


def addcdiv(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Scalar = 1) -> Tensor:
    """input + value * tensor1 / tensor2."""
    return add(input, div(tensor1, tensor2), alpha=value)
