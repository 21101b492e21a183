"""Which results may be written over which operands."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from diptych.ir import OPS, Builder, Function, Value, dtypes, ops
from diptych.passes.aliasing import VIEWS, overwriting
from diptych.passes.elementwise import BINARY, UNARY

from tests.samples.control import function


def allowed(f: Function, number: int = 0) -> list[bool]:
    """For each operand of the last equation, whether result `number` may be written over it."""
    equation = f.equations[-1]
    own = overwriting(equation)
    return [own.allows(number, operand) for operand in equation.operands]


def of_group(types: str, body: Callable[..., Value | Sequence[Value]], number: int = 0) -> list[bool]:
    inner = function("group", types, body)
    return allowed(function("f", types, lambda b, *xs: b.fused(*xs, body=inner)), number)


def test_simple_equations() -> None:
    assert allowed(function("f", "f32[3] f32[3]", lambda b, x, y: b.add(x, y))) == [True, True]
    assert allowed(function("f", "f32[3]", lambda b, x: b.add(x, x))) == [True, True]
    assert allowed(function("f", "bool[3] f32[3] f32[3]", lambda b, p, x, y: b.select(p, x, y))) == [False, False, True]
    assert allowed(function("f", "bool[3] bool[3]", lambda b, p, x: b.select(p, x, p))) == [False, False, False]
    assert allowed(function("f", "f32[] f32[3] f32[3]", lambda b, low, x, up: b.clamp(low, x, up))) == [
        False,
        True,
        False,
    ]
    assert allowed(function("f", "f32[] f32[3]", lambda b, low, x: b.clamp(low, x, x))) == [False, False, False]
    assert allowed(function("f", "f64[3] f64[3]", lambda b, x, y: b.complex(x, y))) == [False, False]
    assert allowed(function("f", "c128[3]", lambda b, x: b.real(x))) == [False]
    assert allowed(function("f", "f32[3,3]", lambda b, x: b.matmul(x, x))) == [False, False]
    assert allowed(function("f", "f32[3]", lambda b, x: b.reverse(x, axes=(0,)))) == [False]


def test_groups_by_their_last_read() -> None:
    """Result 0 is written by the second equation, result 1 by the third, which reads y again."""

    def body(b: Builder, x: Value, y: Value, z: Value) -> list[Value]:
        first = b.add(x, y)
        second = b.exp(first)
        return [second, b.mul(b.neg(second), b.sub(y, z))]

    assert of_group("f32[3] f32[3] f32[3]", body) == [True, False, False]
    assert of_group("f32[3] f32[3] f32[3]", body, 1) == [True, True, True]


@pytest.mark.parametrize(
    "body",
    [
        lambda b, x: [b.exp(x), x],  # returned
        lambda b, x: [b.exp(x), b.identity(x)],
        lambda b, x: b.add(b.exp(x), b.broadcast(b.reduce_max(x, axes=(0,)), shape=(3,), axes=())),
        lambda b, x: b.add(b.exp(x), b.broadcast(x, shape=(3,), axes=(0,))),
        lambda b, x: b.clamp(b.exp(x), x, b.identity(x)),
        lambda b, x: b.identity(x),  # nothing is written but a copy
    ],
)
def test_groups_that_need_an_operand_whole(body: Callable[..., Value]) -> None:
    assert of_group("f32[3]", body) == [False]


def test_an_operand_under_two_names() -> None:
    inner = function("group", "f32[3] f32[3]", lambda b, x, y: b.mul(b.exp(x), y))
    assert allowed(function("f", "f32[3]", lambda b, x: b.fused(x, x, body=inner))) == [False, False]
    own = of_group("f32[3] f32[3]", lambda b, x, y: b.sub(b.exp(b.identity(x)), b.stop_gradient(y)))
    assert own == [True, True]


def test_rows_of_a_group() -> None:
    def body(b: Builder, x: Value, row: Value) -> list[Value]:
        peak = b.reduce_max(x, axes=(1,))
        return [b.max(peak, row), b.sub(x, b.broadcast(peak, shape=(3, 3), axes=(0,)))]

    assert of_group("f32[3,3] f32[3]", body, 0) == [False, True]
    assert of_group("f32[3,3] f32[3]", body, 1) == [False, True]  # of another shape: the caller looks at that


def test_views_compute_nothing() -> None:
    assert {op.group for op in VIEWS} <= {"shape", "elementwise", "control", "mesh"}
    assert set(OPS.values()) > VIEWS
    elementwise = {op for op in (*UNARY, *BINARY) if op in VIEWS}
    assert elementwise == {ops.identity}
    assert dtypes.f32.bytes == 4
