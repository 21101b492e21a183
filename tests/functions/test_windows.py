"""Windows against numpy's, and back against counting."""

import numpy as np
import pytest
from diptych.functions.windows import Walk, from_windows, windows
from numpy.lib.stride_tricks import sliding_window_view

from tests.functions.evaluation import gradient, run

WALKS = [
    Walk((2, 3), (1, 1), (0, 0), (1, 1)),
    Walk((2, 3), (2, 1), (0, 0), (1, 1)),
    Walk((2, 1), (1, 2), (1, 0), (2, 1)),
    Walk((3, 2), (2, 3), (1, 2), (1, 2)),
]
X = np.arange(2 * 5 * 6.0).reshape(2, 5, 6) + 1


def by_numpy(x: np.ndarray, walk: Walk) -> np.ndarray:
    padded = np.pad(x, [(0, 0), *((pad, pad) for pad in walk.padding)])
    reach = tuple((extent - 1) * dilation + 1 for extent, dilation in zip(walk.extent, walk.dilation, strict=True))
    view = sliding_window_view(padded, reach, axis=(1, 2))
    steps = (*walk.stride, *walk.dilation)
    view = view[:, *(slice(None, None, step) for step in steps)]
    return np.moveaxis(view, (3, 4), (1, 2)).reshape(x.shape[0], -1, *view.shape[1:3])


@pytest.mark.parametrize("walk", WALKS)
def test_windows(walk: Walk) -> None:
    found = run(windows, X, walk=walk)
    assert np.array_equal(found, by_numpy(X, walk))
    assert list(found.shape[2:]) == walk.counts((5, 6))


@pytest.mark.parametrize("walk", WALKS)
def test_back_is_the_gradient(walk: Walk) -> None:
    weights = np.random.default_rng(0).integers(1, 9, by_numpy(X, walk).shape).astype(float)
    back = run(from_windows, weights, sizes=(5, 6), walk=walk)
    assert np.array_equal(back, gradient(lambda b, x, w: b.mul(windows(b, x, walk), w), X, weights))
    once = Walk((2, 3), (2, 3), (0, 0), (1, 1))  # each element in one window
    assert np.array_equal(run(from_windows, by_numpy(X[:, :4], once), sizes=(4, 6), walk=once), X[:, :4])


def test_bools_are_united() -> None:
    walk = Walk((2,), (1,), (0,), (1,))
    given = np.array([[True, False, False], [False, False, False]])
    assert run(from_windows, given, sizes=(4,), walk=walk).tolist() == [True, False, False, False]


def test_counts_below_one_say_that_none_fits() -> None:
    assert Walk((4,), (1,), (0,), (2,)).counts((5,)) == [-1]
