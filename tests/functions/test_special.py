"""Functions of analysis, against scipy."""

import numpy as np
import scipy.special
from diptych.functions import special as f

from tests.functions.evaluation import f32, f64, run


def test_zeta():
    x, q = (np.float64(v).reshape(-1) for v in np.meshgrid([1.1, 1.5, 2, 3, 7, 20], [0.1, 0.5, 1, 2.5, 10, 100]))
    np.testing.assert_allclose(run(f.zeta, x, q), scipy.special.zeta(x, q), rtol=1e-10)
    assert np.isposinf(run(f.zeta, f64(1), f64(2))) and np.isnan(run(f.zeta, f64(0.5), f64(2)))


def test_polygamma():
    x = np.array([0.1, 0.7, 1, 2.5, 12, 80])
    for order in (0, 1, 2, 3, 6):
        found = run(f.polygamma, np.full_like(x, order), x)
        np.testing.assert_allclose(found, scipy.special.polygamma(order, x), rtol=1e-8)
    assert np.isnan(run(f.polygamma, f64(0.5), f64(2)))


def test_products_with_zero():
    x, y = f32(0, 0, 2), f32(0, np.nan, 4)
    np.testing.assert_allclose(run(f.x_log_y, x, y), scipy.special.xlogy(x, f32(0, 1, 4)), rtol=1e-6)
    assert run(f.x_div_y, x, y).tolist() == [0, 0, 0.5]
    assert run(f.mul_no_nan, f32(np.inf, np.nan, 2), f32(0, 0, 4)).tolist() == [0, 0, 8]


def test_next_after():
    x = np.array([0, 0, 1, 1, -1, -1, 3, np.nan, 1e-45, 3e38])
    y = np.array([1, -1, 2, 0, -2, 0, 3, 1, -1, np.inf])
    for dtype in (np.float32, np.float64):
        found = run(f.next_after, x.astype(dtype), y.astype(dtype))
        np.testing.assert_array_equal(found, np.nextafter(x.astype(dtype), y.astype(dtype)))
