"""`tf.keras.datasets.boston_housing`: 13 measures of suburbs, and prices of houses there."""

from __future__ import annotations

import numpy as np

from ...npz import read_npz
from .files import file_of
from .texts import shuffled

Split = tuple[np.ndarray, np.ndarray]


def load_data(path: str = "boston_housing.npz", test_split: float = 0.2, seed: int = 113) -> tuple[Split, Split]:
    """((x_train, y_train), (x_test, y_test)): float64 [count, 13] and prices in thousands of dollars [count]. Raises
    AssertionError for a `test_split` out of [0, 1)."""
    if not 0 <= test_split < 1:
        raise AssertionError
    checksum = "f553886a1f8d56431e820c5b82552d9d95cfcb96d1e678153f8839538947dff5"
    arrays = read_npz(file_of(path, "boston_housing.npz", checksum), ("x", "y"))
    np.random.seed(seed)
    x, y = shuffled(*arrays)
    count = int(len(x) * (1 - test_split))
    return (x[:count], y[:count]), (x[count:], y[count:])
