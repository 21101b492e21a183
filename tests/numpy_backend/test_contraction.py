"""Matrix products, taken in the way that suits their sizes: as precise as others, with the bits of single steps."""

from __future__ import annotations

import numpy as np
import pytest
from diptych.backends.numpy import contraction
from diptych.backends.numpy.program import Program
from diptych.backends.numpy.steps import Steps
from diptych.ir import Builder, Function, TensorType, dtypes

SHAPES = {
    "rows apart": ((4096, 300), (300, 32), "apart"),
    "columns apart": ((8, 700), (700, 512), "apart"),
    "turned": ((16, 256), (256, 300), "turned"),
    "turned, at most so many rows": ((64, 512), (512, 512), "turned"),
    "more rows": ((65, 512), (512, 512), "dot"),
    "many rows for such a matrix": ((64, 128), (128, 512), "dot"),
    "small": ((16, 64), (64, 128), "dot"),
}


def _product(left: tuple[int, int], right: tuple[int, int]) -> Function:
    """lhs @ rhs, where rhs is given turned round, as a layer's weights are."""
    b = Builder("f")
    x = b.parameter(TensorType(dtypes.f32, left))
    w = b.parameter(TensorType(dtypes.f32, right[::-1]))
    return b.finish([b.matmul(x, w, lhs_contract=(1,), rhs_contract=(1,))])


@pytest.mark.parametrize("name", SHAPES)
def test_products(name: str) -> None:
    left, right, way = SHAPES[name]
    f = _product(left, right)
    program = Program(f)
    ways = (way, "paired") if way == "dot" else (way,)  # by two threads, if there are
    assert any(line.split("(")[0].strip() in ways for line in program.source.splitlines())
    random = np.random.default_rng(0)
    x, w = random.standard_normal(left, np.float32), random.standard_normal(right[::-1], np.float32)
    (found,) = program.run(x, w)
    np.testing.assert_allclose(found, x.astype(float) @ w.T.astype(float), rtol=1e-4, atol=1e-4)
    (step,) = Steps(f)([x, w])
    assert step.flags.c_contiguous and step.tobytes() == found.tobytes()


def test_a_turned_product_takes_the_room_of_its_result() -> None:
    f = _product((16, 256), (256, 300))
    assert contraction.ROOM[f.equations[0].op](f.equations[0]) == 16 * 300 * 4
    assert Program(f).plan.arena >= 16 * 300 * 4


def test_weights_that_lie_as_they_are_read_are_not_turned() -> None:
    b = Builder("f")
    x, w = (b.parameter(TensorType(dtypes.f32, shape)) for shape in ((16, 256), (256, 300)))
    f = b.finish([b.matmul(x, w, lhs_contract=(1,), rhs_contract=(0,))])
    assert "turned(" not in Program(f).source
