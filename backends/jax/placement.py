"""Where programs run: on one of jax's devices, or on a mesh of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import cache, cached_property
from typing import Any

import jax
import numpy as np
from diptych.ir import DiptychError
from diptych.ir.ops.mesh import axes_of, axes_text
from jax.experimental import mesh_utils
from jax.sharding import NamedSharding, PartitionSpec

from ..mesh import DATA, Mesh
from ..processes import before_meeting, process_count
from . import Box
from .meetings import check_alike
from .precision import precision

MAX_FITTING = 4096  # shardings that a mesh remembers


class DeviceMesh:
    """The devices of a mesh, in its grid."""

    def __init__(self, mesh: Mesh, devices: Sequence[Any]) -> None:
        self.mesh = mesh
        names, sizes = zip(*mesh.axes, strict=True)
        self.devices = jax.sharding.Mesh(mesh_utils.create_device_mesh(sizes, list(devices)), names)
        self._shardings: dict[str, NamedSharding] = {}
        self._fitting: dict[tuple[int, str, int], Any] = {}  # shardings that are as wanted, by identity

    def sharding(self, axes: str) -> NamedSharding:
        """As `shard` says it. Raises DiptychError for an axis that the mesh has not."""
        found = self._shardings.get(axes)
        if found is None:
            names = axes_of(axes)
            unknown = [name for each in names for name in each if name not in self.devices.axis_names]
            if unknown:
                has = ", ".join(self.devices.axis_names)
                raise DiptychError(f"shard: axes has {unknown[0]} but must have some of the mesh's, {has}")
            found = NamedSharding(self.devices, PartitionSpec(*(each or None for each in names)))
            self._shardings[axes] = found
        return found

    def placed(self, array: Any, axes: str | None) -> Any:
        """An array on these devices: split as `axes` says or, where that is None and it comes from the host, as a batch
        is. What jax has elsewhere on its mesh stays as it is."""
        if isinstance(array, np.ndarray):
            wanted = self._wanted(array, axes)
        elif axes is None or self._fits(array, axes):
            return array
        else:
            wanted = self.sharding(axes)
        if process_count() > 1 and isinstance(array, np.ndarray):  # which all have
            return jax.make_array_from_callback(array.shape, wanted, lambda place: array[place])
        return jax.device_put(array, wanted, may_alias=False)

    @cached_property
    def _has_parts_of_batches(self) -> bool:
        """Whether the devices of the first process have the first rows of a batch, and so on."""
        along = np.moveaxis(self.devices.devices, self.devices.axis_names.index(DATA), 0)
        rows = len(along) // process_count()
        pairs = ((place, each) for place, row in enumerate(along.reshape(len(along), -1)) for each in row)
        return all(device.process_index == place // rows for place, device in pairs)

    def all_placed(self, arrays: Sequence[Any], axes: Sequence[str | None]) -> list[Any]:
        """Arrays, each as `placed` has it; what comes from the host goes to the devices at one time."""
        if process_count() > 1:
            return list(map(self.placed, arrays, axes))
        found = list(arrays)
        late = [place for place, array in enumerate(arrays) if isinstance(array, np.ndarray)]
        if late:
            wanted = [self._wanted(arrays[place], axes[place]) for place in late]
            put = jax.device_put([arrays[place] for place in late], wanted, may_alias=False)
            for place, array in zip(late, put, strict=True):
                found[place] = array
        return list(map(self.placed, found, axes))

    def made(self, shape: tuple[int, ...], axes: str, parts: Callable[[list[Box]], list[np.ndarray]]) -> Any:
        """An array that is split as `axes` says, of what `parts` gives for the boxes that are on devices of this
        process."""
        sharding = self.sharding(axes)

        def box(place: tuple[slice, ...]) -> Box:
            ranges = (each.indices(size) for each, size in zip(place, shape, strict=True))
            return tuple((start, stop) for start, stop, _ in ranges)

        boxes = list(dict.fromkeys(map(box, sharding.addressable_devices_indices_map(shape).values())))
        found = dict(zip(boxes, parts(boxes), strict=True))
        return jax.make_array_from_callback(shape, sharding, lambda place: found[box(place)])

    def _wanted(self, array: np.ndarray, axes: str | None) -> NamedSharding:
        """How an array of the host's is to be split."""
        return self.sharding(self.mesh.of_batch(array.shape) if axes is None else axes)

    def _fits(self, array: Any, axes: str) -> bool:
        """Whether an array of jax's is split so. What programs give has the same few shardings in every run."""
        sharding, rank = array.sharding, array.ndim
        key = id(sharding), axes, rank
        if self._fitting.get(key) is sharding:
            return True
        if not sharding.is_equivalent_to(self.sharding(axes), rank):
            return False
        if len(self._fitting) >= MAX_FITTING:
            self._fitting.clear()
        self._fitting[key] = sharding
        return True

    def batches(
        self, what: str, arrays: Sequence[np.ndarray], wholes: Sequence[tuple[int, ...]], run: str = ""
    ) -> list[Any]:
        """What all processes have of batches of these `wholes` shapes, of which `arrays` are the parts of this one, and
        with which all are about to do `what` for one run."""
        before_meeting()
        check_alike(what, arrays, [array.shape == whole for array, whole in zip(arrays, wholes, strict=True)], run)
        return [self._batch(array, whole) for array, whole in zip(arrays, wholes, strict=True)]

    def _batch(self, array: np.ndarray, whole: tuple[int, ...]) -> Any:
        if array.shape == whole:
            return self.placed(array, None)
        if not self._has_parts_of_batches:
            raise DiptychError(
                f"mesh: {DATA} is split within processes, but each of them has its part of every batch",
                hint=f"{DATA} before the other axes",
            )
        axes = " ".join([DATA, *["."] * (len(whole) - 1)])
        return jax.make_array_from_process_local_data(self.sharding(axes), array, whole)


def axes_of_array(array: Any) -> str | None:
    """How an array lies on a mesh; None of one that does not."""
    sharding = array.sharding
    if not isinstance(sharding, NamedSharding):
        return None
    found = [() if each is None else (each,) if isinstance(each, str) else tuple(each) for each in sharding.spec]
    return axes_text((*found, *[()] * (array.ndim - len(found))))


@cache
def device_mesh(mesh: Mesh, device: str | None) -> DeviceMesh:
    """A mesh of the devices of a platform. Raises DiptychError where there are too few."""
    found = mesh_devices(device)
    asked = ", ".join(f"{name}={size}" for name, size in mesh.axes)
    if len(found) < mesh.size:
        platform = found[0].platform
        many = "XLA_FLAGS=--xla_force_host_platform_device_count=8, before jax starts" if platform == "cpu" else None
        has = f"jax has {len(found)} {platform} device{'s' if len(found) > 1 else ''}"
        raise DiptychError(f"mesh({asked}) needs {mesh.size} devices, but {has}", hint=many)
    ranks = {each.process_index for each in found[: mesh.size]}
    if len(ranks) < process_count():
        problem = f"mesh({asked}) has the devices of {len(ranks)} processes, but there are {process_count()}"
        raise DiptychError(problem, hint=f"a mesh of all {len(found)} devices")
    return DeviceMesh(mesh, found[: mesh.size])


def mesh_devices(device: str | None) -> list[Any]:
    """The devices that a mesh may have: those that are meant by `gpu` or, of several processes, all. Raises
    DiptychError where there are none."""
    return devices(device) if process_count() == 1 else jax.devices()


def devices(device: str | None) -> list[Any]:
    """The devices of this process that are meant by `gpu`, or the one by `gpu:0`; by default all that jax uses. Raises
    DiptychError where there are none."""
    platform, _, number = (device or "").partition(":")
    try:
        found = jax.local_devices(backend=platform or None)
    except RuntimeError:
        has = ", ".join(sorted({each.platform for each in jax.devices()}))
        raise DiptychError(f"backend jax: there is no {platform} here, but {has}", hint="DIPTYCH_BACKEND=jax") from None
    if not number:
        return list(found)
    if int(number) >= len(found):
        raise DiptychError(f"backend jax: there is no {device} here: the last one is {platform}:{len(found) - 1}")
    return [found[int(number)]]


def is_accelerator(device: Any) -> bool:
    """Whether a device is more than the CPU. Tests let the CPU stand for one here."""
    return device.platform != "cpu"


def accelerators(device: str | None) -> tuple[Any, ...]:
    """Those of `devices` that are accelerators."""
    return tuple(filter(is_accelerator, devices(device)))


def finish() -> None:
    """Waits until all arrays that there are have been computed."""
    jax.block_until_ready(jax.live_arrays())


def own_part(array: Any) -> np.ndarray:
    """What this process has of an array that lies on the devices of several: all, where all have that, or its rows.
    Raises DiptychError for one that is split otherwise."""
    with suppress(RuntimeError):  # of one that this process has only a part of
        return np.asarray(array)
    rows: dict[int, np.ndarray] = {}
    for part in array.addressable_shards:
        if part.data.shape[1:] != array.shape[1:]:
            raise DiptychError(f"a result is split over processes as {array.sharding.spec}: none has whole rows of it")
        rows.setdefault(part.index[0].start or 0, np.asarray(part.data))
    return np.concatenate([rows[start] for start in sorted(rows)])


_tracing: ContextVar[DeviceMesh | None] = ContextVar("diptych_mesh", default=None)


def current() -> DeviceMesh | None:
    """The mesh that the program is for which is being traced; None on one device."""
    return _tracing.get()


@contextmanager
def tracing(mesh: DeviceMesh | None, products: str) -> Iterator[None]:
    """Programs that are traced within the block are for this mesh, with products of this precision."""
    token, other = _tracing.set(mesh), precision.set(products)
    try:
        yield
    finally:
        _tracing.reset(token)
        precision.reset(other)
