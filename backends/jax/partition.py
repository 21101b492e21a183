"""What XLA must not split on a mesh of devices, since GSPMD does it wrongly.

Seen with jax 0.10, in hundreds of random splits: wrong numbers of convolutions whose windows or groups are split, of
sums of windows, and of what is padded between elements or by less than nothing; errors where values and their places
are split unlike; the end of the process over convolutions of batch groups. Along other axes all are right. What has
groups, or places in a batch, each device does for its own part of the batch. Without a mesh nothing is said of this.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
from diptych.ir.ops.contraction import ConvolutionLayout
from jax import lax
from jax.sharding import NamedSharding, PartitionSpec

from ..mesh import DATA
from .placement import current

Ints = tuple[int, ...]


def convolved(
    convolve: Callable[[Any, Any], Any], x: Any, kernel: Any, roles: ConvolutionLayout, groups: int, batch_groups: int
) -> Any:
    """`convolve(x, kernel)`. Axes of `roles`: batch, features and windows of x and of the result; of the kernel its
    outputs, its inputs and windows."""
    if groups > 1:
        return by_parts(convolve, [(x, roles.x[0]), (kernel, None)], roles.result[0])
    if batch_groups > 1:
        return by_parts(convolve, [(x, roles.x[1]), (kernel, roles.kernel[1])], None)
    return whole(convolve(whole(x, roles.x[2:]), whole(kernel, roles.kernel[2:])), roles.result[2:])


def padded(x: Any, value: Any, places: Sequence[tuple[int, int, int]]) -> Any:
    """lax.pad."""
    axes = [axis for axis, (low, high, interior) in enumerate(places) if interior or low < 0 or high < 0]
    return whole(lax.pad(whole(x, axes), value, places), axes)


def window_axes(window: Ints, stride: Ints, padding: Sequence[tuple[int, int]]) -> Ints:
    """The axes that windows reach along."""
    each = zip(window, stride, padding, strict=True)
    return tuple(axis for axis, (size, step, pads) in enumerate(each) if (size, step, *pads) != (1, 1, 0, 0))


def on_windows(compute: Callable[..., Any], windows: Ints, *arrays: Any) -> Any:
    """compute(*arrays), with results at places in the batch, for which XLA would bring all of it together."""
    batch = 0 if arrays[0].ndim and 0 not in windows else None
    return by_parts(compute, [(array, batch) for array in arrays], batch)


def by_parts(compute: Callable[..., Any], given: Sequence[tuple[Any, int | None]], result: int | None) -> Any:
    """compute(*arrays), of which each device does its part of the batch; all of it, where the batch does not divide.

    `given`: the arrays, each with the axis that the batch is along, or None where it has none; `result`: that axis of
    the result, None where it adds up over the batch.
    """
    arrays, axes = zip(*given, strict=True)
    mesh = current()
    if mesh is None:
        return compute(*arrays)
    count = mesh.devices.shape.get(DATA, 1)
    sizes = [array.shape[axis] for array, axis in given if axis is not None]
    divides = count > 1 and bool(sizes) and all(size % count == 0 for size in sizes)

    def spec(axis: int | None) -> PartitionSpec:
        return PartitionSpec(*[None] * axis, DATA) if divides and axis is not None else PartitionSpec()

    def part(*arrays: Any) -> Any:
        found = compute(*arrays)
        return lax.psum(found, DATA) if divides and result is None else found

    specs = tuple(map(spec, axes))
    return jax.shard_map(part, mesh=mesh.devices, in_specs=specs, out_specs=spec(result), check_vma=False)(*arrays)


def whole(x: Any, axes: Sequence[int]) -> Any:
    """x, along these axes whole on every device, and split along the others as XLA likes."""
    mesh = current()
    if mesh is None or not axes:
        return x
    spec = PartitionSpec(*(None if axis in axes else PartitionSpec.UNCONSTRAINED for axis in range(x.ndim)))
    return lax.with_sharding_constraint(x, NamedSharding(mesh.devices, spec))
