"""Arrays that the tests of this package pass."""

from __future__ import annotations

import numpy as np


def vector(*values: float) -> np.ndarray:
    return np.array(values, np.float32)
