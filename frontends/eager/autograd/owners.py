"""Gradients of tensors that others stand in for: found in parts, and put together in the form that PyTorch has.

A sparse tensor's gradient is that of its values, a table's the rows that were taken from it (stand_ins.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeGuard

from ..tapes.graph import Graph
from ..tapes.stand_ins import StandIn
from ..tensors.tensor import Tensor

if TYPE_CHECKING:
    from ..sparse.tensor import SparseTensor


class Group(NamedTuple):
    """A tensor, and those whose gradients make up its own: itself, if used as it is, and those that stand in."""

    owner: Tensor
    parts: list[Tensor]


def _is_sparse(tensor: Tensor) -> TypeGuard[SparseTensor]:
    return tensor.is_sparse


def groups_of(wanted: Sequence[Tensor], graph: Graph) -> list[Group] | None:
    """A group for each wanted tensor; None where each is its only part. Those that stand in come as they were made."""
    standing = [leaf for leaf in graph.leaves.values() if type(leaf) is StandIn]
    if not standing and not any(_is_sparse(each) for each in wanted):
        return None
    standing.sort(key=lambda leaf: leaf.number)
    found: list[Group] = []
    for each in wanted:
        parts: list[Tensor] = [leaf for leaf in standing if leaf.owner() is each]
        if _is_sparse(each) and not each.is_leaf:
            parts = [each.held]
        elif not _is_sparse(each) and (id(each) in graph.leaves or not each.is_leaf):
            parts.insert(0, each)
        found.append(Group(each, parts))
    return found


def owners_of(leaves: Sequence[Tensor]) -> list[Tensor]:
    """The leaves, with owners in place of what stands in for them, each once."""
    found: dict[int, Tensor] = {}
    for leaf in leaves:
        owner = leaf.owner() if type(leaf) is StandIn else leaf
        if owner is not None and (_is_sparse(owner) or (owner._meta is not None and owner._meta.requires_grad)):
            found.setdefault(id(owner), owner)
    return list(found.values())


def together(group: Group, gradients: Sequence[Tensor]) -> Tensor | None:
    """The gradient of a group's owner, of those of its parts; None of no part."""
    from ..sparse.arithmetic import added, appended

    total: Tensor | None = None
    for part, gradient in zip(group.parts, gradients, strict=True):
        found = _formed(group.owner, part, gradient)
        if total is None:
            total = found
        elif _is_sparse(found):
            total = appended(total, found) if _is_sparse(total) else added(total, found)
        else:
            total = added(found, total) if _is_sparse(total) else total + found
    return total


def _formed(owner: Tensor, part: Tensor, gradient: Tensor) -> Tensor:
    if type(part) is StandIn:
        return part.form(owner, gradient)
    if _is_sparse(owner):
        return _of_values(owner, gradient)
    return gradient


def _of_values(owner: SparseTensor, gradient: Tensor) -> Tensor:
    from ..sparse.tensor import like

    return like(owner, gradient)


def plain_roots(roots: Sequence[Tensor], seeds: Sequence[Tensor | None]) -> tuple[list[Tensor], list[Tensor | None]]:
    """The values of roots that are sparse, weighted by what their seeds hold there."""
    from ..sparse.converting import sparse_mask

    found: list[tuple[Tensor, Tensor | None]] = []
    for root, seed in zip(roots, seeds, strict=True):
        if not _is_sparse(root):
            found.append((root, seed))
            continue
        root.parts()
        held = None if seed is None else sparse_mask(seed, root).held
        found.append((root.held, held))
    return [root for root, _ in found], [seed for _, seed in found]
