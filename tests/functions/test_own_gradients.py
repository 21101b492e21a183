"""Functions with a gradient of their own."""

import numpy as np
from diptych.functions.constants import filled_like
from diptych.functions.own_gradients import with_gradient
from diptych.passes.autodiff import backpropagate

from tests.functions.evaluation import f64, gradient, run


def _steep(b, x, y):
    """x * y, which says that its gradient is 3 times the result, and 0 to y."""
    return with_gradient(
        b,
        lambda b, x, y: b.mul(x, y),
        lambda b, ct, out, x, y: (b.mul(ct, b.mul(out, filled_like(b, 3, out))), filled_like(b, 0, y)),
        x,
        y,
    )


def test_value_and_gradients():
    x, y = f64(1, 2), f64(5, -7)
    np.testing.assert_array_equal(run(_steep, x, y), [5, -14])
    np.testing.assert_array_equal(gradient(_steep, x, y), [15, -42])
    np.testing.assert_array_equal(gradient(_steep, x, y, place=1), [0, 0])


def test_the_gradient_is_differentiated_in_its_turn():
    def squared_slope(b, x):
        return with_gradient(b, lambda b, x: b.exp(x), lambda b, ct, out, x: b.mul(ct, b.mul(out, x)), x)

    def slope(b, x):
        out = squared_slope(b, x)
        (found,) = backpropagate(b, b.equations, {out: filled_like(b, 1, out)}, [x])
        return found

    x = f64(0.5, 2)
    np.testing.assert_allclose(gradient(slope, x), np.exp(x) * x * x + np.exp(x), rtol=1e-12)
