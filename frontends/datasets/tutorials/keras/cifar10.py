"""`tf.keras.datasets.cifar10`."""

from __future__ import annotations

import numpy as np

from ...cifar import read_batch
from ...published import CIFAR10
from .files import folder_of

Split = tuple[np.ndarray, np.ndarray]
_TRAIN = [f"data_batch_{number}" for number in range(1, 6)]


def load_data() -> tuple[Split, Split]:
    """((x_train, y_train), (x_test, y_test)): images uint8 [count, 32, 32, 3], labels uint8 [count, 1]."""
    folder = folder_of("cifar-10-batches-py", [*_TRAIN, "test_batch"], CIFAR10)
    batches = [read_batch(folder / name, "labels") for name in _TRAIN]
    images = np.concatenate([images for images, _ in batches])
    labels = [label for _, labels in batches for label in labels]
    test_images, test_labels = read_batch(folder / "test_batch", "labels")
    return (_channels_last(images), _column(labels)), (_channels_last(test_images), _column(test_labels))


def _channels_last(images: np.ndarray) -> np.ndarray:
    return images.transpose(0, 2, 3, 1)


def _column(labels: list[int]) -> np.ndarray:
    return np.array(labels, np.uint8).reshape(-1, 1)
