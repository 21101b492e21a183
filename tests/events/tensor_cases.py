"""Arrays to make messages of, with TensorFlow and with diptych."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np

SPREAD = ((np.arange(1, 300) * 0.6180339887498949) % 1.0 - 0.5) ** 3 * 1000
HISTOGRAMS: dict[str, np.ndarray] = {
    "zeros": np.zeros(3),
    "spread": SPREAD,
    "extremes": np.array([1e-13, -1e-13, 1e19, 1.7e308]),
    "one": np.array([1.0]),
    "integers": np.arange(10),
    "nothing": np.zeros(0),
    "limits": np.array([1.1e-12, 1e-12, 0.0, -1e-12]),
    "axes": SPREAD[:12].reshape(3, 4),
}

DTYPES = (
    "float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool",
    "complex64", "complex128", "bfloat16",
)  # fmt: skip


def arrays(dtype: str) -> list[np.ndarray]:
    """Arrays of six elements, of one, and of none."""
    kind = np.dtype(ml_dtypes.bfloat16 if dtype == "bfloat16" else dtype)
    return [np.array(each).astype(kind) for each in ([[1, 2, 0], [3, 1, 1]], 1, [1], [[], []])]


TEXTS: list[Any] = ["é", ["a", "b"], b"x", [[b"\xff"]], np.array(["c", "d"])]
