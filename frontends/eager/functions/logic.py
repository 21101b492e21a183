"""Comparisons, bits, truth, and choices by it, with PyTorch's promotion and broadcasting."""

from __future__ import annotations

from typing import Any

from diptych.functions import arithmetic
from diptych.functions.broadcasting import broadcast_together
from diptych.ir import Builder, DType, Op, Value, dtypes, ops

from ..dtypes import default_type
from ..promotion import Operand, converted, promoted
from ..tapes.batches import check_shape_known
from ..tapes.operation import Operation, not_run, operation
from ..tapes.recording import call
from ..tensors.tensor import Tensor
from .operands import Scalar, number, pair, tensor, tensor_first, tensors, unary

# -- operations: what is written as equations ----


def _binary(name: str, op: Op) -> Operation:
    def write(b: Builder, x: Operand, y: Operand, default: DType) -> Value:
        return b.emit(op, broadcast_together(b, *promoted(b, x, y, default=default)), {})[0]

    write.__name__ = name
    return operation(write)


_eq, _ne, _lt, _le, _gt, _ge = (_binary(op.name, op) for op in (ops.eq, ops.ne, ops.lt, ops.le, ops.gt, ops.ge))
_and, _or, _xor = (_binary(op.name, op) for op in (ops.bitwise_and, ops.bitwise_or, ops.bitwise_xor))


@operation
def _not(b: Builder, x: Value) -> Value:
    if x.dtype.is_differentiable:
        raise TypeError("~ (operator.invert) is only implemented on integer and Boolean-type tensors")
    return b.bitwise_not(x)


def _truth(b: Builder, x: Value) -> Value:
    return x if x.dtype.is_bool else b.cast(x, dtype=dtypes.bool_)


@operation
def _logical_not(b: Builder, x: Value) -> Value:
    return b.bitwise_not(_truth(b, x))


def _logical(name: str, op: Op) -> Operation:
    def write(b: Builder, x: Value, y: Value) -> Value:
        return arithmetic.binary(b, op, _truth(b, x), _truth(b, y))

    write.__name__ = name
    return operation(write)


_logical_and = _logical("logical_and", ops.bitwise_and)
_logical_or = _logical("logical_or", ops.bitwise_or)
_logical_xor = _logical("logical_xor", ops.bitwise_xor)


@operation
def _isnan(b: Builder, x: Value) -> Value:
    return b.ne(x, x)


@operation
def _isfinite(b: Builder, x: Value) -> Value:
    return b.is_finite(x) if x.dtype.is_differentiable else b.eq(x, x)


@operation
def _isinf(b: Builder, x: Value) -> Value:
    if x.dtype.is_complex:
        return b.bitwise_or(*(arithmetic.is_infinite(b, part) for part in (b.real(x), b.imag(x))))
    return arithmetic.is_infinite(b, x) if x.dtype.is_float else b.ne(x, x)


@operation
def _where(b: Builder, condition: Value, x: Operand, y: Operand, default: DType) -> Value:
    return arithmetic.where(b, _truth(b, condition), *promoted(b, x, y, default=default))


@operation
def _masked_fill(b: Builder, x: Value, mask: Value, value: Operand) -> Value:
    return arithmetic.where(b, mask, converted(b, value, x.dtype), x)


# -- functions: what users call ----


def eq(input: Tensor, other: Tensor | Scalar) -> Tensor:
    """input == other as bools."""
    return call(_eq, tensor_first("eq", input, other), (default_type(),))


def ne(input: Tensor, other: Tensor | Scalar) -> Tensor:
    """input != other as bools."""
    return call(_ne, tensor_first("ne", input, other), (default_type(),))


def lt(input: Tensor, other: Tensor | Scalar) -> Tensor:
    """input < other as bools."""
    return call(_lt, tensor_first("lt", input, other), (default_type(),))


def le(input: Tensor, other: Tensor | Scalar) -> Tensor:
    """input <= other as bools."""
    return call(_le, tensor_first("le", input, other), (default_type(),))


def gt(input: Tensor, other: Tensor | Scalar) -> Tensor:
    """input > other as bools."""
    return call(_gt, tensor_first("gt", input, other), (default_type(),))


def ge(input: Tensor, other: Tensor | Scalar) -> Tensor:
    """input >= other as bools."""
    return call(_ge, tensor_first("ge", input, other), (default_type(),))


def bitwise_and(input: Tensor | Scalar, other: Tensor | Scalar) -> Tensor:
    """Bits set in both; logical and of bools."""
    return call(_and, pair("bitwise_and", input, other), (default_type(),))


def bitwise_or(input: Tensor | Scalar, other: Tensor | Scalar) -> Tensor:
    """Bits set in either; logical or of bools."""
    return call(_or, pair("bitwise_or", input, other), (default_type(),))


def bitwise_xor(input: Tensor | Scalar, other: Tensor | Scalar) -> Tensor:
    """Bits set in one only; logical exclusive or of bools."""
    return call(_xor, pair("bitwise_xor", input, other), (default_type(),))


bitwise_not = unary("bitwise_not", _not, "Every bit flipped; logical not of bools. Raises TypeError for floats.")
logical_not = unary("logical_not", _logical_not, "Whether the element is zero.")
isnan = unary("isnan", _isnan, "Whether input is nan.")
isinf = unary("isinf", _isinf, "Whether input is inf or -inf.")
isfinite = unary("isfinite", _isfinite, "Whether input is neither infinite nor nan.")


def logical_and(input: Tensor, other: Tensor) -> Tensor:
    """Whether both are not zero."""
    return call(_logical_and, tensors("logical_and", input=input, other=other))


def logical_or(input: Tensor, other: Tensor) -> Tensor:
    """Whether either is not zero."""
    return call(_logical_or, tensors("logical_or", input=input, other=other))


def logical_xor(input: Tensor, other: Tensor) -> Tensor:
    """Whether just one is not zero."""
    return call(_logical_xor, tensors("logical_xor", input=input, other=other))


def where(condition: Tensor, input: Tensor | Scalar | None = None, other: Tensor | Scalar | None = None) -> Any:
    """input where condition, of bools, holds, other elsewhere; of a condition alone the places where it is not zero, a
    vector for each axis. Raises RuntimeError for a condition of another type."""
    tensor("where", "condition", 1, condition)
    if input is None and other is None:
        from .indexing import nonzero

        check_shape_known(condition, "where")
        return nonzero(condition, as_tuple=True)
    if condition.dtype.ir not in (dtypes.bool_, dtypes.u8):
        if condition.is_sparse:
            raise not_run("where.self")
        kind = condition.dtype.scalar
        raise RuntimeError(f"where expected condition to be a boolean tensor, but got a tensor with dtype {kind}")
    x, y = (each if isinstance(each, Tensor) else number("where", label, place, each)
            for place, (label, each) in enumerate((("input", input), ("other", other)), 2))  # fmt: skip
    return call(_where, (condition, x, y), (default_type(),))


def masked_fill(input: Tensor, mask: Tensor, value: Tensor | Scalar) -> Tensor:
    """`value`, a number or scalar tensor, where mask holds, input elsewhere. Raises RuntimeError for a mask that is not
    bool."""
    from ..tensors.creation import fitting

    tensors("masked_fill", input=input, mask=mask)
    if not mask.dtype.ir.is_bool:
        raise RuntimeError(f"masked_fill_ only supports boolean masks, but got mask with dtype {mask.dtype.native}")
    filler: Any = value if isinstance(value, Tensor) else number("masked_fill", "value", 3, value)
    if isinstance(filler, Tensor):
        if filler.ndim:
            raise RuntimeError(
                f"masked_fill_ only supports a 0-dimensional value tensor, but got tensor with {filler.ndim} "
                "dimension(s)."
            )
        if filler.dtype.is_complex and not input.dtype.is_complex:
            filler = filler.item()
    if isinstance(filler, complex) and not filler.imag and not input.dtype.is_complex:
        filler = filler.real
    if not isinstance(filler, Tensor):
        filler = fitting(filler, input.dtype)
    return call(_masked_fill, (input, mask, filler))
