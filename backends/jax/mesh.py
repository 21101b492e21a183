"""Kernels of `ir/ops/mesh.py` of jax's own."""

from __future__ import annotations

from typing import Any

from diptych.ir import DiptychError, ops
from jax import lax

from ..processes import process_count
from .placement import current
from .processes import AXIS


def shard(xp: Any, x: Any, *, axes: str) -> Any:
    """A constraint for XLA where the program is compiled for a mesh; without one, x."""
    mesh = current()
    return x if mesh is None else lax.with_sharding_constraint(x, mesh.sharding(axes))


def all_reduce(xp: Any, x: Any, *, told: str) -> Any:
    """The sum over the processes that run this program together."""
    return x if process_count() == 1 else lax.psum(x, AXIS)


def all_gather(xp: Any, x: Any, *, count: int, told: str) -> Any:
    """One after another."""
    _check("all_gather", count)
    return x[None] if count == 1 else lax.all_gather(x, AXIS)


def reduce_scatter(xp: Any, x: Any, *, told: str) -> Any:
    """The part of this process."""
    _check("reduce_scatter", x.shape[0])
    return x[0] if x.shape[0] == 1 else lax.psum_scatter(x, AXIS)


def _check(name: str, count: int) -> None:
    if count != process_count():
        raise DiptychError(f"{name}: there are {count} parts but must be {process_count()}, one for each process")


OVERRIDES = {
    ops.shard: shard,
    ops.all_reduce: all_reduce,
    ops.all_gather: all_gather,
    ops.reduce_scatter: reduce_scatter,
}
