"""What the order of numbers decides: absolute values and signs, extremes, bounds, rounding."""

from __future__ import annotations

from diptych.functions import arithmetic
from diptych.functions.broadcasting import broadcast_to, broadcast_together
from diptych.functions.constants import filled_like
from diptych.ir import Builder, DType, Op, Value, ops

from ..dtypes import default_type
from ..promotion import Number, Operand, converted, promoted, result_type
from ..tapes.operation import Operation, operation
from ..tapes.recording import call
from ..tensors.tensor import Tensor
from .operands import Scalar, not_implemented, pair, tensors, unary

# -- operations: what is written as equations ----


@operation
def _abs(b: Builder, x: Value) -> Value:
    if x.dtype.is_bool:
        raise not_implemented("abs", x)
    return magnitude(b, x)


def magnitude(b: Builder, x: Value) -> Value:
    """|x|, whose gradient at nan is 0, as PyTorch's sign of nan is; TensorFlow's is nan."""
    if not x.dtype.is_float:
        return b.abs(x)
    zero = filled_like(b, 0, x)
    sign = b.sub(*(b.cast(side, dtype=x.dtype) for side in (b.gt(x, zero), b.lt(x, zero))))
    return b.graft(b.abs(x), b.mul(x, b.stop_gradient(sign)))


@operation
def _sign(b: Builder, x: Value) -> Value:
    if x.dtype.is_complex:
        raise NotImplementedError(
            "Unlike NumPy, torch.sign is not intended to support complex numbers. Please use torch.sgn instead."
        )
    if x.dtype.is_bool:
        return b.identity(x)
    signs = b.sign(x)
    return b.select(b.ne(x, x), filled_like(b, 0, x), signs) if x.dtype.is_float else signs


def _rounding(name: str, op: Op | None) -> Operation:
    def write(b: Builder, x: Value) -> Value:
        if x.dtype.is_complex:
            raise NotImplementedError(f"{name} is not supported for complex inputs")
        if x.dtype.is_bool:
            raise not_implemented(name, x)
        if x.dtype.is_integer:
            return b.identity(x)
        return arithmetic.truncate(b, x) if op is None else b.emit(op, (x,), {})[0]

    write.__name__ = name
    return operation(write)


_floor, _ceil, _round = _rounding("floor", ops.floor), _rounding("ceil", ops.ceil), _rounding("round", ops.round_even)
_trunc = _rounding("trunc", None)


def _extreme(name: str, op: Op) -> Operation:
    def write(b: Builder, x: Value, y: Value) -> Value:
        if x.dtype.is_complex or y.dtype.is_complex:
            raise RuntimeError(f"{name} not implemented for complex tensors.")
        return arithmetic.binary(b, op, *promoted(b, x, y, default=None))

    write.__name__ = name
    return operation(write)


_maximum, _minimum = _extreme("maximum", ops.max), _extreme("minimum", ops.min)


@operation
def _clamp_both(b: Builder, x: Value, low: Operand, high: Operand, default: DType) -> Value:
    dtype = result_type(x, low, high, default=default)
    x, low, high = (converted(b, each, dtype) for each in (x, low, high))
    if dtype.is_bool or dtype.is_complex:
        raise not_implemented("clamp", x)
    x, *bounds = broadcast_together(b, x, low, high) if low.rank or high.rank else (x, low, high)
    low, high = (broadcast_to(b, bound, x.shape) if bound.rank else bound for bound in bounds)
    return b.clamp(low, x, high)


def _clamp_one(called: str, name: str, op: Op, is_beyond: Op, is_within: Op) -> Operation:
    def write(b: Builder, x: Value, bound: Operand, default: DType) -> Value:
        """All of the gradient goes to x where it equals the bound, and nowhere where either is nan."""
        is_number = isinstance(bound, Number)
        x, bound = broadcast_together(b, *promoted(b, x, bound, default=default))
        if x.dtype.is_complex or (x.dtype.is_bool and is_number):
            raise not_implemented(name, x)
        if not x.dtype.is_float:
            return b.select(b.emit(is_beyond, (x, bound), {})[0], bound, x)
        other = filled_like(b, 0, x)
        if not is_number:
            other = b.select(b.emit(is_beyond, (x, bound), {})[0], bound, other)
        return b.graft(b.emit(op, (x, bound), {})[0], b.select(b.emit(is_within, (x, bound), {})[0], x, other))

    write.__name__ = called
    return operation(write)


_clamp_low = _clamp_one("clamp_low", "clamp_min", ops.max, ops.lt, ops.ge)
_clamp_high = _clamp_one("clamp_high", "clamp_max", ops.min, ops.gt, ops.le)


# -- functions: what users call ----


abs = absolute = unary("abs", _abs, "|input|.")
sign = unary("sign", _sign, "-1, 0 or 1; 0 of nan. Raises NotImplementedError for complex numbers.")
floor = unary("floor", _floor, "The largest integer not above input.")
ceil = unary("ceil", _ceil, "The smallest integer not below input.")
round = unary("round", _round, "The nearest integer, halves to the even one.")
trunc = unary("trunc", _trunc, "input rounded towards zero.")


def maximum(input: Tensor, other: Tensor) -> Tensor:
    """The larger of both elements; nan where either is."""
    return call(_maximum, tensors("maximum", input=input, other=other))


def minimum(input: Tensor, other: Tensor) -> Tensor:
    """The smaller of both elements; nan where either is."""
    return call(_minimum, tensors("minimum", input=input, other=other))


def clamp(input: Tensor, min: Tensor | Scalar | None = None, max: Tensor | Scalar | None = None) -> Tensor:
    """input within [min, max], both numbers or both tensors; max where min is larger, nan where a bound is. Raises
    RuntimeError where both are None, TypeError for a number with a tensor that is none."""
    if min is None and max is None:
        raise RuntimeError("torch.clamp: At least one of 'min' or 'max' must not be None")
    if min is None:
        return call(_clamp_high, pair("clamp", input, max, ("input", "max")), (default_type(),))
    if max is None:
        return call(_clamp_low, pair("clamp", input, min, ("input", "min")), (default_type(),))
    x, low = pair("clamp", input, min, ("input", "min"))
    _, high = pair("clamp", input, max, ("input", "max"))
    if isinstance(low, Tensor) is not isinstance(high, Tensor):
        low, high = (each.item() if isinstance(each, Tensor) and each._is_number() else each for each in (low, high))
    if isinstance(low, Tensor) is not isinstance(high, Tensor):
        raise TypeError("clamp(): min and max must be both numbers or both tensors")
    return call(_clamp_both, (x, low, high), (default_type(),))
