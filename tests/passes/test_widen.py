"""Which operations on slices become one, and that every bit stays."""

from __future__ import annotations

import numpy as np
from diptych.ir import Builder, Constant, Function, TensorType, Value, dtypes, ops
from diptych.passes.widen import widen

from tests.passes.text import agree


def gates(b: Builder, x: Value, count: int) -> list[Value]:
    """The first columns of x [2, 8], two a gate."""
    pairs = [(2 * number, 2 * number + 2) for number in range(count)]
    return [b.slice(x, start=(0, low), limit=(2, high), stride=(1, 1)) for low, high in pairs]


def start() -> tuple[Builder, Value]:
    b = Builder()
    return b, b.parameter(TensorType(dtypes.f32, (2, 8)), "x")


def names(f: Function) -> list[str]:
    free = (ops.constant, ops.broadcast, ops.slice)
    return [equation.op.name for equation in f.equations if equation.op not in free]


def test_gates_have_one_sigmoid_and_one_slope() -> None:
    """What comes behind, of slices of what was widened and of numbers, is widened as well."""
    b, x = start()
    one = b.broadcast(b.constant(value=Constant(np.float32(1))), shape=(2, 2), axes=())
    first = [b.logistic(gate) for gate in gates(b, x, 3)]
    f = b.finish([b.mul(gate, b.sub(one, gate)) for gate in first])
    g = widen(f)
    agree(f, g, rtol=0)
    assert names(f) == ["logistic"] * 3 + ["sub", "mul"] * 3
    assert names(g) == ["logistic", "sub", "mul"]
    assert widen(g) is g


def test_two_slices_stay() -> None:
    b, x = start()
    f = b.finish([b.exp(gate) for gate in gates(b, x, 2)])
    assert widen(f) is f


def test_slices_of_a_small_part_stay() -> None:
    b = Builder()
    x = b.parameter(TensorType(dtypes.f32, (2, 80)), "x")
    f = b.finish([b.exp(gate) for gate in gates(b, x, 4)])
    assert widen(f) is f


def test_other_operations_stay() -> None:
    b, x = start()
    left, *others = gates(b, x, 4)
    f = b.finish([b.tanh(left), b.neg(others[0]), b.exp(others[1]), b.add(others[2], left)])
    assert widen(f) is f


def test_numbers_that_differ_are_told_apart() -> None:
    b, x = start()
    number = [b.broadcast(b.constant(value=Constant(np.float32(n))), shape=(2, 2), axes=()) for n in (0.0, -0.0)]
    one, two, three, four = gates(b, x, 4)
    f = b.finish([b.add(one, number[0]), b.add(two, number[0]), b.add(three, number[1]), b.add(four, number[1])])
    assert widen(f) is f
