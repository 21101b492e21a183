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
