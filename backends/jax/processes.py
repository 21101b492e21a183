"""Programs that several processes compute together, each on arrays of its own: `all_reduce` and `all_gather` in them
bring together what all have. jax's own collectives do it.

Each process is one device to the others, its first one. A program sees its own arrays as they are; to jax they are
parts of arrays that lie across all processes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import jax
import numpy as np
from diptych.ir import DiptychError, Equation, Function, Op, ops
from jax.sharding import NamedSharding, PartitionSpec

from ..processes import process_count

AXIS = "process"
COLLECTIVES: frozenset[Op] = frozenset((ops.all_reduce, ops.all_gather, ops.reduce_scatter))


def connect(address: str, count: int, rank: int) -> None:
    """Meets the others. Raises DiptychError where jax ran before, or where they do not come."""
    jax.config.update("jax_cpu_collectives_implementation", "gloo")
    try:
        own = os.environ.get("LOCAL_RANK") if int(os.environ.get("LOCAL_WORLD_SIZE", "1")) > 1 else None
        jax.distributed.initialize(
            address, num_processes=count, process_id=rank, local_device_ids=None if own is None else [int(own)]
        )
    except RuntimeError as error:
        problem = str(error).splitlines()[0]
        hint = "join before anything is computed on jax" if "before any JAX" in problem else None
        raise DiptychError(f"join: process {rank} of {count} at {address}: {problem}", hint=hint) from error


def exchanged(own: np.ndarray) -> np.ndarray:
    """What each process has, in the order of ranks: all call it, with arrays of one shape and dtype."""
    return np.asarray(gathering()(placed(own)))


def disconnect() -> None:
    """Leaves the others."""
    jax.distributed.shutdown()


def is_collective(function: Function) -> bool:
    """Whether a function, or one nested in it, brings together what several processes have."""
    return any(equation.op in COLLECTIVES for equation in function.every_equation())


def is_joint(equation: Equation) -> bool:
    """Whether processes come together in an equation, or in a function nested in it."""
    return equation.op in COLLECTIVES or any(is_collective(function) for _, function in equation.functions())


class Together:
    """A program of all processes: what is jitted, what comes in, and what comes out."""

    def __init__(self, run: Callable[..., tuple[Any, ...]], function: Function) -> None:
        self.run = run
        shapes = [parameter.type.static_shape() for parameter in function.parameters]
        self.sharding, self.device = _split()
        self.shapes = [(process_count() * shape[0], *shape[1:]) if shape else (process_count(),) for shape in shapes]
        self.is_number = [not shape for shape in shapes]
        self.gives_number = [not result.rank for result in function.results]

    def program(self) -> Callable[..., tuple[Any, ...]]:
        """Of arrays across processes. A single number is a part of one element."""

        def of_part(*arrays: Any) -> tuple[Any, ...]:
            own = [array[0] if is_number else array for array, is_number in zip(arrays, self.is_number, strict=True)]
            return tuple(result if result.ndim else result[None] for result in self.run(*own))

        spec = PartitionSpec(AXIS)
        return jax.shard_map(of_part, mesh=_mesh(), in_specs=spec, out_specs=spec, check_vma=False)

    def given(self, arrays: Sequence[Any]) -> tuple[Any, ...]:
        """This process's arrays, as parts of what lies across all."""
        return tuple(self._whole(array, shape) for array, shape in zip(arrays, self.shapes, strict=True))

    def _whole(self, array: Any, shape: tuple[int, ...]) -> Any:
        part = array if array.ndim else array.reshape(1)
        part = jax.device_put(part, self.device, may_alias=False) if isinstance(part, np.ndarray) else part
        return jax.make_array_from_single_device_arrays(shape, self.sharding, [part])

    def own(self, results: Sequence[Any]) -> tuple[Any, ...]:
        """This process's parts of the results."""
        parts = zip((result.addressable_data(0) for result in results), self.gives_number, strict=True)
        return tuple(part.reshape(()) if is_number else part for part, is_number in parts)


@cache
def _mesh() -> Any:
    first: dict[int, Any] = {}
    for device in jax.devices():
        first.setdefault(device.process_index, device)
    return jax.sharding.Mesh(np.array([first[rank] for rank in sorted(first)]), (AXIS,))


@cache
def _split() -> tuple[NamedSharding, Any]:
    """How arrays are split that have a part for each process, and the device of this one's part."""
    sharding = NamedSharding(_mesh(), PartitionSpec(AXIS))
    return sharding, next(iter(sharding.addressable_devices))


def placed(own: np.ndarray) -> Any:
    sharding, device = _split()
    part = jax.device_put(own[None], device, may_alias=False)
    return jax.make_array_from_single_device_arrays((jax.process_count(), *own.shape), sharding, [part])


@cache
def gathering() -> Callable[[Any], Any]:
    """A program that brings all parts to each process."""
    return jax.jit(lambda array: array, out_shardings=NamedSharding(_mesh(), PartitionSpec()))
