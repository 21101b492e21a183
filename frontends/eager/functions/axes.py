"""Dimensions as users count them: negative ones from the end, and of a scalar -1 and 0 alike."""

from __future__ import annotations

from collections.abc import Sequence
from operator import index

Dims = int | Sequence[int] | None


def counted(dim: int, rank: int) -> int:
    """`dim` counted from 0. Raises IndexError as PyTorch does, TypeError for what is no integer."""
    low, high = (-rank, rank - 1) if rank else (-1, 0)
    if not low <= index(dim) <= high:
        raise IndexError(f"Dimension out of range (expected to be in range of [{low}, {high}], but got {dim})")
    return dim % rank if rank else 0


def reduced(name: str, dims: Dims, rank: int) -> tuple[int, ...]:
    """What the function `name` reduces, counted from 0, ascending: None and an empty sequence mean every axis, and of a
    scalar there is none. Raises RuntimeError for one that is there twice, TypeError for what is no integer."""
    if dims is None:
        return tuple(range(rank))
    found: set[int] = set()
    for dim in (dims,) if hasattr(dims, "__index__") else _several(name, dims):
        place = counted(dim, rank)
        if place in found:
            raise RuntimeError(f"dim {place} appears multiple times in the list of dims")
        found.add(place)
    return tuple(sorted(found))[:rank] if found else tuple(range(rank))


def reduced_one(name: str, dim: int, rank: int) -> tuple[int, ...]:
    """The one axis that the function `name` reduces, in a tuple; none of a scalar."""
    if not hasattr(dim, "__index__"):
        raise _refusal(name, dim)
    return (counted(dim, rank),)[:rank]


def _several(name: str, dims: object) -> Sequence[int]:
    if not isinstance(dims, (tuple, list)) or not all(hasattr(dim, "__index__") for dim in dims):
        raise _refusal(name, dims)
    return dims


def _refusal(name: str, dims: object) -> TypeError:
    return TypeError(f"{name}() received an invalid combination of arguments - got (Tensor, {type(dims).__name__})")
