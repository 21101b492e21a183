"""`tf.keras.datasets.mnist`."""

from __future__ import annotations

import numpy as np

from ...npz import read_npz
from .files import file_of

Split = tuple[np.ndarray, np.ndarray]


def load_data(path: str = "mnist.npz") -> tuple[Split, Split]:
    """((x_train, y_train), (x_test, y_test)): images uint8 [count, 28, 28], labels uint8 [count]."""
    checksum = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
    found = read_npz(file_of(path, "mnist.npz", checksum), ("x_train", "y_train", "x_test", "y_test"))
    return (found[0], found[1]), (found[2], found[3])
