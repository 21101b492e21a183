"""What XLA must not split on a mesh of devices, since GSPMD does it wrongly.

Seen with jax 0.10, in hundreds of random splits: wrong numbers of convolutions whose windows or groups are split, of
sums of windows, and of what is padded between elements or by less than nothing; errors where values and their places
are split unlike; the end of the process over convolutions of batch groups. Along other axes all are right. A gradient
of a kernel of groups adds up over the batch: it is the sum of those of the parts of the batch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
from diptych.ir.ops.contraction import ConvolutionLayout
from jax import lax
from jax.sharding import NamedSharding, PartitionSpec

from ..mesh import DATA

Convolve = Callable[[Any, Any], Any]
Ints = tuple[int, ...]


def convolved(
    convolve: Convolve,
    mesh: jax.sharding.Mesh,
    x: Any,
    kernel: Any,
    roles: ConvolutionLayout,
    groups: int,
    batch_groups: int,
) -> Any:
    """`convolve(x, kernel)` on a mesh. Axes of `roles`: batch, features and windows of x and of the result; of the
    kernel its outputs, its inputs and windows."""
    if batch_groups > 1:
        count = mesh.shape.get(DATA, 1)
        inputs = roles.x[1], roles.kernel[1]
        if count == 1 or x.shape[inputs[0]] % count:
            return whole(convolve(whole(x, mesh, roles.x), whole(kernel, mesh, roles.kernel)), mesh, roles.result)
        specs = tuple(PartitionSpec(*[None] * axis, DATA) for axis in inputs)
        summed = jax.shard_map(
            lambda x, kernel: lax.psum(convolve(x, kernel), DATA),
            mesh=mesh, in_specs=specs, out_specs=PartitionSpec(), check_vma=False,
        )  # fmt: skip
        return summed(x, kernel)
    free = 2 if groups == 1 else 1
    x, kernel = whole(x, mesh, roles.x[free:]), whole(kernel, mesh, roles.kernel[2 if groups == 1 else 0 :])
    return whole(convolve(x, kernel), mesh, roles.result[free:])


def padded(x: Any, value: Any, places: Sequence[tuple[int, int, int]], mesh: jax.sharding.Mesh) -> Any:
    """lax.pad on a mesh."""
    axes = [axis for axis, (low, high, interior) in enumerate(places) if interior or low < 0 or high < 0]
    return whole(lax.pad(whole(x, mesh, axes), value, places), mesh, axes)


def window_axes(window: Ints, stride: Ints, padding: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    """The axes that windows reach along."""
    each = zip(window, stride, padding, strict=True)
    return tuple(axis for axis, (size, step, pads) in enumerate(each) if (size, step, *pads) != (1, 1, 0, 0))


def as_batch(x: Any, mesh: jax.sharding.Mesh, windows: Ints) -> Any:
    """x, split as a batch is, or not at all where windows reach along that axis."""
    is_batch = 0 not in windows and DATA in mesh.shape and x.shape[0] % mesh.shape[DATA] == 0
    return lax.with_sharding_constraint(x, NamedSharding(mesh, PartitionSpec(DATA) if is_batch else PartitionSpec()))


def whole(x: Any, mesh: jax.sharding.Mesh, axes: Sequence[int]) -> Any:
    """x, along these axes whole on every device, and split along the others as XLA likes."""
    if not axes:
        return x
    spec = PartitionSpec(*(None if axis in axes else PartitionSpec.UNCONSTRAINED for axis in range(x.ndim)))
    return lax.with_sharding_constraint(x, NamedSharding(mesh, spec))
