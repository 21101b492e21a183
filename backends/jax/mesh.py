"""Kernels of `ir/ops/mesh.py` of jax's own."""

from __future__ import annotations

from typing import Any

from diptych.ir import ops
from jax import lax

from .placement import current


def shard(xp: Any, x: Any, *, axes: str) -> Any:
    """A constraint for XLA where the program is compiled for a mesh; without one, x."""
    mesh = current()
    return x if mesh is None else lax.with_sharding_constraint(x, mesh.sharding(axes))


OVERRIDES = {ops.shard: shard}
