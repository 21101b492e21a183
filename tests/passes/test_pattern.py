"""Patterns: what they match, what they bind, where they decline."""

from __future__ import annotations

from typing import Any

import pytest
from diptych.ir import Builder, Constant, TensorType, Value, dtypes, ops
from diptych.passes.expressions import full, scalar
from diptych.passes.pattern import Known, P, Rest, Rule, Var, is_number, known_constant, rewriter
from diptych.passes.provenance import Fired

VECTOR = TensorType(dtypes.f32, (3,))
x, y = Var("x"), Var("y")


def bound_by(pattern: Any, op: Any, *operands: Value, b: Builder, **attributes: Any) -> dict[str, Any] | None:
    """What the Vars of `pattern` bind at `op` of these operands, None where it does not match."""
    found: list[dict[str, Any]] = []

    def build(b: Builder, **bound: Any) -> None:
        found.append(bound)

    rewrite = rewriter([Rule("probe", pattern, build)], Fired())
    assert rewrite(b, op, operands, op.complete(attributes)) is None
    return found[0] if found else None


def test_variables() -> None:
    b = Builder()
    u, v = b.parameter(VECTOR), b.parameter(VECTOR)
    assert bound_by(P.add(x, y), ops.add, u, v, b=b) == {"x": u, "y": v}
    assert bound_by(P.add(x, x), ops.add, u, v, b=b) is None
    assert bound_by(P.add(x, x), ops.add, u, u, b=b) == {"x": u}
    assert bound_by(P.sub(x, y), ops.add, u, v, b=b) is None


def test_nested_patterns_look_at_definitions() -> None:
    b = Builder()
    u = b.parameter(VECTOR)
    assert bound_by(P.neg(P.exp(x)), ops.neg, b.exp(u), b=b) == {"x": u}
    assert bound_by(P.neg(P.exp(x)), ops.neg, u, b=b) is None
    assert bound_by(P.neg(P.exp(x)), ops.neg, b.sin(u), b=b) is None
    # one result of several is not what a pattern of the op stands for
    values, _ = b.top_k(u, k=2)
    assert bound_by(P.neg(P.top_k(x)), ops.neg, values, b=b) is None


def test_attributes_bind_or_must_be_equal() -> None:
    b = Builder()
    u = b.parameter(TensorType(dtypes.f32, (3, 3)))
    order = Var("order")
    assert bound_by(P.transpose(x, permutation=order), ops.transpose, u, b=b, permutation=(1, 0)) == {
        "x": u, "order": (1, 0),
    }  # fmt: skip
    twice = P.transpose(P.transpose(x, permutation=order), permutation=order)
    assert bound_by(twice, ops.transpose, b.transpose(u, permutation=(1, 0)), b=b, permutation=(1, 0)) is not None
    assert bound_by(twice, ops.transpose, b.transpose(u, permutation=(0, 1)), b=b, permutation=(1, 0)) is None
    fixed = P.cumulative_sum(x, reverse=True)
    assert bound_by(fixed, ops.cumulative_sum, u, b=b, axis=0, reverse=True) is not None
    assert bound_by(fixed, ops.cumulative_sum, u, b=b, axis=0) is None


def test_rest() -> None:
    b = Builder()
    u, v, w = (b.parameter(VECTOR) for _ in range(3))
    assert bound_by(P.concatenate(Rest("xs")), ops.concatenate, u, v, w, b=b, axis=0) == {"xs": (u, v, w)}
    assert bound_by(P.concatenate(x, Rest("xs")), ops.concatenate, u, b=b, axis=0) == {"x": u, "xs": ()}
    assert bound_by(P.concatenate(x, y, Rest("xs")), ops.concatenate, u, b=b, axis=0) is None


@pytest.mark.parametrize("dtype", [dtypes.f32, dtypes.bf16, dtypes.i8, dtypes.u64, dtypes.c64, dtypes.bool_], ids=str)
def test_numbers_of_every_dtype(dtype: Any) -> None:
    b = Builder()
    one = full(b, TensorType(dtype, (2, 3)), 1)
    assert is_number(b, one, 1) and not is_number(b, one, 0)
    assert is_number(b, scalar(b, dtype, 0), 0)


def test_numbers_and_known_values() -> None:
    b = Builder()
    u = b.parameter(VECTOR)
    twice_broadcast = b.broadcast(full(b, VECTOR, 2), shape=(4, 3), axes=(1,))
    assert is_number(b, twice_broadcast, 2)
    assert not is_number(b, u, 0)
    array = b.constant(value=Constant([2.0, 2.0, 2.0], dtypes.f32))
    assert known_constant(b, array) is None  # fold makes a broadcast of it first
    assert bound_by(P.mul(x, Known("c")), ops.mul, u, full(b, VECTOR, 5), b=b) is not None
    assert bound_by(P.mul(x, Known("c")), ops.mul, u, array, b=b) is None
    zero, minus_zero = scalar(b, dtypes.f32, 0.0), scalar(b, dtypes.f32, -0.0)
    assert is_number(b, zero, 0) and not is_number(b, minus_zero, 0)
    assert is_number(b, minus_zero, -0.0) and not is_number(b, zero, -0.0)


def test_unknown_ops() -> None:
    with pytest.raises(AttributeError, match="there is no op 'frobnicate'"):
        P.frobnicate(x)
