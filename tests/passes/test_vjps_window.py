"""Gradients of window ops with every attribute."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from diptych.ir import Builder, Function, Op, Unsupported, Value, ops
from diptych.passes.autodiff import pullback

from tests.passes.finite_differences import check_gradients
from tests.samples.control import function

SHAPE = (5, 6)
X = np.random.default_rng(3).permutation(30).reshape(SHAPE) / 7.0  # no ties

WINDOWS: list[dict[str, Any]] = [
    {"window": (2, 3), "stride": (1, 1), "padding": ((0, 0), (0, 0)), "dilation": (1, 1)},
    {"window": (2, 2), "stride": (3, 4), "padding": ((0, 0), (0, 0)), "dilation": (1, 1)},  # gaps, and a rest
    {"window": (5, 2), "stride": (5, 2), "padding": ((0, 0), (0, 0)), "dilation": (1, 1)},  # side by side
    {"window": (1, 3), "stride": (1, 3), "padding": ((0, 0), (0, 0)), "dilation": (2, 1)},
    {"window": (3, 2), "stride": (2, 1), "padding": ((1, 2), (0, 1)), "dilation": (1, 2)},
    {"window": (2, 1), "stride": (1, 2), "padding": ((3, 0), (0, 4)), "dilation": (3, 1)},  # windows of padding alone
    {"window": (6, 1), "stride": (1, 1), "padding": ((0, 0), (0, 0)), "dilation": (1, 1)},  # no window fits
    {"window": (1, 1), "stride": (1, 1), "padding": ((0, 0), (0, 0)), "dilation": (1, 1)},
]


def window_function(op: Op, attributes: dict[str, Any], dtype: str = "f64") -> Function:
    types = f"{dtype}[5,6]"
    if op is ops.window_sum:
        return function("f", types, lambda b, x: b.window_sum(x, **attributes))
    if op is ops.window_max:  # tamed: it may be -inf, whose differences are nan
        return function("f", types, lambda b, x: b.atan(b.window_max(x, **attributes)))
    if op is ops.window_gather:
        return function("f", f"{types} {types}", lambda b, x, v: b.window_gather(x, b.mul(v, v), **attributes))

    def scatter(b: Builder, x: Value, v: Value) -> Value:
        taken = b.window_gather(x, v, **attributes)
        return b.window_scatter(x, b.mul(taken, taken), **attributes)

    return function("f", f"{types} {types}", scatter)


@pytest.mark.parametrize("attributes", WINDOWS)
@pytest.mark.parametrize("op", [ops.window_sum, ops.window_max, ops.window_gather, ops.window_scatter], ids=str)
def test_windows(op: Op, attributes: dict[str, Any]) -> None:
    f = window_function(op, attributes)
    check_gradients(f, [X, np.cos(X)][: len(f.parameters)])


def test_window_sum_of_complex_values() -> None:
    check_gradients(window_function(ops.window_sum, WINDOWS[2], "c128"), [X + 1j * np.sin(X)])


def test_a_named_batch() -> None:
    plain = {"window": (1, 2), "stride": (1, 2), "padding": ((0, 0), (1, 0)), "dilation": (1, 1)}
    f = function("f", "f64[n,6]", lambda b, x: [b.window_sum(x, **plain), b.window_max(x, **plain)])
    check_gradients(f, [X])


def test_windows_along_a_named_axis_are_refused() -> None:
    wide = {"window": (3,), "stride": (2,), "padding": ((0, 0),), "dilation": (1,)}
    f = function("f", "f64[n]", lambda b, x: b.window_sum(x, **wide))
    with pytest.raises(Unsupported, match="window_sum: the gradient needs numeric sizes along axes with windows"):
        pullback(f)


def test_windows_side_by_side_repeat_the_cotangent() -> None:
    beside = {"window": (1, 2), "stride": (1, 2), "padding": ((0, 0), (0, 0)), "dilation": (1, 1)}
    f = function("f", "f64[n,6]", lambda b, x: b.window_sum(x, **beside))
    assert [equation.op for equation in pullback(f).equations] == [ops.reshape, ops.concatenate, ops.reshape]
