"""The real digits that the examples train on, and batches of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

TEST_SIZE = 1000  # the last of the file


class Digits(NamedTuple):
    """Images as floats in [0, 1], [count, 784], and their labels, [count]."""

    images: np.ndarray
    labels: np.ndarray


def load() -> tuple[Digits, Digits]:
    """(training digits, test digits)."""
    with np.load(Path(__file__).parent / "data" / "mnist_5k.npz", allow_pickle=False) as data:
        images = data["images"].reshape(-1, 784).astype(np.float32) / np.float32(255)
        labels = data["labels"].astype(np.int64)
    return (
        Digits(images[:-TEST_SIZE], labels[:-TEST_SIZE]),
        Digits(images[-TEST_SIZE:], labels[-TEST_SIZE:]),
    )


def batches(digits: Digits, size: int, epochs: int, seed: int = 0) -> Iterator[Digits]:
    """Batches of `size` in a new random order each epoch; what does not fill a batch is left out."""
    random = np.random.default_rng(seed)
    count = len(digits.labels) // size * size
    for _ in range(epochs):
        order = random.permutation(len(digits.labels))[:count].reshape(-1, size)
        for places in order:
            yield Digits(digits.images[places], digits.labels[places])
