"""Kernels of `ir/ops/mesh.py`, of one device and one process."""

from __future__ import annotations

from typing import Any

from diptych.ir import DiptychError, ops

from ..processes import process_count


def all_reduce(xp: Any, x: Any, *, told: str) -> Any:
    """x. Raises DiptychError where there are several processes, which jax alone brings together."""
    _check("all_reduce")
    return x


def all_gather(xp: Any, x: Any, *, count: int, told: str) -> Any:
    """x alone."""
    _check("all_gather")
    if count != 1:
        raise DiptychError(f"all_gather: count is {count} but there is one process")
    return x[None]


def reduce_scatter(xp: Any, x: Any, *, told: str) -> Any:
    """The only part."""
    _check("reduce_scatter")
    if len(x) != 1:
        raise DiptychError(f"reduce_scatter: x is {len(x)} long but there is one process")
    return x[0]


def _check(name: str) -> None:
    if process_count() > 1:
        raise DiptychError(f"{name}: there are {process_count()} processes, which backend jax alone brings together")


KERNELS = {
    ops.shard: lambda xp, x, axes: x,
    ops.all_reduce: all_reduce,
    ops.all_gather: all_gather,
    ops.reduce_scatter: reduce_scatter,
}
