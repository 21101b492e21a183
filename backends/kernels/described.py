"""Arrays as errors name them."""

from __future__ import annotations

import numpy as np
from diptych.ir import TensorType, dtype_of
from diptych.ir.types import shape_text


def described(array: np.ndarray) -> str:
    """`f32[2,3]`, the array's type; numpy's own name of a dtype that the language lacks, as in `<U4[]`."""
    try:
        return str(TensorType(dtype_of(array.dtype), array.shape))
    except TypeError:
        return f"{array.dtype}[{shape_text(array.shape)}]"
