"""Pooling in planned places: the reference's bits, block by block, in room that is full of nan."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from diptych.backends.numpy import windows
from diptych.backends.numpy.program import Program
from diptych.backends.reference.table import kernel
from diptych.ir import Builder, Function, Op, TensorType, dtype_of, ops
from hypothesis import given, settings
from hypothesis import strategies as st

OPS = (ops.window_max, ops.window_sum, ops.window_scatter)
RANDOM = np.random.default_rng(0)


def function(op: Op, arrays: list[np.ndarray], attributes: dict[str, Any]) -> Function:
    b = Builder("f")
    parameters = [b.parameter(TensorType(dtype_of(each.dtype), each.shape)) for each in arrays]
    return b.finish(b.emit(op, parameters, attributes))


def operands(op: Op, x: np.ndarray, attributes: dict[str, Any]) -> list[np.ndarray]:
    if op is not ops.window_scatter:
        return [x]
    (type,) = ops.window_max.infer([TensorType(dtype_of(x.dtype), x.shape)], attributes)
    updates = RANDOM.normal(size=type.static_shape()).astype(x.dtype)
    return [
        x,
        np.where(RANDOM.random(updates.shape) < 0.2, [np.inf, -0.0][int(RANDOM.integers(2))], updates).astype(x.dtype),
    ]


def pooled(op: Op, arrays: list[np.ndarray], attributes: dict[str, Any]) -> np.ndarray:
    """By a plan that has just been made."""
    (equation,) = function(op, arrays, attributes).equations
    assert windows.writes(equation)
    windows._planned.cache_clear()
    plan = windows.plan_of(equation)
    out = np.full(equation.results[0].type.static_shape(), np.nan, arrays[0].dtype)
    room = np.full(plan.size + 1, np.nan, arrays[0].dtype)
    plan.run(*arrays, out, room[:-1])
    return out


def agree(op: Op, arrays: list[np.ndarray], attributes: dict[str, Any]) -> None:
    found = pooled(op, arrays, attributes)
    wanted = np.ascontiguousarray(kernel(op)(*arrays, **attributes)[0])
    if np.isnan(arrays[0]).any():  # zeros that are added to may differ in sign
        np.testing.assert_array_equal(found, wanted)
    else:
        assert found.tobytes() == wanted.tobytes()


def along(rank: int, **axes: dict[int, Any]) -> dict[str, Any]:
    """Attributes that say something of some axes."""
    plain: dict[str, Any] = {"window": 1, "stride": 1, "padding": (0, 0), "dilation": 1}
    return {name: tuple(axes.get(name, {}).get(axis, usual) for axis in range(rank)) for name, usual in plain.items()}


TWO = {1: 2, 2: 2}
SITUATIONS: dict[str, dict[str, Any]] = {
    "side by side": along(4, window=TWO, stride=TWO),
    "with a rest": along(4, window={1: 2, 2: 3}, stride={1: 2, 2: 3}),
    "overlapping": along(4, window={1: 3, 2: 3}, stride=TWO, padding={1: (1, 1), 2: (1, 1)}),
    "apart": along(4, window=TWO, stride={1: 3, 2: 3}),
    "by one": along(4, window=TWO),
    "dilated": along(4, window=TWO, dilation=TWO, stride=TWO),
    "of one image": along(4, window={0: 2, 3: 2}, stride={0: 2, 3: 2}),
    "of nothing but padding": along(4, window=TWO, stride=TWO, padding={1: (2, 3), 2: (0, 2)}),
    "of one element": along(4),
}


@pytest.mark.parametrize("block", [1, 100, 1 << 18])
@pytest.mark.parametrize("special", [None, np.nan, -np.inf])
@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("op", OPS, ids=str)
def test_the_bits_of_the_reference(
    op: Op, situation: str, special: float | None, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(windows, "BLOCK", block)
    x = RANDOM.integers(-2, 3, (4, 6, 8, 2)).astype(np.float32)  # with many that are equal
    if special is not None:
        x[RANDOM.random(x.shape) < 0.1] = special
    agree(op, operands(op, x, SITUATIONS[situation]), SITUATIONS[situation])


@pytest.mark.parametrize("op", OPS, ids=str)
def test_operands_in_any_order_of_memory(op: Op) -> None:
    x = RANDOM.normal(size=(2, 8, 6, 4)).T[::-1]
    arrays = operands(op, x, SITUATIONS["side by side"])
    agree(op, [x, *(np.asfortranarray(each) for each in arrays[1:])], SITUATIONS["side by side"])


@st.composite
def poolings(draw: st.DrawFn) -> tuple[np.ndarray, dict[str, Any]]:
    rank = draw(st.integers(1, 4))

    def each(strategy: st.SearchStrategy[Any]) -> tuple[Any, ...]:
        return tuple(draw(strategy) for _ in range(rank))

    attributes = {
        "window": each(st.integers(1, 3)), "stride": each(st.integers(1, 3)),
        "padding": each(st.tuples(st.integers(0, 2), st.integers(0, 2))), "dilation": each(st.integers(1, 2)),
    }  # fmt: skip
    return RANDOM.integers(-2, 3, each(st.integers(3, 8))).astype(np.float64), attributes


@settings(max_examples=150, deadline=None)
@given(poolings(), st.sampled_from(OPS))
def test_any_windows(case: tuple[np.ndarray, dict[str, Any]], op: Op) -> None:
    x, attributes = case
    (type,) = ops.window_max.infer([TensorType(dtype_of(x.dtype), x.shape)], attributes)
    if type.size:
        agree(op, operands(op, x, attributes), attributes)


@pytest.mark.parametrize("dtype", ["float16", "int32"])
def test_other_dtypes_go_to_the_kernels(dtype: str) -> None:
    (equation,) = function(ops.window_sum, [np.zeros((2, 4), dtype)], along(2, window={1: 2})).equations
    assert not windows.writes(equation)


def test_what_has_no_elements_goes_to_the_kernels() -> None:
    (equation,) = function(ops.window_sum, [np.zeros((2, 1))], along(2, window={1: 2})).equations
    assert not windows.writes(equation)


def test_room_lies_in_the_arena() -> None:
    x = np.zeros((2, 8, 8, 3), np.float32)
    program = Program(function(ops.window_max, [x], along(4, window=TWO, stride=TWO)))
    assert program.plan.arena == 2 * 4 * 8 * 3 * 4  # the maxima along the first of two axes
    assert "window_max(p0, o" in program.source
