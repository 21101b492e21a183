"""Damaged files of pictures: reading them comes to pixels or to InvalidArgumentError; see tests/mutations.py."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import diptych.static as tf
import numpy as np
from diptych.static.images import reading
from PIL import Image

from tests.mutations import mutated, read_all

COLOURS = np.random.RandomState(0).randint(0, 255, (9, 11, 4)).astype(np.uint8)


def _file(array: np.ndarray, mode: str, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image = Image.fromarray(array)
    (image if mode == "I;16" else image.convert(mode)).save(file, kind, **options)
    return file.getvalue()


def _animated() -> bytes:
    file = io.BytesIO()
    pictures = [Image.fromarray(np.roll(COLOURS[:, :, :3], shift, 0)) for shift in range(3)]
    pictures[0].save(file, "GIF", save_all=True, append_images=pictures[1:])
    return file.getvalue()


FILES = [
    *(_file(COLOURS, mode, "PNG") for mode in ("1", "L", "LA", "P", "RGB", "RGBA")),
    _file(COLOURS, "P", "PNG", transparency=3),
    _file(COLOURS[:, :, 0].astype(np.uint16) * 200, "I;16", "PNG"),
    *(_file(COLOURS, mode, "JPEG") for mode in ("L", "RGB", "CMYK")),
    _file(COLOURS, "RGB", "JPEG", progressive=True),
    *(_file(COLOURS, mode, "BMP") for mode in ("1", "L", "P", "RGB", "RGBA")),
    *(_file(COLOURS, mode, "GIF") for mode in ("L", "P")),
    _animated(),
]
READERS = (
    reading.compute_image, reading.compute_jpeg, reading.compute_png, reading.compute_gif, reading.compute_bmp,
    reading.compute_jpeg_shape,
)  # fmt: skip


with tf.Graph().as_default():
    AT: Any = SimpleNamespace(operation=tf.image.decode_png(tf.placeholder(tf.string, [])).op)  # what a reader is told


def damaged(seed: int, count: int) -> Iterator[tuple[Any, dict[str, int], bytes]]:
    """`count` readers, with options, and a damaged file for each."""
    chance = random.Random(seed)
    for _ in range(count):
        reader = chance.choice(READERS)
        takes_channels = reader not in (reading.compute_gif, reading.compute_jpeg_shape)
        options = {"channels": chance.choice((0, 1, 3))} if takes_channels else {}
        yield reader, options, mutated(chance.choice(FILES), chance)


def outcome(given: tuple[Any, dict[str, int], bytes]) -> str:
    """What reading a file comes to. Raises whatever else comes up."""
    reader, options, data = given
    try:
        found = reader(AT, np.array(data, object), **options)
    except tf.errors.InvalidArgumentError:
        return "refused"
    if reader is not reading.compute_jpeg_shape:
        assert found.dtype == np.uint8 and found.ndim in (3, 4)
    return "read"


if __name__ == "__main__":
    read_all(damaged, outcome)
