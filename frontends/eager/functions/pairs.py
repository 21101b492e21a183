"""Functions of two numbers that are made of others: closeness, signs, extremes, logarithms of sums, divisors, bits."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from diptych.functions import arithmetic, special
from diptych.functions.broadcasting import broadcast_together
from diptych.functions.constants import filled_like
from diptych.functions.own_gradients import with_gradient
from diptych.ir import Builder, DType, Value, dtypes

from .. import dtypes as dtype_module
from ..dtypes import default_type
from ..promotion import Operand, promoted, promoted_floats
from ..tapes.batches import check_single
from ..tapes.callers import renamed
from ..tapes.operation import operation
from ..tapes.recording import call
from ..tensors.tensor import Tensor
from . import arithmetic as sums
from . import logic, ordering
from .elementary import sign_bit
from .operands import Scalar, not_implemented, pair, tensor_first, tensors
from .pointwise import cast

Write = Callable[[Builder, Value, Value], Value]
_NUMBERS_FIRST = ("bitwise_left_shift", "bitwise_right_shift", "xlog1py", "xlogy")  # whose input may be a number
_NUMBERS_SECOND = ("copysign",)  # whose other operand may

# -- operations: what is written as equations ----


def _function(name: str, summary: str, write: Write, *, floats: bool = False, only: str = "") -> Any:
    """The function `name` of two operands in their common type, as floats with `floats`; `only` names the kinds of
    types that it takes, all where it is empty."""

    def written(b: Builder, x: Operand, y: Operand, default: DType) -> Value:
        found = (promoted_floats if floats else promoted)(b, x, y, default=default)
        if only and found[0].dtype.kind not in only.split():
            raise not_implemented(f"{name}_cpu", found[0])
        return write(b, *broadcast_together(b, *found))

    written.__name__ = name
    made = operation(written)
    takes = pair if name in _NUMBERS_FIRST else tensor_first if name in _NUMBERS_SECOND else _two_tensors

    def function(input: Tensor | Scalar, other: Tensor | Scalar) -> Tensor:
        return call(made, takes(name, input, other), (default_type(),))

    renamed(function, name)
    function.__doc__ = summary
    return function


def _two_tensors(name: str, input: Any, other: Any) -> tuple[Any, ...]:
    return tensors(name, input=input, other=other)


def _copysign(b: Builder, x: Value, y: Value) -> Value:
    """x with the sign of y. The gradient is what x is multiplied by, 0 at 0 and nan where x is not finite."""
    differ = b.ne(sign_bit(b, x), sign_bit(b, y))
    turned = b.select(differ, b.neg(x), x)
    zero = filled_like(b, 0, x)
    factor = b.stop_gradient(b.select(b.eq(x, zero), zero, b.div(turned, x)))
    return b.graft(turned, b.mul(x, factor))


def _of_numbers(largest: bool) -> Write:
    def write(b: Builder, x: Value, y: Value) -> Value:
        if x.dtype.is_bool:
            return b.bitwise_or(x, y) if largest else b.bitwise_and(x, y)
        if x.dtype.is_complex:
            raise not_implemented("fmax" if largest else "fmin", x)
        takes_first = b.ge(x, y) if largest else b.le(x, y)
        if x.dtype.is_float:
            takes_first = b.bitwise_or(takes_first, b.ne(y, y))
        return b.select(takes_first, x, y)

    return write


def _hypot(b: Builder, x: Value, y: Value) -> Value:
    """Infinite where either is, even beside nan. There is no gradient at the origin: it is nan."""
    first, second = b.abs(x), b.abs(y)
    high = b.stop_gradient(b.max(first, second))
    is_plain = b.bitwise_and(b.is_finite(high), b.gt(high, filled_like(b, 0, high)))
    scale = b.select(is_plain, high, filled_like(b, 1, high))
    left, right = b.div(x, scale), b.div(y, scale)
    root = b.mul(b.sqrt(b.add(b.mul(left, left), b.mul(right, right))), scale)
    infinite = filled_like(b, math.inf, x)
    is_infinite = b.bitwise_or(b.eq(first, infinite), b.eq(second, infinite))
    return b.select(is_infinite, infinite, root)


def _log_of_sum(base: float) -> Write:
    """log(base**x + base**y) without overflow."""

    def write(b: Builder, x: Value, y: Value) -> Value:
        if x.dtype.is_complex:
            return b.log(b.add(b.exp(x), b.exp(y)))
        high, low = b.max(x, y), b.min(x, y)
        same = b.bitwise_and(b.eq(x, y), b.bitwise_not(b.is_finite(x)))
        scale = filled_like(b, math.log(base), x)
        added = b.log1p(b.exp(b.mul(b.sub(low, high), scale)))
        return b.select(same, x, b.add(high, b.div(added, scale)))  # the gradient where both are infinite is nan

    return write


def _heaviside(b: Builder, x: Value, y: Value) -> Value:
    if x.dtype.is_bool:
        return b.bitwise_or(x, y)
    zero, one = filled_like(b, 0, x), filled_like(b, 1, x)
    found = b.select(b.lt(x, zero), zero, one)
    found = b.select(b.eq(x, zero), y, found)
    return found


def _gcd(b: Builder, x: Value, y: Value) -> Value:
    """By Euclid, as many steps as two numbers of 64 bits may need."""
    first, second = (b.abs(each) if each.dtype.kind == "signed" else each for each in (x, y))
    condition, body = b.nested("more"), b.nested("step")
    _, rest = (condition.parameter(value.type) for value in (first, second))
    more = condition.reduce_or(condition.ne(rest, filled_like(condition, 0, rest)), axes=range(rest.rank))
    left, right = (body.parameter(value.type) for value in (first, second))
    zero = filled_like(body, 0, right)
    done = body.eq(right, zero)
    remainder = body.rem(left, body.select(done, filled_like(body, 1, right), right))
    step = body.finish([body.select(done, left, right), body.select(done, zero, remainder)])
    return b.while_loop(first, second, condition=condition.finish([more]), body=step)[0]


def _lcm(b: Builder, x: Value, y: Value) -> Value:
    divisor = _gcd(b, x, y)
    zero = filled_like(b, 0, x)
    safe = b.select(b.eq(divisor, zero), filled_like(b, 1, x), divisor)
    found = b.mul(arithmetic.truncated_div(b, x, safe), y)
    return b.abs(found) if x.dtype.kind == "signed" else found


def _shift(left: bool) -> Write:
    def write(b: Builder, x: Value, y: Value) -> Value:
        """What is shifted by more bits than there are is 0, or all sign."""
        bits = x.dtype.bits
        limit = filled_like(b, bits - 1 if x.dtype.kind == "signed" and not left else bits, y)
        out = b.ge(y, limit)
        if y.dtype.kind == "signed":
            out = b.bitwise_or(out, b.lt(y, filled_like(b, 0, y)))
        safe = b.select(out, filled_like(b, 0, y), y)
        if left:
            return b.select(out, filled_like(b, 0, x), b.shift_left(x, safe))
        if x.dtype.kind == "unsigned":
            return b.select(out, filled_like(b, 0, x), b.shift_right(x, safe))
        return b.shift_right(x, b.select(out, filled_like(b, bits - 1, y), y))

    return write


def _times_log(logarithm: Callable[[Builder, Value], Value], end: float) -> Write:
    """x * logarithm(y); 0 where x is 0, nan where y is. `end` is the number whose logarithm is -inf."""

    def function(b: Builder, x: Value, y: Value) -> Value:
        zero = filled_like(b, 0, x)
        found = b.select(b.eq(x, zero), zero, b.mul(x, logarithm(b, y)))
        return b.select(b.ne(y, y), y, found)

    def gradient(b: Builder, ct: Value, out: Value, x: Value, y: Value) -> tuple[Value, Value]:
        """The logarithm itself where x is 0, unless there is none; nan where x is 0 and y is `end`."""
        zero = filled_like(b, 0, x)
        is_none = b.bitwise_and(b.eq(x, zero), b.le(y, filled_like(b, end, y)))
        by_x = b.select(b.bitwise_or(is_none, b.eq(ct, zero)), zero, b.mul(ct, logarithm(b, y)))
        return by_x, b.mul(ct, b.div(x, y if not end else b.sub(y, filled_like(b, end, y))))

    return lambda b, x, y: with_gradient(b, function, gradient, x, y)


x_log_y, _x_log1p_y = _times_log(Builder.log, 0), _times_log(Builder.log1p, -1)


def _nextafter(b: Builder, x: Value, y: Value) -> Value:
    if x.dtype in (dtypes.f32, dtypes.f64):
        history = b.select(b.eq(x, y), filled_like(b, 0, x), x)
        return b.graft(b.stop_gradient(special.next_after(b, x, y)), history)
    raise not_implemented("nextafter_cpu", x)


copysign = _function("copysign", "|input| with the sign of other.", _copysign, floats=True, only="float")
fmax = _function("fmax", "The larger of both; of a number and nan the number.", _of_numbers(True))
fmin = _function("fmin", "The smaller of both; of a number and nan the number.", _of_numbers(False))
hypot = _function("hypot", "sqrt(input**2 + other**2) without overflow.", _hypot, only="float")
logaddexp = _function("logaddexp", "log(exp(input) + exp(other)) without overflow.", _log_of_sum(math.e),
                      only="float complex")  # fmt: skip
logaddexp2 = _function("logaddexp2", "log2(2**input + 2**other) without overflow.", _log_of_sum(2), only="float")
_steps = _function("heaviside", "0 below 0, 1 above; at 0, values.", _heaviside)
gcd = _function("gcd", "The greatest common divisor of integers.", _gcd, only="signed unsigned")
lcm = _function("lcm", "The least common multiple of integers.", _lcm, only="signed unsigned")
bitwise_left_shift = _function("bitwise_left_shift", "Bits moved left by other.", _shift(True), only="signed unsigned")
bitwise_right_shift = _function(
    "bitwise_right_shift", "Bits moved right by other, the sign repeated.", _shift(False), only="signed unsigned"
)
nextafter = _function("nextafter", "The next float after input towards other.", _nextafter)
xlogy = _function("xlogy", "input * log(other), and 0 where input is 0.", x_log_y, floats=True, only="float")
xlog1py = _function("xlog1py", "input * log1p(other), and 0 where input is 0.", _x_log1p_y, floats=True, only="float")


# -- functions: what users call ----


def heaviside(input: Tensor, values: Tensor) -> Tensor:
    """0 below 0, 1 above; at 0, `values`. Raises RuntimeError for other dtypes than one real one."""
    x, y = tensors("heaviside", input=input, values=values)
    if x.dtype.is_complex or y.dtype.is_complex:
        raise RuntimeError("heaviside is not yet implemented for complex tensors.")
    if x.dtype is not y.dtype:
        raise RuntimeError("heaviside is not yet implemented for tensors with different dtypes.")
    return _steps(x, y)


def ldexp(input: Tensor, other: Tensor) -> Tensor:
    """input * 2**other."""
    x, y = tensors("ldexp", input=input, other=other)
    return sums.mul(x, sums.pow(2.0, y))


def float_power(input: Tensor | Scalar, exponent: Tensor | Scalar) -> Tensor:
    """input ** exponent in double precision."""
    pair("float_power", input, exponent, ("input", "exponent"))
    is_complex = any(
        isinstance(x, complex) or (isinstance(x, Tensor) and x.dtype.is_complex) for x in (input, exponent)
    )
    target = dtype_module.complex128 if is_complex else dtype_module.float64
    wide = (cast(x, target) if isinstance(x, Tensor) else (complex(x) if is_complex else float(x))
            for x in (input, exponent))  # fmt: skip
    return sums.pow(*wide)


def rsub(input: Tensor, other: Tensor | Scalar, *, alpha: Scalar = 1) -> Tensor:
    """other - alpha * input."""
    return sums.sub(other, *tensors("rsub", input=input), alpha=alpha)


def _check_bound(name: str, x: Tensor, label: str, bound: Any) -> None:
    if bound is None:
        raise TypeError(f"{name}(): argument '{label}' (position 2) must be Tensor or Number, not NoneType")


def clamp_min(input: Tensor, min: Tensor | Scalar) -> Tensor:
    """input, not below min."""
    _check_bound("clamp_min", *tensors("clamp_min", input=input), "min", min)
    return ordering.clamp(input, min=min)


def clamp_max(input: Tensor, max: Tensor | Scalar) -> Tensor:
    """input, not above max."""
    _check_bound("clamp_max", *tensors("clamp_max", input=input), "max", max)
    return ordering.clamp(input, max=max)


def isclose(input: Tensor, other: Tensor, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Tensor:
    """Whether |input - other| <= atol + rtol * |other|; nan is close to nan with `equal_nan`. Raises RuntimeError for
    different dtypes and negative tolerances."""
    x, y = tensors("isclose", input=input, other=other)
    if x.dtype is not y.dtype:
        raise RuntimeError(f"{x.dtype.scalar} did not match {y.dtype.scalar}")
    for label, value in (("rtol", rtol), ("atol", atol)):
        if value < 0:
            raise RuntimeError(f"{label} must be greater than or equal to zero, but got {value:g}")
    if x.dtype.ir.is_bool:
        x, y = cast(x, dtype_module.int64), cast(y, dtype_module.int64)
    found = logic.eq(x, y)
    if equal_nan and x.dtype.ir.is_differentiable:
        found = logic.logical_or(found, logic.logical_and(logic.isnan(x), logic.isnan(y)))
    if not rtol and not atol:
        return found
    if not x.dtype.ir.is_differentiable:
        x, y = cast(x, dtype_module.float64), cast(y, dtype_module.float64)
    x, y = x.detach(), y.detach()
    error = ordering.abs(sums.sub(x, y))
    allowed = sums.add(sums.mul(ordering.abs(y), rtol), atol)
    is_near = logic.logical_and(logic.isfinite(error), logic.le(error, allowed))
    return logic.logical_or(found, is_near)


def allclose(input: Tensor, other: Tensor, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> bool:
    """Whether all elements are close, as `isclose`."""
    x, y = tensors("allclose", input=input, other=other)
    close = isclose(x, y, rtol, atol, equal_nan).all()
    check_single(
        close,
        "vmap over torch.allclose isn't supported yet. Please file an issue at "
        "https://github.com/pytorch/pytorch/issues if you need this feature.",
    )
    return bool(close)


def equal(input: Tensor, other: Tensor) -> bool:
    """Whether both have the same shape and elements."""
    x, y = tensors("equal", input=input, other=other)
    if tuple(x.shape) != tuple(y.shape):
        return False
    if x.dtype is not y.dtype:
        raise RuntimeError(
            f"Expected object of data type {x.dtype.native} but got data type {y.dtype.native} for argument 'other'"
        )
    for each in (x, y):
        check_single(each, "Batching rule not implemented for aten::equal. We could not generate a fallback.")
    return bool(np.array_equal(np.asarray(x._array()), np.asarray(y._array())))
