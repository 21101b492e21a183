"""Writes into an array that their update is made of: XLA's own loops on a CPU overwrite what they still have to read."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from diptych import backends
from diptych.backends.jax.overlaps import overlapping
from diptych.backends.reference.interpreter import evaluate
from diptych.ir import Builder, Constant, Function, TensorType, Value, dtypes

SHAPE = (1, 1, 10)


def program(write: Callable[[Builder, Value, Value], Value]) -> Function:
    """`write` of ten computed numbers and of where to begin."""
    b = Builder("program")
    x, start = b.parameter(TensorType(dtypes.f64, SHAPE)), b.parameter(TensorType(dtypes.i32, ()))
    return b.finish([write(b, b.sin(x), start)])


def first(b: Builder, x: Value, count: int) -> Value:
    return b.slice(x, start=(0,), limit=(count,), stride=(1,))


def zero(b: Builder) -> Value:
    return b.constant(value=Constant(0, dtypes.i32))


def moved_by_one(b: Builder, x: Value, start: Value) -> Value:
    flat = b.reshape(x, shape=(10,))
    return b.dynamic_update_slice(flat, first(b, flat, 9), b.constant(value=Constant(1, dtypes.i32)))


def moved(b: Builder, x: Value, start: Value) -> Value:
    flat = b.reshape(x, shape=(10,))
    return b.dynamic_update_slice(flat, b.neg(first(b, flat, 8)), start)


def moved_as_a_sum(b: Builder, x: Value, start: Value) -> Value:
    flat = b.reduce_sum(x, axes=(0, 1))
    return b.dynamic_update_slice(flat, first(b, b.reshape(x, shape=(10,)), 8), start)


def turned(b: Builder, x: Value, start: Value) -> Value:
    flat = b.reshape(x, shape=(10,))
    part = b.dynamic_slice(flat, start, sizes=(8,))
    return b.dynamic_update_slice(flat, b.reverse(part, axes=(0,)), start)


def reshaped_behind(b: Builder, x: Value, start: Value) -> Value:
    column = b.reshape(x, shape=(10, 1))
    part = b.slice(column, start=(0, 0), limit=(8, 1), stride=(1, 1))
    return b.reshape(b.dynamic_update_slice(column, part, start, zero(b)), shape=(1, 10, 1))


def row_turned(b: Builder, x: Value, start: Value, combine: str = "set") -> Value:
    rows = b.reshape(x, shape=(2, 5))
    row = b.slice(rows, start=(1, 0), limit=(2, 5), stride=(1, 1))
    place = b.reshape(start, shape=(1,))
    return b.scatter(rows, b.reverse(row, axes=(1,)), place, axes=(0,), combine=combine, bounds="drop")


def row_turned_and_added(b: Builder, x: Value, start: Value) -> Value:
    return row_turned(b, x, start, "add")


def twice(b: Builder, x: Value, start: Value) -> Value:
    return moved(b, b.reshape(moved(b, x, start), shape=SHAPE), start)


def through_a_call(b: Builder, x: Value, start: Value) -> Value:
    inner = Builder("inner")
    flat, part = inner.parameter(TensorType(dtypes.f64, (10,))), inner.parameter(TensorType(dtypes.f64, (8,)))
    body = inner.finish([inner.dynamic_update_slice(flat, part, inner.constant(value=Constant(1, dtypes.i32)))])
    whole = b.reshape(x, shape=(10,))
    (written,) = b.call(whole, first(b, whole, 8), body=body)
    return written


WRITES = (
    moved_by_one, moved, moved_as_a_sum, turned, reshaped_behind, row_turned, row_turned_and_added,
    twice, through_a_call,
)  # fmt: skip


@pytest.mark.parametrize("write", WRITES, ids=lambda each: each.__name__)
def test_what_is_read_was_not_overwritten(write: Callable[[Builder, Value, Value], Value]) -> None:
    function = program(write)
    run = backends.compile(function, backend="jax")
    x = np.arange(10.0).reshape(SHAPE) / 7
    for start in (-1, 0, 1, 2, 5):
        (wanted,) = evaluate(function, (x, np.int32(start)))
        (found,) = run(x, np.int32(start))
        assert np.allclose(found, wanted, rtol=1e-12, atol=0)


def test_what_is_added_was_not_overwritten() -> None:
    """A row, turned round and added to itself; XLA makes one write of a sum with zeros around the row."""
    b = Builder("program")
    x, place = b.parameter(TensorType(dtypes.f64, (1, 3, 4))), b.parameter(TensorType(dtypes.i64, (1,)))
    rows = b.sin(x)
    row = b.slice(rows, start=(0, 2, 0), limit=(1, 3, 4), stride=(1, 1, 1))
    added = b.scatter(rows, b.reverse(row, axes=(2,)), place, axes=(1,), combine="add", bounds="drop")
    shaped = b.reshape(added, shape=(3, 1, 4))
    part = b.slice(shaped, start=(0, 0, 0), limit=(2, 1, 3), stride=(1, 1, 1))
    function = b.finish([b.dynamic_update_slice(shaped, part, *[b.constant(value=Constant(0, dtypes.i64))] * 3)])
    arguments = np.arange(12.0).reshape(1, 3, 4) / 7, np.array([2])
    (found,) = backends.compile(function, backend="jax")(*arguments)
    assert np.allclose(found, evaluate(function, arguments)[0], rtol=1e-12, atol=0)


def from_elsewhere(b: Builder, x: Value, start: Value) -> Value:
    """As into a cache, which is read behind the write."""
    cache = b.dynamic_update_slice(
        b.constant(value=Constant(np.zeros(10))), first(b, b.reshape(x, shape=(10,)), 8), start
    )
    return b.mul(cache, cache)


def behind_a_product(b: Builder, x: Value, start: Value) -> Value:
    row = b.reshape(x, shape=(10,))
    square = b.broadcast(row, shape=(8, 10), axes=(1,))
    part = b.matmul(square, row, lhs_contract=(1,), rhs_contract=(0,), lhs_batch=(), rhs_batch=())
    return b.dynamic_update_slice(row, part, start)


def of_one_element(b: Builder, x: Value, start: Value) -> Value:
    flat = b.reshape(x, shape=(10,))
    return b.dynamic_update_slice(flat, first(b, flat, 1), start)


@pytest.mark.parametrize("write", [from_elsewhere, behind_a_product, of_one_element], ids=lambda each: each.__name__)
def test_other_writes_stay_in_place(write: Callable[[Builder, Value, Value], Value]) -> None:
    assert not overlapping(program(write), is_inline=False)


def test_what_a_round_carries_is_written_in_place() -> None:
    """Its parameters are arrays of their own, unlike those of a function that comes out inline."""
    b = Builder("round")
    whole, part = b.parameter(TensorType(dtypes.f64, (10,))), b.parameter(TensorType(dtypes.f64, (8,)))
    written = b.dynamic_update_slice(whole, part, b.constant(value=Constant(1, dtypes.i32)))
    body = b.finish([written])
    assert not overlapping(body, is_inline=False)
    assert overlapping(body, is_inline=True) == {body.results[0]}
