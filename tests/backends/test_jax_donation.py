"""Which result takes the memory of which donated argument on jax."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from diptych import backends
from diptych.backends.executable import Executable
from diptych.backends.jax.donation import donated_pairs
from diptych.backends.reference import evaluate
from diptych.ir import Builder, Constant, Function, Value, dtypes, parse

from tests.samples.control import function
from tests.samples.notation import typed

W, M, V = 0, 1, 2  # places of the parameters of `adam`


def number(b: Builder, value: float) -> Value:
    return b.constant(value=Constant(value, dtypes.f32))


def adam(order: tuple[int, ...]) -> Function:
    """One step of Adam on a square weight, whose gradient is a result as well; results in this order of the gradient
    and the new values of the weight and both moments."""
    b = Builder("adam")
    w, m, v, x = (b.parameter(typed("f32[64,64]")) for _ in range(4))
    tenth = b.broadcast(number(b, 0.1), shape=(64, 64), axes=())
    gradient = b.matmul(x, b.tanh(b.matmul(x, w)), lhs_contract=(0,))
    first = b.add(m, b.mul(b.sub(gradient, m), tenth))
    second = b.add(v, b.mul(b.sub(b.mul(gradient, gradient), v), tenth))
    new = b.sub(w, b.div(b.mul(first, tenth), b.add(b.sqrt(second), tenth)))
    results = [gradient, new, first, second]
    return b.finish([results[number] for number in order])


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (0, 3, 2, 1), (2, 0, 1, 3)])
def test_each_meets_its_own_new_value(order: tuple[int, ...]) -> None:
    f = adam(order)
    assert donated_pairs(f, (W, M, V)) == {W: order.index(1), M: order.index(2), V: order.index(3)}
    executable = backends.compile(f, backend="jax", donate=(W, M, V))
    assert isinstance(executable, Executable)
    random = np.random.default_rng(0)
    arrays = [random.uniform(0.5, 1, (64, 64)).astype(np.float32) for _ in range(4)]
    on_device = backends.jax.on_device(arrays)
    for found, wanted in zip(executable(*on_device), evaluate(f, arrays), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=2e-5)
    assert [array.is_deleted() for array in on_device] == [True, True, True, False]
    copies = re.findall(r"= f32\[64,64\]\S* copy\(", executable.runner.hlo())
    assert copies == []


def test_results_of_the_type_take_what_is_left_over() -> None:
    f = parse("func @turn(%x: f32[4,4], %y: f32[4,4]) -> (f32[4,4]) { %z: f32[4,4] = matmul %x, %y return %z }")
    assert donated_pairs(f, (0, 1)) == {0: 0}


def test_what_no_result_is_of_the_type_of_is_not_donated() -> None:
    f = parse("func @sum(%x: f32[4], %y: f32[4]) -> (f32[]) { %z: f32[] = reduce_sum %x {axes=[0]} return %z }")
    assert donated_pairs(f, (0,)) == {}


def _rounds(b: Builder, state: Value, other: Value) -> Value:
    body = function("body", "f32[4] f32[4]", lambda b, other, x: b.add(x, other))
    return b.scan(other, state, body=body, length=3, constants=1, carries=1)[0]


def _loop(b: Builder, state: Value, other: Value) -> Value:
    small = function("small", "f32[4] f32[4]", lambda b, _, x: b.lt(b.reduce_sum(x, axes=(0,)), number(b, 9)))
    body = function("body", "f32[4] f32[4]", lambda b, other, x: b.add(x, other))
    return b.while_loop(other, state, condition=small, body=body, constants=1)[0]


def _written(b: Builder, state: Value, other: Value) -> Value:
    place = b.iota(shape=(4,), axis=0, dtype=dtypes.i64)
    return b.scatter(state, other, place, axes=(0,), combine="set")


@pytest.mark.parametrize(
    "new", [_rounds, _loop, _written, lambda b, state, _: b.shard(state, axes="."), lambda b, state, _: state]
)
def test_through_what_the_new_value_is_found(new: Callable[[Builder, Value, Value], Value]) -> None:
    f = function("f", "f32[4] f32[4]", lambda b, other, state: [b.neg(other), new(b, state, b.exp(other))])
    assert donated_pairs(f, (0, 1)) == {0: 0, 1: 1}
    assert donated_pairs(f, (1,)) == {1: 1}
