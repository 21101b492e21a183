"""Functions that `torch` has in a form of its own, which takes every argument and no defaults, beside that of
`torch.nn.functional` or of tensors."""

from __future__ import annotations

from collections.abc import Callable

from ..tensors import protocols
from ..tensors.tensor import Tensor
from . import dropouts, embeddings
from .operands import tensor, tensors


def _dropping(name: str, function: Callable[[Tensor, float, bool], Tensor]) -> Callable[[Tensor, float, bool], Tensor]:
    def dropping(input: Tensor, p: float, train: bool) -> Tensor:
        (x,) = tensors(name, input=input)
        if not 0 <= p <= 1:
            raise RuntimeError(f"dropout probability has to be between 0 and 1, but got {p:g}")
        return function(x, p, train)

    dropping.__name__ = dropping.__qualname__ = name
    dropping.__doc__ = f"{function.__doc__} Raises RuntimeError for what is no probability."
    return dropping


dropout = _dropping("dropout", dropouts.dropout)
alpha_dropout = _dropping("alpha_dropout", dropouts.alpha_dropout)
feature_alpha_dropout = _dropping("feature_alpha_dropout", dropouts.feature_alpha_dropout)
feature_dropout = _dropping("feature_dropout", dropouts.dropout2d)


def embedding(
    weight: Tensor, indices: Tensor, padding_idx: int = -1, scale_grad_by_freq: bool = False, sparse: bool = False
) -> Tensor:
    """weight[indices], as `torch.nn.functional.embedding`, with the table first; -1 is no row without gradients."""
    table, places = tensors("embedding", weight=weight, indices=indices)
    padding = None if padding_idx == -1 else padding_idx
    return embeddings.embedding(places, table, padding, scale_grad_by_freq=scale_grad_by_freq, sparse=sparse)


def detach(input: Tensor) -> Tensor:
    """The tensor without its history, in the same storage."""
    return tensor("detach", "input", 1, input).detach()


def get_device(input: Tensor) -> int:
    """The number of the device that a tensor is on, which the CPU has none of: -1."""
    tensor("get_device", "input", 1, input)
    return -1


def is_distributed(input: Tensor) -> bool:
    """Whether a tensor is spread over processes, which none is."""
    tensor("is_distributed", "input", 1, input)
    return False


def is_same_size(input: Tensor, other: Tensor) -> bool:
    """Whether both have the same shape."""
    return protocols.is_same_size(*tensors("is_same_size", input=input, other=other))
