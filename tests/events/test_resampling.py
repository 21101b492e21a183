"""Pictures of other sizes. That they are Pillow's to the bit is held where boxes are drawn, in tests/eager/utils."""

from __future__ import annotations

import numpy as np
from diptych.events.resampling import resized


def test_the_same_size_changes_nothing() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 3), np.uint8)
    assert np.array_equal(resized(pixels, 5, 7), pixels)


def test_one_color_stays() -> None:
    for size in ((3, 20), (40, 2), (1, 1)):
        assert np.array_equal(resized(np.full((9, 11, 3), 77, np.uint8), *size), np.full((*size, 3), 77))


def test_steps_are_pillows() -> None:
    """The window is negative beside its middle, and what overflows is cut. The numbers are Pillow's."""
    pixels = np.repeat(np.array([[0, 0, 0, 255, 255, 255]], np.uint8), 2, axis=0)[:, :, None]
    assert resized(pixels, 2, 12)[0, :, 0].tolist() == [0, 2, 7, 0, 0, 54, 201, 255, 255, 248, 253, 255]
    assert resized(pixels, 2, 4)[1, :, 0].tolist() == [0, 10, 245, 255]
