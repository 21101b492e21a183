"""Windows over axes, channels behind them or before, against loops in Python."""

import numpy as np
import pytest
from diptych.functions import pooling
from diptych.functions.pooling import Windows

from tests.functions.evaluation import gradient, run

X = np.random.default_rng(0).permutation(2 * 5 * 6 * 3).reshape(2, 5, 6, 3).astype(np.float64)  # channels last
WINDOWS = [
    Windows((1, 2), (2, 3), (2, 1), ((0, 0), (0, 0)), (1, 1)),
    Windows((1, 2), (3, 2), (2, 2), ((1, 2), (0, 1)), (1, 1)),  # "SAME" of TensorFlow pads behind
    Windows((2,), (3,), (2,), ((1, 1),), (1,)),
]


def elements(windows: Windows) -> list[list[tuple[slice, ...]]]:
    """By axis, for each window, where its elements are."""
    found = []
    for axis, size, stride, (low, high), _ in zip(
        windows.axes, windows.size, windows.stride, windows.padding, windows.dilation, strict=True
    ):
        whole = X.shape[axis]
        starts = range(-low, whole + high - size + 1, stride)
        found.append([slice(max(start, 0), min(start + size, whole)) for start in starts])
    return found


def reduced(windows: Windows, reduce) -> np.ndarray:
    """`reduce` of each window, an axis after another."""
    places = elements(windows)
    if len(places) == 1:
        return np.stack([reduce(X[:, :, at], 2) for at in places[0]], 2)
    rows = [np.stack([reduce(X[:, down, across], (1, 2)) for across in places[1]], 1) for down in places[0]]
    return np.stack(rows, 1)


@pytest.mark.parametrize("windows", WINDOWS, ids=str)
def test_maxima(windows):
    assert np.array_equal(run(pooling.max_pool, X, windows=windows), reduced(windows, np.max))


@pytest.mark.parametrize("windows", WINDOWS, ids=str)
def test_places_are_those_of_the_maxima(windows):
    found = run(pooling.max_places, X, windows=windows)
    flat = X.reshape(2, 30, 3) if len(windows.axes) == 2 else X
    axis = windows.axes[0]
    taken = np.take_along_axis(flat, found.reshape(2, -1, 3) if len(windows.axes) == 2 else found, axis)
    assert found.dtype == np.int64
    assert np.array_equal(taken.reshape(found.shape), reduced(windows, np.max))


@pytest.mark.parametrize("windows", WINDOWS, ids=str)
def test_means_leave_out_padding_or_count_it(windows):
    found = run(pooling.average_pool, X, windows=windows, count_padding=False)
    assert np.allclose(found, reduced(windows, np.mean))
    size = int(np.prod(windows.size))
    found = run(pooling.average_pool, X, windows=windows, count_padding=True)
    assert np.allclose(found, reduced(windows, np.sum) / size)
    found = run(pooling.average_pool, X, windows=windows, count_padding=True, divisor=-2)
    assert np.allclose(found, reduced(windows, np.sum) / -2)


def test_padding_that_does_not_count():
    windows = Windows((2,), (3,), (3,), ((1, 3),), (1,))  # at -1, 2 and 5, the last with one element and two behind
    found = run(pooling.average_pool, X, windows=windows, count_padding=True, counted_padding=((1, 1),))
    assert np.allclose(
        found, np.stack([X[:, :, at].sum(2) / n for at, n in ((slice(2), 3), (slice(2, 5), 3), (slice(5, 6), 2))], 2)
    )


def test_means_of_integers_are_rounded_towards_zero():
    x = np.array([[-3, 0, 3, 0, -7, 2]])
    found = run(pooling.average_pool, x, windows=pooling.tiles((1,), (2,)), count_padding=True)
    assert found.tolist() == [[-1, 1, -2]]


@pytest.mark.parametrize("counts", [(2, 3), (5, 4), (7, 2), (1, 1)])
def test_adaptive_windows_cover_the_axes(counts):
    bounds = [
        zip(*pooling.adaptive_bounds(size, count), strict=True) for size, count in zip((5, 6), counts, strict=True)
    ]
    down, across = ([slice(*pair) for pair in each] for each in bounds)
    largest = np.stack([np.stack([X[:, i, j].max((1, 2)) for j in across], 1) for i in down], 1)
    means = np.stack([np.stack([X[:, i, j].mean((1, 2)) for j in across], 1) for i in down], 1)
    assert np.array_equal(run(pooling.adaptive_max_pool, X, axes=(1, 2), counts=counts), largest)
    assert np.allclose(run(pooling.adaptive_average_pool, X, axes=(1, 2), counts=counts), means)
    places = run(pooling.adaptive_max_places, X, axes=(1, 2), counts=counts)
    taken = np.take_along_axis(X.reshape(2, 30, 3), places.reshape(2, -1, 3), 1)
    assert np.array_equal(taken.reshape(largest.shape), largest)


def test_bounds_of_adaptive_windows():
    starts, ends = pooling.adaptive_bounds(7, 3)
    assert (starts.tolist(), ends.tolist()) == ([0, 2, 4], [3, 5, 7])


def test_an_element_in_two_windows_has_the_gradient_of_both():
    x = np.array([[1.0, 5.0, 2.0]])
    assert gradient(pooling.adaptive_max_pool, x, axes=(1,), counts=(2,)).tolist() == [[0, 2, 0]]
    assert gradient(pooling.adaptive_average_pool, x, axes=(1,), counts=(2,)).tolist() == [[0.5, 1, 0.5]]


def test_halves_are_computed_in_f32():
    x = np.array([[2048] + [1] * 7], np.float16)  # 2049 is no f16
    found = run(pooling.average_pool, x, windows=pooling.tiles((1,), (8,)), count_padding=True)
    assert found.dtype == np.float16 and found[0, 0] == np.float16(2055 / 8)
    found = run(pooling.adaptive_average_pool, x, axes=(1,), counts=(1,))
    assert found.dtype == np.float16 and found[0, 0] == np.float16(2055 / 8)
