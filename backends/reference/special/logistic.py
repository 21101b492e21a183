"""The logistic function on numpy."""

from __future__ import annotations

import numpy as np


def logistic(x: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x)) of any float or complex dtype; 0 below about -88 in float32 and -709 in float64, where the
    result is no normal number.

    Relative error below 4 units in the last place of a float dtype.
    """
    with np.errstate(all="ignore"):
        if x.dtype.kind == "c":
            right = x.real >= 0
            decay = np.exp(np.where(right, -x, x))
            return np.where(right, 1, decay).astype(x.dtype, copy=False) / (1 + decay)
        if x.dtype == np.float32:  # whose expm1 takes numpy less time than its exp
            return 1 / (np.expm1(-x) + x.dtype.type(2))
        return 1 / (np.exp(-x) + x.dtype.type(1))
