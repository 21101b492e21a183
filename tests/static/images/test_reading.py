"""Files of pictures: what differs between readers of them, limits, and a machine without Pillow."""

from __future__ import annotations

import collections
import io
import sys
from typing import Any

import diptych.static as tf
import numpy as np
import pytest
from diptych.pillow import PillowMissing
from diptych.static.images import reading
from PIL import Image

from .fuzz import damaged, outcome

ROWS, COLUMNS = np.mgrid[0:40, 0:50]
PICTURE = np.stack([ROWS * 6, COLUMNS * 5, ROWS + COLUMNS], 2).astype(np.uint8)


def run(tensor: tf.Tensor) -> np.ndarray:
    return tf.Session().run(tensor)


def test_a_jpeg_of_colours_is_read_as_it_was_written_but_for_its_losses() -> None:
    tf.reset_default_graph()
    again = run(tf.image.decode_jpeg(tf.image.encode_jpeg(PICTURE)))
    assert again.dtype == np.uint8
    assert np.abs(again.astype(int) - PICTURE).mean() < 2


def test_a_ratio_makes_a_jpeg_smaller() -> None:
    tf.reset_default_graph()
    assert run(tf.image.decode_jpeg(tf.image.encode_jpeg(PICTURE), ratio=2)).shape == (20, 25, 3)


def test_greys_of_16_bits_keep_them() -> None:
    tf.reset_default_graph()
    wide = (PICTURE[:, :, :1].astype(np.uint16) * 251).astype(np.uint16)
    again = run(tf.image.decode_png(tf.image.encode_png(wide), dtype=tf.uint16))
    np.testing.assert_array_equal(again, wide)


def test_colours_of_16_bits_are_refused() -> None:
    tf.reset_default_graph()
    with pytest.raises(tf.errors.InvalidArgumentError, match="colours of 16 bits are not written, only greys"):
        run(tf.image.encode_png(PICTURE.astype(np.uint16)))


def test_transparent_pixels_are_a_channel() -> None:
    tf.reset_default_graph()
    transparent = np.concatenate([PICTURE, PICTURE[:, :, :1]], 2)
    np.testing.assert_array_equal(run(tf.image.decode_png(tf.image.encode_png(transparent))), transparent)


def test_a_gif_of_several_frames_is_no_single_picture() -> None:
    tf.reset_default_graph()
    file = io.BytesIO()
    first, second = (Image.new("RGB", (3, 2), color) for color in ("red", "blue"))
    first.save(file, "GIF", save_all=True, append_images=[second])
    message = "Got 2 frames, but animated gifs can only be decoded by tf.image.decode_gif or tf.image.decode_image"
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        run(tf.image.decode_jpeg(file.getvalue()))
    assert run(tf.image.decode_image(file.getvalue(), expand_animations=False)).shape == (2, 3, 3)


def test_too_many_pixels_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    tf.reset_default_graph()
    monkeypatch.setattr(reading, "MOST_ELEMENTS", 100)
    data = run(tf.image.encode_png(PICTURE))
    with pytest.raises(tf.errors.InvalidArgumentError, match="PNG image of 50 by 40 pixels is too large"):
        run(tf.image.decode_png(data))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"nothing", "Expected image \\(JPEG, PNG, or GIF\\), got unknown format starting with 'nothing'"),
        (b"", "Expected image \\(JPEG, PNG, or GIF\\), got empty file"),
        (b"\xff\xd8\xff cut", "Invalid JPEG data, size 7"),
        (b"\x89PNG cut", "Invalid PNG data, size 8"),
    ],
)
def test_what_is_no_picture_is_refused(data: bytes, message: str) -> None:
    tf.reset_default_graph()
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        run(tf.image.decode_jpeg(data))


def test_without_pillow_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    tf.reset_default_graph()
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    with pytest.raises(PillowMissing, match="images need Pillow"):
        run(tf.image.decode_jpeg(b"\xff\xd8\xff"))


def test_damaged_files_are_read_or_refused() -> None:
    found = collections.Counter(outcome(each) for each in damaged(1, 600))
    assert len(found) == 2 and min(found.values()) > 30


@pytest.mark.parametrize(
    ("contents", "reader", "words"),
    [
        (b"nothing", tf.image.decode_jpeg,
         "Expected image (JPEG, PNG, or GIF), got unknown format starting with 'nothing'"),
        (b"", tf.image.decode_png, "Expected image (JPEG, PNG, or GIF), got empty file"),
        (b"", tf.image.decode_image, "assertion failed: [Unable to decode bytes as JPEG, PNG, GIF, or BMP]"),
        (b"\xff\xd8\xff1", tf.image.decode_jpeg, "Invalid JPEG data, size 4"),
        (b"BM", tf.image.decode_bmp, "Invalid BMP data, size 2"),
        (b"\x89PNG", tf.image.decode_bmp,
         "Incomplete bmp content, requires at least 32 bytes to find the header size, width, height, and bpp, got 4 "
         "bytes"),
    ],
)  # fmt: skip
def test_what_is_no_picture(contents: bytes, reader: Any, words: str) -> None:
    tf.reset_default_graph()
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        run(reader(contents))
    assert caught.value.message == words


def test_a_frame_stays_within_its_gif() -> None:
    file = io.BytesIO()
    first, second = (Image.fromarray(np.full((4, 5), shade, np.uint8)) for shade in (0, 200))
    first.save(file, "GIF", save_all=True, append_images=[second])
    data = bytearray(file.getvalue())
    place = data.rindex(b"\x2c\x00\x00\x00\x00\x05\x00\x04\x00")
    data[place + 5] = 200
    tf.reset_default_graph()
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        run(tf.image.decode_gif(bytes(data)))
    assert caught.value.message == "GIF frame 1 is larger than the image of 5 by 4 pixels"
