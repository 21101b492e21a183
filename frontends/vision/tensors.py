"""Between tensors and the arrays that image functions compute with."""

from __future__ import annotations

from typing import Any

import diptych.eager as torch
import numpy as np
from diptych.eager.tensors.data import from_array


def array_of(tensor: torch.Tensor) -> np.ndarray:
    """The tensor's values; not to be written. Raises RuntimeError for a tensor that requires a gradient."""
    return np.asarray(tensor.cpu().numpy())


def tensor_of(array: Any) -> torch.Tensor:
    """A tensor of an array that nobody else holds."""
    return from_array(np.ascontiguousarray(array).reshape(np.shape(array)))


def is_tensor(value: Any) -> bool:
    """Whether it is a tensor."""
    return isinstance(value, torch.Tensor)
