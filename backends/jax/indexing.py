"""Kernels of `ir/ops/indexing.py` of jax's own: a program cannot raise, so indices out of bounds are clipped in reads
and dropped in writes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
from diptych.ir import ops
from jax import lax

from ..kernels.indexing import limited
from ..kernels.rounding import HALVES

MODE = lax.GatherScatterMode
SCATTER = {
    "set": lax.scatter,
    "add": lax.scatter_add,
    "mul": lax.scatter_mul,
    "min": lax.scatter_min,
    "max": lax.scatter_max,
}
COMBINE: dict[str, Callable[[Any, Any], Any]] = {
    "set": lambda old, new: new,
    "add": lax.add,
    "mul": lax.mul,
    "min": lax.min,
    "max": lax.max,
}


def _limited(index: Any, low: int, high: Any) -> Any:
    """As `limited`, also for a limit that is one of jax's symbols, which is no more than an int64."""
    if isinstance(high, int):
        return limited(jnp, index, low, high)
    return jnp.minimum(limited(jnp, index, low, 2**63 - 1), high)


def gather(xp: Any, x: Any, *indices: Any, axes: tuple[int, ...], bounds: str) -> Any:
    """One gather of slices that are 1 long in the indexed axes."""
    lead = indices[0].ndim
    rest = x.ndim - len(axes)
    places = [_limited(index, 0, x.shape[axis] - 1) for index, axis in zip(indices, axes, strict=True)]
    sizes = tuple(1 if axis in axes else size for axis, size in enumerate(x.shape))
    if 0 in indices[0].shape or 0 in (x.shape[axis] for axis in axes):
        kept = [size for axis, size in enumerate(x.shape) if axis not in axes]
        return jnp.zeros((*indices[0].shape, *kept), x.dtype)
    numbers = lax.GatherDimensionNumbers(tuple(range(lead, lead + rest)), axes, axes)
    return lax.gather(x, jnp.stack(places, -1), numbers, sizes, mode=MODE.PROMISE_IN_BOUNDS)


def scatter(xp: Any, x: Any, updates: Any, *indices: Any, axes: tuple[int, ...], combine: str, bounds: str) -> Any:
    """One scatter, which drops what lies outside. Halves are combined in float32 and rounded at the end."""
    if x.dtype in HALVES and combine in ("add", "mul"):
        wide = (x.astype(np.float32), updates.astype(np.float32))
        return scatter(xp, *wide, *indices, axes=axes, combine=combine, bounds=bounds).astype(x.dtype)
    lead = indices[0].ndim
    places = [_limited(index, -1, x.shape[axis]) for index, axis in zip(indices, axes, strict=True)]
    numbers = lax.ScatterDimensionNumbers(tuple(range(lead, updates.ndim)), axes, axes)
    return SCATTER[combine](x, jnp.stack(places, -1), updates, numbers, mode=MODE.FILL_OR_DROP)


def dynamic_slice(xp: Any, x: Any, *starts: Any, sizes: tuple[int, ...]) -> Any:
    """Starts are moved here: jax would count negative ones from the end."""
    return lax.dynamic_slice(x, _inside(x, starts, sizes), sizes) if sizes else x


def dynamic_update_slice(xp: Any, x: Any, update: Any, *starts: Any) -> Any:
    """As dynamic_slice."""
    return lax.dynamic_update_slice(x, update, _inside(x, starts, update.shape)) if starts else update


def overlapping_update(xp: Any, x: Any, update: Any, *starts: Any) -> Any:
    """dynamic_update_slice of an update that is made of x."""
    return _out_of_place(lambda x, update: dynamic_update_slice(xp, x, update, *starts), x, update)


def overlapping_scatter(
    xp: Any, x: Any, updates: Any, *indices: Any, axes: tuple[int, ...], combine: str, bounds: str
) -> Any:
    """The same to one place. What stands there is read first: of sums with zeros XLA would make a write again."""

    def write(x: Any, updates: Any) -> Any:
        return scatter(xp, x, updates, *indices, axes=axes, combine="set", bounds=bounds)

    return _out_of_place(write, x, COMBINE[combine](gather(xp, x, *indices, axes=axes, bounds="clip"), updates))


def _out_of_place(write: Callable[[Any, Any], Any], x: Any, update: Any) -> Any:
    """x where nothing is written, selected from arrays of their own: what a CPU writes in place may be read too late
    (`overlaps.py`)."""
    written = write(jnp.zeros(x.shape, bool), jnp.ones(update.shape, bool))
    return lax.select(written, write(jnp.zeros_like(x), update), x)


def _inside(x: Any, starts: tuple[Any, ...], sizes: tuple[int, ...]) -> list[Any]:
    return [_limited(start, 0, whole - size) for start, size, whole in zip(starts, sizes, x.shape, strict=True)]


OVERRIDES = {
    ops.gather: gather,
    ops.scatter: scatter,
    ops.dynamic_slice: dynamic_slice,
    ops.dynamic_update_slice: dynamic_update_slice,
}

# For what `overlaps.py` finds.
OVERLAPPING = {
    ops.dynamic_update_slice: overlapping_update,
    ops.scatter: overlapping_scatter,
}
