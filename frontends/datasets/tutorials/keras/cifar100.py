"""`tf.keras.datasets.cifar100`."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ...cifar import read_batch
from ...published import CIFAR100
from .files import folder_of

Split = tuple[np.ndarray, np.ndarray]


def load_data(label_mode: str = "fine") -> tuple[Split, Split]:
    """((x_train, y_train), (x_test, y_test)): images uint8 [count, 32, 32, 3], labels int64 [count, 1], of the 100
    `fine` classes or of the 20 `coarse` ones. Raises ValueError for other modes."""
    if label_mode not in ("fine", "coarse"):
        raise ValueError('`label_mode` must be one of `"fine"`, `"coarse"`.')
    folder = folder_of("cifar-100-python", ["train", "test"], CIFAR100)
    return _split(folder / "train", label_mode), _split(folder / "test", label_mode)


def _split(path: Path, label_mode: str) -> Split:
    images, labels = read_batch(path, f"{label_mode}_labels")
    return images.transpose(0, 2, 3, 1), np.array(labels, np.int64).reshape(-1, 1)
