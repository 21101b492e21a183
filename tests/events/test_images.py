"""Pictures: the order of axes, ranges, grids and frames."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from diptych import Unsupported
from diptych.events.images import as_pixels, boxed, grid, image
from PIL import Image

from tests.events.png_reader import pixels_of


def test_floats_count_to_one_and_bytes_to_255() -> None:
    assert as_pixels(np.array([[-1.0, 0.5, 2.0]]), "HW")[0, :, 0].tolist() == [0, 127, 255]
    assert as_pixels(np.array([[0, 7, 255]], np.uint8), "HW")[0, :, 2].tolist() == [0, 7, 255]
    assert as_pixels(np.array([[np.nan]]), "HW").shape == (1, 1, 3)


def test_axes_are_named_in_any_order() -> None:
    array = np.arange(24, dtype=np.uint8).reshape(3, 2, 4)
    wanted = array.transpose(1, 2, 0).tolist()
    assert as_pixels(array, "CHW").tolist() == wanted
    assert as_pixels(array.transpose(2, 0, 1), "wch").tolist() == wanted


def test_a_grid_is_filled_row_by_row() -> None:
    batch = np.arange(1, 4, dtype=np.uint8).reshape(3, 1, 1, 1)
    assert grid(batch, 2)[0].tolist() == [[1, 2], [3, 0]]
    assert grid(batch).shape == (3, 1, 3)


def test_frames_are_two_pixels_wide() -> None:
    drawn = boxed(np.zeros((8, 9, 3), np.uint8), np.array([[2, 2, 6, 5]]))
    assert ["".join("#" if x else "." for x in row) for row in drawn[:, :, 0]] == [
        ".........",
        "..#####..",
        "..#####..",
        "..##.##..",
        "..##.##..",
        "..#####..",
        "..#####..",
        ".........",
    ]
    assert not drawn[:, :, 1:].any()


def test_a_picture_is_described_as_it_was_before_it_was_drawn_on() -> None:
    message = image(np.zeros((2, 3, 4), np.uint8), np.ones((4, 6, 4), np.uint8))
    assert (message.height, message.width, message.colorspace) == (2, 3, 4)
    assert pixels_of(message.encoded_image_string).shape == (4, 6, 4)


def test_formats_of_other_lengths() -> None:
    with pytest.raises(ValueError) as error:
        as_pixels(np.zeros(3), "W")
    assert str(error.value) == "add_image: dataformats is 'W' but must be of 2, 3 or 4 letters"


def test_another_size_is_pillows() -> None:
    rows = np.random.default_rng(0).integers(0, 256, (40, 9, 3), np.uint8)
    wanted = Image.fromarray(rows).resize((4, 20), Image.Resampling.LANCZOS)
    assert np.array_equal(boxed(rows, np.zeros((0, 4)), 0.5), np.asarray(wanted))


def test_another_size_without_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    with pytest.raises(Unsupported, match="add_image_with_boxes: pillow is not installed but must be"):
        boxed(np.zeros((8, 9, 3), np.uint8), np.zeros((0, 4)), 2)
