"""Deep copies of tensors."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np

from .data import from_array
from .tensor import Tensor


def deep_copy(self: Tensor, memo: dict[int, Any]) -> Tensor:
    """A leaf of the same value, with a copy of its gradient and of the attributes set on it. Raises RuntimeError of a
    tensor that is no leaf."""
    if not self.is_leaf:
        raise RuntimeError(
            "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment.  "
            "If you were attempting to deepcopy a module, this may be because of a torch.nn.utils.weight_norm usage, "
            "see https://github.com/pytorch/pytorch/pull/103001"
        )
    copied = object.__new__(type(self))
    copied._storage, copied._view, copied._meta = from_array(np.array(self._array()))._storage, None, None
    if self.requires_grad:
        copied.requires_grad_()
    meta = self._meta
    if meta is not None and meta.grad is not None:
        copied.grad = deep_copy(meta.grad, memo)
    copied.__dict__.update(deepcopy(self.__dict__, memo))
    memo[id(self)] = copied
    return copied
