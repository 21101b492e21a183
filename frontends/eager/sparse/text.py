"""How sparse tensors print."""

from __future__ import annotations

from ..device import CPU
from ..tensors.formatting import elements_text, is_usual, shown_array, with_suffixes
from ..tensors.tensor import Tensor
from .tensor import SparseTensor

_INDENT = len("tensor(")


def sparse_text(x: SparseTensor) -> str:
    """The text of `repr(x)`: places and values, then what they do not show."""
    at, held = x.parts()
    text = f"tensor({_part('indices', at)},\n{' ' * _INDENT}{_part('values', held)}"
    place = [] if x.device is CPU else [f"device='{x.device}'"]
    suffixes = [*place, f"size={x.sizes}", f"nnz={at.shape[1]}"]
    if not is_usual(x.dtype):
        suffixes.append(f"dtype={x.dtype}")
    suffixes.append("layout=torch.sparse_coo")
    if x.requires_grad:
        suffixes.append("requires_grad=True" if x.is_leaf else f"grad_fn=<{x.grad_fn.name()}>")
    return with_suffixes(text, suffixes, _INDENT, breaks=True)


def _part(name: str, part: Tensor) -> str:
    prefix = f"{name}=tensor("
    array = shown_array(part)
    size = "" if array.size else f", size={tuple(array.shape)}"
    return f"{prefix}{elements_text(array, _INDENT + len(prefix))}{size})"
