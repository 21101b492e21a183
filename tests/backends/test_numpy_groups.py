"""Fused groups of the numpy backend, against the reference."""

import numpy as np
import pytest
from diptych import backends
from diptych.ir import Builder, Constant, TensorType, dtypes

X = np.array([[1.5, -2], [3, 4]], np.float32)


def _power_of_modulus(b, x):
    """A result that a kernel makes, without an array to write into."""
    two = b.broadcast(b.constant(value=Constant(2.0, dtypes.f32)), shape=x.shape, axes=())
    return [b.pow(b.abs(x), two)]


def _several(b, x):
    """Results of a kernel, of a ufunc, and one that is used again inside."""
    exact = b.erf(b.neg(x))
    return [exact, b.add(exact, x), b.abs(x)]


@pytest.mark.parametrize("make", [_power_of_modulus, _several])
def test_results_are_the_references(make):
    b = Builder(share=False)
    function = b.finish(make(b, b.parameter(TensorType(dtypes.f32, X.shape))))
    wanted = backends.compile(function, backend="reference")(X)
    found = backends.compile(function, backend="numpy")(X)
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)
