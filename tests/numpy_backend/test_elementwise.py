"""Elementwise ops as they are written for numpy: the bits of the reference, however much of a selection repeats."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from diptych import backends
from diptych.ir import Builder, Value, dtype_named
from diptych.passes.expressions import full

from tests.samples.control import function

SHAPE = (6, 4, 32, 32)


@pytest.mark.parametrize("name", ["f32", "f64", "i32"])
@pytest.mark.parametrize("axes", [(2, 3), (0,), (1, 2), (), (0, 1, 2, 3)])
@pytest.mark.parametrize(("number", "is_true"), list(product([0.0, -1e9], [True, False])))
def test_selections_of_a_number(name: str, axes: tuple[int, ...], number: float, is_true: bool) -> None:
    def body(b: Builder, condition: Value, x: Value) -> Value:
        holds = b.broadcast(condition, shape=SHAPE, axes=axes)
        made, constant = b.add(x, x), full(b, x.type, number)
        return b.select(holds, constant, made) if is_true else b.select(holds, made, constant)

    sizes = ",".join(str(SHAPE[axis]) for axis in axes)
    f = function("f", f"bool[{sizes}] {name}[6,4,32,32]", body)
    random = np.random.default_rng(0)
    condition = np.asarray(random.random([SHAPE[axis] for axis in axes]) < 0.5)
    x = (9 * random.standard_normal(SHAPE)).astype(dtype_named(name).numpy)
    if name != "i32":
        x[0, 0, 0, :4] = np.nan, np.inf, -0.0, -np.inf
    (found,) = backends.compile(f, backend="numpy")(condition, x)
    (expected,) = backends.compile(f, backend="reference")(condition, x)
    assert found.tobytes() == np.asarray(expected).tobytes()


@pytest.mark.parametrize("taken", [1, 2, 4])
@pytest.mark.parametrize("name", ["f32", "f64", "i32", "i64", "c64"])
def test_results_that_lie_apart(name: str, taken: int) -> None:
    """Columns that parts write: numpy 2.4 negates columns of 4 floats wrongly, and takes all as finite or none."""
    width = 4 if name in ("f32", "i32") else 8
    parts = width // taken

    def body(b: Builder, x: Value) -> list[Value]:
        return [b.neg(x)] if name[0] in "ic" else [b.neg(x), b.is_finite(x), b.logistic(x)]

    part = function("part", f"{name}[40,{taken}]", body)
    f = function(
        "f", f"{name}[40,{width}]",
        lambda b, x: b.parallel(x, body=part, parts=parts, operand_axes=(1,), result_axes=(1,) * len(part.results)),
    )  # fmt: skip
    x = (9 * np.random.default_rng(0).standard_normal((40, width))).astype(dtype_named(name).numpy)
    if name[0] == "f":
        x[::5, 0], x[1::5, 0], x[2::5, 0], x[3::7, 0] = np.nan, np.inf, -np.inf, -0.0
    for found, expected in zip(
        backends.compile(f, backend="numpy")(x), backends.compile(f, backend="reference")(x), strict=True
    ):
        assert found.tobytes() == np.asarray(expected).tobytes()
