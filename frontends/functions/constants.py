"""Numbers as values: a scalar constant, and its broadcast."""

from __future__ import annotations

from diptych.ir import Builder, Constant, Dim, DType, Shape, Value, dtypes, ops

Number = int | float | complex | bool


def scalar(b: Builder, number: Number, dtype: DType) -> Value:
    """`number` as a scalar of `dtype`."""
    return b.constant(value=Constant(number, dtype))


def filled(b: Builder, number: Number, shape: Shape, dtype: DType) -> Value:
    """`shape` full of `number`."""
    value = scalar(b, number, dtype)
    return b.broadcast(value, shape=shape, axes=()) if shape else value


def filled_like(b: Builder, number: Number, x: Value) -> Value:
    """x's type full of `number`."""
    return filled(b, number, x.shape, x.dtype)


def as_operand(b: Builder, number: Number | Value, like: Value) -> Value:
    """`number` shaped as `like`: a Python number becomes a constant, a scalar value is broadcast."""
    if not isinstance(number, Value):
        return filled_like(b, number, like)
    if number.shape == like.shape:
        return number
    return b.broadcast(number, shape=like.shape, axes=())


def is_constant(b: Builder, x: Value) -> bool:
    """Whether x is a constant, or a broadcast one."""
    equation = b.definition(x)
    while equation is not None and equation.op is ops.broadcast:
        equation = b.definition(equation.operands[0])
    return equation is not None and equation.op is ops.constant


def known_integer(b: Builder, x: Value) -> int | None:
    """The number that a scalar is, where it is a constant."""
    equation = b.definition(x)
    return int(equation.attributes["value"].array) if equation is not None and equation.op is ops.constant else None


def size_of(b: Builder, dim: Dim, dtype: DType) -> Value:
    """A dimension's size as a scalar of `dtype`: a constant where it is a number."""
    if isinstance(dim, int):
        return scalar(b, dim, dtype)
    if dtype.is_integer:
        return b.dimension(size=dim, dtype=dtype)
    return b.cast(b.dimension(size=dim, dtype=dtypes.i64), dtype=dtype)
