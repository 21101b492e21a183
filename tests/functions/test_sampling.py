"""Elements at places between elements."""

import numpy as np
import pytest
from diptych.functions import sampling

from tests.functions.evaluation import f64, gradient, run

INF, NAN = np.inf, np.nan


def test_kept_inside():
    places = f64(-INF, -1, 0, 1.5, 3, 4, NAN)
    assert run(sampling.kept_inside, places, size=4).tolist() == [0, 0, 0, 1.5, 3, 3, 0]
    assert gradient(sampling.kept_inside, places, size=4).tolist() == [0, 0, 0, 1, 0, 0, 0]


def test_reflected_at_middles():
    places = f64(-0.5, 0.5, 2.5, 3.5, 5, 6.5, -7)
    assert run(sampling.reflected, places, size=4, at_middles=True).tolist() == [0.5, 0.5, 2.5, 2.5, 1, 0.5, 1]
    assert gradient(sampling.reflected, places, size=4, at_middles=True).tolist() == [-1, 1, 1, -1, -1, 1, -1]
    assert run(sampling.reflected, places, size=1, at_middles=True).tolist() == [0] * 7


def test_reflected_at_edges():
    places = f64(-0.5, -1.5, 0.25, 3.25, 4.5, -7.0)
    assert run(sampling.reflected, places, size=4, at_middles=False).tolist() == [0, 0.5, 0.25, 3, 2.5, 1]
    assert gradient(sampling.reflected, places, size=4, at_middles=False).tolist() == [0, -1, 1, 0, -1, 1]


def test_linear_taps():
    near, weights = run(sampling.linear_taps, f64(0.25, 2))
    assert near.tolist() == [[0, 2], [1, 3]]
    assert weights.tolist() == [[0.75, 1], [0.25, 0]]


def test_cubic_taps():
    near, weights = run(sampling.cubic_taps, f64(0.5, 2))
    assert near.tolist() == [[-1, 1], [0, 2], [1, 3], [2, 4]]
    assert np.allclose(weights, [[-0.09375, 0], [0.59375, 1], [0.59375, 0], [-0.09375, 0]])


@pytest.mark.parametrize(("place", "wanted"), [(0.5, 0), (1.5, 2), (1.4, 1)])
def test_nearest_tap(place, wanted):
    found = run(lambda b, x: sampling.nearest_tap(b, x)[0], f64(place))
    assert found.tolist() == [[wanted]]


def test_read_taps():
    x = np.arange(12.0).reshape(1, 2, 2, 3)
    rows, columns = np.array([[[0.0, 1, 2]], [[1.0, 1, 2]]]), np.array([[[0.0, 2, 2]]])
    weights = np.array([[[0.5, 0.25, 1]], [[0.5, 1, 1]]])

    def read(b, x, rows, columns, weights):
        return sampling.read_taps(b, x, [rows, columns], [weights, None])

    wanted = [0.5 * x[..., 0, 0] + 0.5 * x[..., 1, 0], 1.25 * x[..., 1, 2], 0 * x[..., 0, 0]]  # the last lies outside
    assert np.allclose(run(read, x, rows, columns, weights), np.stack(wanted, -1))
    spread = gradient(read, x, rows, columns, weights)
    assert np.allclose(spread[0], [[[0.5, 0, 0], [0.5, 0, 1.25]]] * 2)
