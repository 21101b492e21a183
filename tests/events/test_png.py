"""PNG files."""

from __future__ import annotations

import numpy as np
import pytest
from diptych.events import png

from tests.events.png_reader import pixels_of


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("size", [(1, 1), (1, 7), (6, 1), (30, 17)])
def test_pixels_come_back(size: tuple[int, int], channels: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (*size, channels), np.uint8)
    assert np.array_equal(pixels_of(png.encode(pixels)), pixels)


def test_gradients_are_packed_well() -> None:
    """Each row is written as it is, or less its neighbours, whichever is smallest."""
    ramp = np.arange(256, dtype=np.uint8)
    for pixels in (
        ramp[None, :, None].repeat(256, 0),
        ramp[:, None, None].repeat(256, 1),
        np.zeros((256, 256, 1), "u1"),
    ):
        file = png.encode(pixels)
        assert np.array_equal(pixels_of(file), pixels)
        assert len(file) < 1500


@pytest.mark.parametrize(
    "shape, kind, text", [((2, 2, 5), "u1", "(1, 1, 5), |u1"), ((2, 2, 3), "f4", "(1, 1, 3), <f4")]
)
def test_arrays_that_are_no_picture(shape: tuple[int, ...], kind: str, text: str) -> None:
    with pytest.raises(TypeError) as error:
        png.encode(np.zeros(shape, kind))
    assert str(error.value) == f"Cannot handle this data type: {text}"


def test_pictures_of_no_size() -> None:
    with pytest.raises(ValueError) as error:
        png.encode(np.zeros((0, 2, 3), np.uint8))
    assert str(error.value) == "png: the size is 0 by 2 but must be at least 1 by 1"
