"""Files of pictures with faults in them: what reading them must come to is pixels or InvalidArgumentError, soon.

    python -m tests.static.images.mutations 100000

reads as many, for longer than the tests do.
"""

from __future__ import annotations

import io
import random
import sys
import time
from types import SimpleNamespace
from typing import Any

import diptych.static as tf
import numpy as np
from diptych.static.images import reading
from PIL import Image

from tests.events.mutations import mutated

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


def host_run() -> Any:
    """What a reader is told of the operation that it computes."""
    with tf.Graph().as_default():
        return SimpleNamespace(operation=tf.image.decode_png(tf.placeholder(tf.string, [])).op)


def outcome(at: Any, data: bytes, random: random.Random) -> str:
    """What reading it comes to. Raises whatever else comes up."""
    reader = random.choice(READERS)
    options = (
        {} if reader in (reading.compute_gif, reading.compute_jpeg_shape) else {"channels": random.choice((0, 1, 3))}
    )
    try:
        found = reader(at, np.array(data, object), **options)
    except tf.errors.InvalidArgumentError:
        return "refused"
    if reader is not reading.compute_jpeg_shape:
        assert found.dtype == np.uint8 and found.ndim in (3, 4)
    return "read"


def run(count: int, seed: int) -> dict[str, int]:
    """How many files came to what. Raises AssertionError for one that takes longer than five seconds."""
    random_numbers, at = random.Random(seed), host_run()
    found: dict[str, int] = {}
    for _ in range(count):
        data = mutated(random_numbers.choice(FILES), random_numbers)
        start = time.monotonic()
        result = outcome(at, data, random_numbers)
        assert time.monotonic() - start < 5, data
        found[result] = found.get(result, 0) + 1
    return found


if __name__ == "__main__":
    print(run(int(sys.argv[1]), 0))
