"""Padding against numpy's."""

import numpy as np
import pytest
from diptych.functions import padding

from tests.functions.evaluation import built, gradient, run

X = np.arange(24.0).reshape(2, 4, 3)
MODES = {"reflect": padding.reflected, "edge": padding.replicated, "wrap": padding.wrapped}


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("mode", MODES)
def test_as_numpy_pads(mode: str, axis: int) -> None:
    for low, high in ((1, 1), (0, 1), (1, 0)):
        pads = [(low, high) if place == axis else (0, 0) for place in range(3)]
        assert np.array_equal(run(MODES[mode], X, axis=axis, low=low, high=high), np.pad(X, pads, mode=mode))


def test_as_much_as_there_is() -> None:
    row = np.arange(4.0)
    assert run(padding.reflected, row, axis=0, low=3, high=3).tolist() == [3, 2, 1, 0, 1, 2, 3, 2, 1, 0]
    assert run(padding.wrapped, row, axis=0, low=4, high=4).tolist() == [*row, *row, *row]
    assert run(padding.replicated, row, axis=0, low=6, high=5).tolist() == [*[0] * 6, *row, *[3] * 5]


def test_negative_numbers_remove() -> None:
    """After mirroring and repeating, before wrapping."""
    row = np.arange(5.0)
    assert run(padding.reflected, row, axis=0, low=-2, high=3).tolist() == [2, 3, 4, 3, 2, 1]
    assert run(padding.replicated, row, axis=0, low=7, high=-6).tolist() == [0] * 6
    assert run(padding.wrapped, row, axis=0, low=-2, high=3).tolist() == [2, 3, 4, 2, 3, 4]
    assert run(padding.cropped, row, axis=0, low=-1, high=-2).tolist() == [1, 2]


def test_gradients_count_the_copies() -> None:
    row = np.arange(4.0)
    assert gradient(lambda b, x: padding.reflected(b, x, 0, 2, 1), row).tolist() == [1, 2, 3, 1]
    assert gradient(lambda b, x: padding.replicated(b, x, 0, 2, 1), row).tolist() == [3, 1, 1, 2]
    assert gradient(lambda b, x: padding.wrapped(b, x, 0, 2, 1), row).tolist() == [2, 1, 2, 2]


def test_nothing_is_done_for_nothing() -> None:
    for mode in MODES.values():
        function, _ = built(mode, X, axis=1, low=0, high=0)
        assert not function.equations
