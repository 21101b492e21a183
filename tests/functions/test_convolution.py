"""Convolutions against sums in Python, and transposes against the gradient."""

import numpy as np
import pytest
from diptych.functions import convolution
from diptych.ir import TensorType, dtypes

from tests.functions.evaluation import built, f64, gradient, run

RANDOM = np.random.default_rng(0)
PLAIN = {"stride": (1,), "padding": ((0, 0),), "dilation": (1,)}


def test_channels_first() -> None:
    assert convolution.channels_first(0) == "nc,oi->nc"
    assert convolution.channels_first(3) == "nc012,oi012->nc012"


def test_one_axis_by_hand() -> None:
    x, kernel = f64([[1, 2, 3, 4]]), f64([[1, 10]])
    layout = convolution.channels_first(1)
    found = run(convolution.convolution, x, kernel, f64(100), layout=layout, **PLAIN)
    assert np.array_equal(found, [[[121, 132, 143]]])
    spread = {"stride": (2,), "padding": ((1, 0),), "dilation": (2,)}
    assert np.array_equal(run(convolution.convolution, x, kernel, layout=layout, **spread), [[[20, 42]]])


def test_the_transpose_by_hand() -> None:
    """Each element puts the kernel, times itself, where it was taken from."""
    x, kernel, layout = f64([[1, 2]]), f64([[1, 10, 100]]), convolution.channels_first(1)
    found = run(
        convolution.transposed,
        x,
        kernel,
        f64(5),
        layout=layout,
        sizes=[5],
        stride=(2,),
        padding=((0, 0),),
        dilation=(1,),
    )
    assert np.array_equal(found, [[[6, 15, 107, 25, 205]]])
    longer = run(
        convolution.transposed, x, kernel, layout=layout, sizes=[4], stride=(2,), padding=((1, 0),), dilation=(1,)
    )
    assert np.array_equal(longer, [[[10, 102, 20, 200]]])


@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("layout", ["nc01,oi01->nc01", "n01c,01io->n01c"])
def test_the_transpose_is_the_gradient(layout: str, groups: int) -> None:
    last = layout.startswith("n01c")
    shape, kernel_shape = ((2, 7, 6, 4), (3, 2, 4 // groups, 6)) if last else ((2, 4, 7, 6), (6, 4 // groups, 3, 2))
    options = {"layout": layout, "stride": (2, 1), "padding": ((1, 0), (2, 1)), "dilation": (1, 2), "groups": groups}
    x, kernel = RANDOM.normal(size=shape), RANDOM.normal(size=kernel_shape)
    ones = np.ones_like(run(convolution.convolution, x, kernel, **options))
    found = run(convolution.transposed, ones, kernel, sizes=(7, 6), **options)
    np.testing.assert_allclose(found, gradient(convolution.convolution, x, kernel, **options), rtol=1e-12)


def test_the_bias_lies_along_the_channels() -> None:
    bias = np.arange(3.0)
    first = run(convolution.convolution, np.zeros((1, 2, 4)), np.zeros((3, 2, 1)), bias, layout="nc0,oi0->nc0", **PLAIN)
    last = run(convolution.convolution, np.zeros((1, 4, 2)), np.zeros((1, 2, 3)), bias, layout="n0c,0io->n0c", **PLAIN)
    assert np.array_equal(first[0, :, 0], bias)
    assert np.array_equal(last[0, 3], bias)


def test_one_equation_without_a_bias() -> None:
    x, kernel = np.zeros((1, 2, 4)), np.zeros((3, 2, 1))
    function, _ = built(convolution.convolution, x, kernel, layout="nc0,oi0->nc0", **PLAIN)
    assert [equation.op.name for equation in function.equations] == ["convolution"]
    assert function.result_types == (TensorType(dtypes.f64, (1, 3, 4)),)


def test_padding_that_keeps_the_size() -> None:
    assert convolution.same_padding((3, 4, 1), (1, 1, 5)) == [(1, 1), (1, 2), (0, 0)]
    assert convolution.same_padding((2,), (3,)) == [(1, 2)]
