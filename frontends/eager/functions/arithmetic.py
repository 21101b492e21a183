"""Sums, products, quotients and powers, with PyTorch's promotion and broadcasting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from diptych.functions import arithmetic
from diptych.functions.broadcasting import broadcast_together
from diptych.functions.constants import filled_like
from diptych.ir import Builder, DType, Value, dtypes, ops

from ..calling import autocasting
from ..calling.autocasting import full_precision_on_cuda
from ..dtypes import default_type, of_ir
from ..promotion import Number, Operand, converted, promoted, promoted_floats
from ..tapes.operation import Operation, operation
from ..tapes.recording import call
from ..tensors.tensor import Tensor
from .elementary import angle_of
from .operands import Scalar, not_implemented, number, pair, tensors, unary

# -- operations: what is written as equations ----


def _is_bool(operand: Operand) -> bool:
    """Whether an operand is a tensor of bools, or True or False."""
    return operand.python is bool if isinstance(operand, Number) else operand.dtype.is_bool


@operation
def _add(b: Builder, x: Operand, y: Operand, default: DType) -> Value:
    x, y = promoted(b, x, y, default=default)
    return arithmetic.binary(b, ops.bitwise_or if x.dtype.is_bool else ops.add, x, y)


@operation
def _sub(b: Builder, x: Operand, y: Operand, default: DType) -> Value:
    _refuse_bools(x, y)
    return arithmetic.sub(b, *promoted(b, x, y, default=default))


def _refuse_bools(x: Operand, y: Operand) -> None:
    if _is_bool(x) and _is_bool(y):
        raise RuntimeError(
            "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` "
            "operator instead."
        )
    if _is_bool(x) or _is_bool(y):
        raise RuntimeError(
            "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, "
            "use the `~` or `logical_not()` operator instead."
        )


@operation
def _mul(b: Builder, x: Operand, y: Operand, default: DType) -> Value:
    return _by_scalar(b, arithmetic.multiplied, x, y, promoted(b, x, y, default=default))


def _by_scalar(b: Builder, function: Callable[..., Value], x: Operand, y: Operand, common: list[Value]) -> Value:
    """function(x, y) in their common type. Where one is a scalar, floats of 16 bits are computed at 32 and rounded
    once, as PyTorch does."""
    dtype = common[0].dtype
    if dtype.bits != 16 or not dtype.is_differentiable or not any(_is_scalar(each) for each in (x, y)):
        return function(b, *common)
    return b.cast(function(b, *(converted(b, each, dtypes.f32) for each in (x, y))), dtype=dtype)


def _is_scalar(operand: Operand) -> bool:
    return isinstance(operand, Number) or operand.rank == 0


def _scaled(b: Builder, y: Value, alpha: Number) -> Value:
    """y times alpha, which must fit y's dtype."""
    if alpha.python is bool and not y.dtype.is_bool:
        raise RuntimeError("Boolean alpha only supported for Boolean results.")
    if alpha.python in (float, complex) and not y.dtype.is_differentiable:
        raise RuntimeError("For integral input tensors, argument alpha must not be a floating point number.")
    if alpha.python is complex and not y.dtype.is_complex:
        raise RuntimeError("For non-complex input tensors, argument alpha must not be a complex number.")
    return arithmetic.binary(b, ops.bitwise_and if y.dtype.is_bool else ops.mul, y, converted(b, alpha, y.dtype))


@operation
def _add_scaled(b: Builder, x: Operand, y: Operand, alpha: Number, default: DType) -> Value:
    x, y = promoted(b, x, y, default=default)
    return arithmetic.binary(b, ops.bitwise_or if x.dtype.is_bool else ops.add, x, _scaled(b, y, alpha))


@operation
def _sub_scaled(b: Builder, x: Operand, y: Operand, alpha: Number, default: DType) -> Value:
    _refuse_bools(x, y)
    x, y = promoted(b, x, y, default=default)
    return arithmetic.sub(b, x, _scaled(b, y, alpha))


@operation
def _div(b: Builder, x: Operand, y: Operand, default: DType) -> Value:
    return _by_scalar(b, arithmetic.div, x, y, promoted_floats(b, x, y, default=default))


@operation
def _floor_divide(b: Builder, x: Operand, y: Operand, default: DType, is_open: bool) -> Value:
    x, y = _dividend_and_divisor(b, "div_floor", x, y, default, is_open)
    return b.floor_div(x, y) if x.dtype.is_integer else b.stop_gradient(_floored_quotient(b, x, y))


def _floored_quotient(b: Builder, x: Value, y: Value) -> Value:
    """Of floats as Python's //: the quotient of what is left without the remainder, so that 1 // 0.1 is 9; where it is
    0, with the sign of x / y."""
    quotient = b.div(x, y)
    remainder = b.rem(x, y)
    zero, one = filled_like(b, 0, x), filled_like(b, 1, x)
    whole = b.div(b.sub(x, remainder), y)
    signs_differ = b.ne(b.lt(y, zero), b.lt(remainder, zero))
    whole = b.select(b.bitwise_and(b.ne(remainder, zero), signs_differ), b.sub(whole, one), whole)
    floored = b.floor(whole)  # nearly whole already, and perhaps just below
    floored = b.select(b.gt(b.sub(whole, floored), filled_like(b, 0.5, x)), b.add(floored, one), floored)
    floored = b.select(b.eq(floored, zero), b.mul(quotient, zero), floored)
    return b.select(b.eq(y, zero), quotient, floored)


@operation
def _trunc_divide(b: Builder, x: Operand, y: Operand, default: DType, is_open: bool) -> Value:
    return arithmetic.truncated_div(b, *_dividend_and_divisor(b, "div_trunc", x, y, default, is_open))


def _dividend_and_divisor(
    b: Builder, name: str, x: Operand, y: Operand, default: DType, is_open: bool
) -> tuple[Value, ...]:
    """Both operands promoted to a type that is a number with an order, in their common shape; zeros in a divisor that
    is open are an error when it is computed. Raises NotImplementedError for other types."""
    dividend, divisor = promoted(b, x, y, default=default)
    if dividend.dtype.is_bool or dividend.dtype.is_complex:
        raise not_implemented(name, dividend)
    return broadcast_together(b, dividend, b.divisor(divisor) if is_open else divisor)


@operation
def _remainder(b: Builder, x: Operand, y: Operand, default: DType, is_open: bool) -> Value:
    x, y = _dividend_and_divisor(b, "remainder", x, y, default, is_open)
    return _left_by(b, arithmetic.floor_mod(b, x, y), x, y, _floored_quotient)


@operation
def _fmod(b: Builder, x: Operand, y: Operand, default: DType, is_open: bool) -> Value:
    x, y = _dividend_and_divisor(b, "fmod", x, y, default, is_open)
    return _left_by(b, b.rem(x, y), x, y, lambda b, x, y: arithmetic.truncate(b, b.div(x, y)))


def _left_by(b: Builder, found: Value, x: Value, y: Value, quotient: Callable[..., Value]) -> Value:
    """The remainder that was found, with the gradient of x - y * quotient(x, y), infinite where that is."""
    if not x.dtype.is_float:
        return found
    return b.graft(found, b.sub(x, b.mul(y, b.stop_gradient(quotient(b, x, y)))))


@operation
def _pow(b: Builder, x: Operand, y: Operand, default: DType) -> Value:
    exponent_is_number = isinstance(y, Number)
    x, y = broadcast_together(b, *promoted(b, x, y, default=default))
    if x.dtype.is_bool:
        if not exponent_is_number:
            raise not_implemented("pow", x)
        return b.bitwise_or(x, b.bitwise_not(y))
    if x.dtype.kind == "signed" and not exponent_is_number:
        return _integer_power(b, x, y)
    if x.dtype.is_differentiable and not exponent_is_number:  # no gradient to x by 0, even where x is nan
        x = b.select(b.eq(y, filled_like(b, 0, y)), b.stop_gradient(x), x)
    return b.pow(x, y)


def _integer_power(b: Builder, x: Value, y: Value) -> Value:
    """x ** y, which for negative y is 1 or -1 where x is, and otherwise rounds to 0."""
    zero, one = filled_like(b, 0, x), filled_like(b, 1, x)
    is_negative = b.lt(y, zero)
    is_unit = b.eq(b.abs(x), one)
    exponent = b.select(is_negative, b.neg(y), y)  # of 1 and -1 the same power
    return b.select(b.bitwise_and(is_negative, b.bitwise_not(is_unit)), zero, b.pow(x, exponent))


_SMALL = (0, 2, 3, 0.5, -0.5, -1, -2)  # exponents that PyTorch computes otherwise than by a power


@operation
def _pow_small(b: Builder, x: Value, exponent: float) -> Value:
    """x to one of those exponents by products, quotients and roots: so -inf ** 0.5 is nan."""
    if exponent == 0:
        return b.stop_gradient(filled_like(b, 1, x))
    if exponent in (0.5, -0.5):
        return b.sqrt(x) if exponent > 0 else b.rsqrt(x)
    if exponent == -1:
        return arithmetic.reciprocal(b, x)
    square = b.mul(x, x)
    if exponent == -2:
        return arithmetic.reciprocal(b, square)
    return square if exponent == 2 else b.mul(square, x)


@operation
def _atan2(b: Builder, x: Value, y: Value, default: DType) -> Value:
    return angle_of(b, *broadcast_together(b, *promoted_floats(b, x, y, default=default)))


@operation
def _neg(b: Builder, x: Value) -> Value:
    if x.dtype.is_bool:
        raise RuntimeError(
            "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use "
            "the `~` or `logical_not()` operator instead."
        )
    return b.neg(x)


@operation
def _lerp(b: Builder, start: Value, end: Value, weight: Operand) -> Value:
    others = {"end": end} if isinstance(weight, Number) else {"end": end, "weight": weight}
    for label, other in others.items():
        if other.dtype is not start.dtype:
            names = of_ir(start.dtype).native, of_ir(other.dtype).native
            raise RuntimeError(f"expected dtype {names[0]} for `{label}` but got dtype {names[1]}")
    if not start.dtype.is_differentiable:
        raise not_implemented("lerp", start)
    difference = arithmetic.sub(b, end, start)
    return arithmetic.add(b, start, arithmetic.mul(b, difference, converted(b, weight, start.dtype)))


# -- functions: what users call ----


neg = negative = unary("neg", _neg, "-input. Raises RuntimeError for bools.")


def add(input: Tensor | Scalar, other: Tensor | Scalar, *, alpha: Scalar = 1) -> Tensor:
    """input + alpha * other; logical or of bools. Raises RuntimeError for an alpha that the result cannot hold."""
    x, y = pair("add", input, other)
    if alpha.__class__ is int and alpha == 1:
        return call(_add, (x, y), (default_type(),))
    return call(_add_scaled, (x, y, number("add", "alpha", 3, alpha)), (default_type(),))


def sub(input: Tensor | Scalar, other: Tensor | Scalar, *, alpha: Scalar = 1) -> Tensor:
    """input - alpha * other. Raises RuntimeError for bools."""
    x, y = pair("sub", input, other)
    if alpha.__class__ is int and alpha == 1:
        return call(_sub, (x, y), (default_type(),))
    return call(_sub_scaled, (x, y, number("sub", "alpha", 3, alpha)), (default_type(),))


def mul(input: Tensor | Scalar, other: Tensor | Scalar) -> Tensor:
    """input * other; logical and of bools."""
    return call(_mul, pair("mul", input, other), (default_type(),))


def div(input: Tensor | Scalar, other: Tensor | Scalar, *, rounding_mode: str | None = None) -> Tensor:
    """input / other: floats of integers, unless `rounding_mode` is "floor" or "trunc"."""
    if rounding_mode is None:
        return call(_div, pair("div", input, other), (default_type(),))
    if rounding_mode not in ("floor", "trunc"):
        raise RuntimeError(
            f"div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '{rounding_mode}'"
        )
    operation = _floor_divide if rounding_mode == "floor" else _trunc_divide
    return _divided("div", operation, input, other)


def _divided(name: str, operation: Operation, input: Any, other: Any) -> Tensor:
    """What an operation gives that divides. Raises RuntimeError for integers by 0: a number, or a tensor's that has
    been computed already; others are looked at when they are. Arrays of a device that computes by itself are not."""
    x, y = pair(name, input, other)
    kinds = _kind(x), _kind(y)
    is_defined = "inexact" in kinds or kinds == ("bool", "bool") or (isinstance(x, Tensor) and not x.numel())
    values: Any = y._lazy().array if isinstance(y, Tensor) else np.asarray(y)
    if not is_defined and isinstance(values, np.ndarray) and np.count_nonzero(values) != values.size:
        raise RuntimeError("ZeroDivisionError")
    return call(operation, (x, y), (default_type(), values is None and not is_defined))


def _kind(operand: Tensor | Scalar) -> str:
    """bool, integer or inexact."""
    if isinstance(operand, Tensor):
        dtype = operand.dtype.ir
        return "inexact" if dtype.is_differentiable else "bool" if dtype.is_bool else "integer"
    return {bool: "bool", int: "integer"}.get(operand.__class__, "inexact")


def floor_divide(input: Tensor | Scalar, other: Tensor | Scalar) -> Tensor:
    """input / other rounded down. Raises RuntimeError for integers by 0."""
    return _divided("floor_divide", _floor_divide, input, other)


def remainder(input: Tensor | Scalar, other: Tensor | Scalar) -> Tensor:
    """The remainder with the sign of other, as Python's %. Raises RuntimeError for integers by 0."""
    return _divided("remainder", _remainder, input, other)


def fmod(input: Tensor, other: Tensor | Scalar) -> Tensor:
    """The remainder with the sign of input, as C's fmod. Raises RuntimeError for integers by 0."""
    tensors("fmod", input=input)
    return _divided("fmod", _fmod, input, other)


def pow(input: Tensor | Scalar, exponent: Tensor | Scalar) -> Tensor:
    """input ** exponent. Raises RuntimeError for an integer input with a negative exponent."""
    x, y = pair("pow", input, exponent, ("input", "exponent"))
    if autocasting.on_cuda:
        x, y = (autocasting.full_on_cuda(each) if isinstance(each, Tensor) else each for each in (x, y))
    if y.__class__ is int or y.__class__ is float:
        dtype = x.dtype.ir
        if y in _SMALL and (dtype.is_float or (y in (2, 3) and y.__class__ is int and not dtype.is_bool)):
            return call(_pow_small, (x,), (float(y),))
        if y.__class__ is int and y < 0 and not dtype.is_differentiable:
            raise RuntimeError("Integers to negative integer powers are not allowed.")
    return call(_pow, (x, y), (default_type(),))


def square(input: Tensor) -> Tensor:
    """input * input."""
    return pow(*tensors("square", input=input), 2)


@full_precision_on_cuda
def reciprocal(input: Tensor) -> Tensor:
    """1 / input."""
    return call(_div, (1, *tensors("reciprocal", input=input)), (default_type(),))


def atan2(input: Tensor, other: Tensor) -> Tensor:
    """The angle of the point (other, input)."""
    return call(_atan2, tensors("atan2", input=input, other=other), (default_type(),))


def lerp(input: Tensor, end: Tensor, weight: Tensor | Scalar) -> Tensor:
    """input + weight * (end - input), all of one float dtype."""
    start, end = tensors("lerp", input=input, end=end)
    return call(_lerp, (start, end, weight if isinstance(weight, Tensor) else number("lerp", "weight", 3, weight)))


def addcmul(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Scalar = 1) -> Tensor:
    """input + value * tensor1 * tensor2."""
    x, first, second = tensors("addcmul", input=input, tensor1=tensor1, tensor2=tensor2)
    return add(x, mul(first, second), alpha=value)


def addcdiv(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Scalar = 1) -> Tensor:
    """input + value * tensor1 / tensor2. Raises RuntimeError for an integer quotient."""
    x, first, second = tensors("addcdiv", input=input, tensor1=tensor1, tensor2=tensor2)
    if not first.dtype.ir.is_differentiable and not second.dtype.ir.is_differentiable:
        raise RuntimeError(
            "Integer division with addcdiv is no longer supported, and in a future  release addcdiv will perform a "
            "true division of tensor1 and tensor2. The historic addcdiv behavior can be implemented as (input + value "
            "* torch.trunc(tensor1 / tensor2)).to(input.dtype) for integer inputs and as (input + value * tensor1 / "
            "tensor2) for float inputs. The future addcdiv behavior is just the latter implementation: (input + value "
            "* tensor1 / tensor2), for all dtypes."
        )
    return add(x, div(first, second), alpha=value)
