"""Copies of tensors: deep ones, shallow ones, and pickled ones."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np

from ..device import place_of
from ..tapes.batches import check_single
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
    check_single(self, "Cannot access storage of BatchedTensorImpl", NotImplementedError)
    copied = object.__new__(type(self))
    copied._storage, copied._view, copied._meta = from_array(np.array(self._array()), self.device)._storage, None, None
    if self.requires_grad:
        copied.requires_grad_()
    meta = self._meta
    if meta is not None and meta.grad is not None:
        copied.grad = deep_copy(meta.grad, memo)
    copied.__dict__.update(deepcopy(self.__dict__, memo))
    memo[id(self)] = copied
    return copied


def shallow_copy(self: Tensor) -> Tensor:
    """A leaf that shares the memory, and the attributes set on it."""
    source = self.detach()
    copied = object.__new__(type(self))
    copied._storage, copied._view, copied._meta = source._storage, source._view, source._meta
    if self.requires_grad:
        copied.requires_grad_()
    copied.__dict__.update(self.__dict__)
    return copied


def reduced(self: Tensor, protocol: Any) -> tuple[Any, ...]:
    """What is pickled: the value as a numpy array, and whether gradients are collected. Gradients, hooks and history
    are left behind, as PyTorch leaves them."""
    kind = type(self)
    own = kind.__name__ if kind.__module__.partition(".")[0] == "torch" else kind  # where no module is called torch
    return _rebuilt, (own, np.array(self._array()), self.requires_grad, self.__dict__, str(self.device))


def _rebuilt(
    kind: type[Tensor] | str, array: np.ndarray, requires_grad: bool, attributes: dict[str, Any], place: str = "cpu"
) -> Tensor:
    if isinstance(kind, str):
        from ..nn.parameter import Parameter

        kind = {"Tensor": Tensor, "Parameter": Parameter}[kind]
    made = object.__new__(kind)
    made._storage, made._view, made._meta = from_array(array, place_of(place))._storage, None, None
    if requires_grad:
        made.requires_grad_()
    made.__dict__.update(attributes)
    return made
