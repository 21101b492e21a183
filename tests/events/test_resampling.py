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


def test_a_step_is_sharpened() -> None:
    """The window is negative beside its middle, and what overflows is cut."""
    pixels = np.repeat(np.array([[0, 0, 0, 255, 255, 255]], np.uint8), 2, axis=0)[:, :, None]
    row = resized(pixels, 2, 12)[0, :, 0].tolist()
    assert row[:3] + row[-3:] == [0, 0, 0, 255, 255, 255]
    assert row[4:8] == sorted(row[4:8]) and 0 < row[5] < row[6] < 255
