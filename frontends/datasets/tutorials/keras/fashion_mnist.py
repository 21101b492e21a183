"""`tf.keras.datasets.fashion_mnist`."""

from __future__ import annotations

import numpy as np

from ...downloading import fetch
from ...idx import read_idx
from ...places import find, keras_folder
from ...published import FASHION_MNIST, FASHION_MNIST_FOLDERS, Published, keras_file

Split = tuple[np.ndarray, np.ndarray]


def _array(file: Published) -> np.ndarray:
    folder = keras_folder() / "fashion-mnist"
    found = find(file.name, [folder], FASHION_MNIST_FOLDERS)
    return read_idx(found or fetch(keras_file(file.name, file.checksum), folder))


def load_data() -> tuple[Split, Split]:
    """((x_train, y_train), (x_test, y_test)): images uint8 [count, 28, 28], labels uint8 [count]."""
    x_train, y_train, x_test, y_test = map(_array, FASHION_MNIST)
    return (x_train, y_train), (x_test, y_test)
