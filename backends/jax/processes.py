"""Programs that several processes compute together, each on arrays of its own: `all_reduce` and `all_gather` in them
bring together what all have. jax's own collectives do it.

Each process is one device to the others, its first one. A program sees its own arrays as they are; to jax they are
parts of arrays that lie across all processes.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Sequence
from enum import Enum
from functools import cache, lru_cache
from hashlib import blake2b
from typing import Any
from zlib import crc32

import jax
import numpy as np
from diptych.ir import DiptychError, Equation, Function, Op, ops
from diptych.ir.fingerprint import DIGEST_BYTES
from jax.sharding import NamedSharding, PartitionSpec

from ..processes import Ended, process_count, process_rank

AXIS = "process"
END = "the end of "  # what those tell begins with that go on no more
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
    return np.asarray(_gathered()(_placed(own)))


def agreed() -> int:
    """A random number that all processes have."""
    words = np.frombuffer(secrets.token_bytes(8), np.uint32)
    return int.from_bytes(exchanged(words)[0].tobytes(), "little")


class Agreement(Enum):
    """What processes are about to do alike: a whole program, what comes first in it, or nothing."""

    WHOLE = 0
    FIRST = 1
    NONE = 2


def agreement(told: bytes) -> Agreement:
    """What all processes tell alike: 16 bytes of what comes first, and 16 of the whole, which are 0 where that is not
    to be one program. Each calls it."""
    found = np.asarray(_gathered()(_told(told)))
    same = (found == found[0]).all(0)
    if same.all() and found[0, 4:].any():
        return Agreement.WHOLE
    return Agreement.FIRST if same[:4].all() else Agreement.NONE


def all_told(text: str) -> list[str]:
    """What each process tells, in the order of ranks. Each calls it."""
    data = np.frombuffer(text.encode(), np.uint8)
    lengths = exchanged(np.array(len(data), np.int32))
    if not lengths.any():
        return [""] * len(lengths)
    padded = np.zeros(lengths.max(), np.uint8)
    padded[: len(data)] = data
    rows = zip(exchanged(padded), lengths, strict=True)
    return [row[:length].tobytes().decode() for row, length in rows]


def check_alike(what: str, arrays: Sequence[np.ndarray], is_same: Sequence[bool]) -> None:
    """Raises DiptychError, in all processes, where they are not all about to do `what`; where their parts of batches
    have not all these shapes, and where what is to be the same in all of them is not. Each calls it. Where one is about
    to end instead, Ended is raised in those that are not."""
    rows = [
        [*map(int, array.shape), crc32(array.tobytes()) if same else None]
        for array, same in zip(arrays, is_same, strict=True)
    ]
    told = json.dumps([what, rows])
    digest = blake2b(told.encode(), digest_size=DIGEST_BYTES).digest()
    if agreement(digest + bytes(DIGEST_BYTES)) is not Agreement.NONE:
        return
    every = [json.loads(each) for each in all_told(told)]
    ended = next((rank for rank, (other, _) in enumerate(every) if other.startswith(END)), None)
    if ended is not None:
        if what.startswith(END):
            return
        raise Ended(f"process {ended} has come to {every[ended][0]}")
    for rank, (other, others) in enumerate(every):
        if other != what:
            raise DiptychError(
                f"process {rank} is about to run {other}, and process {process_rank()} {what}, but processes that "
                "share a mesh must run the same in the same order",
                hint="let all of them call the same; one alone may only read variables",
            )
        for mine, theirs, same in zip(rows, others, is_same, strict=True):
            _check_row(rank, mine, theirs, same=same)


def _check_row(rank: int, mine: list[Any], theirs: list[Any], *, same: bool) -> None:
    if theirs[:-1] != mine[:-1]:
        raise DiptychError(
            f"batch: process {rank} has a part of shape {theirs[:-1]} and process {process_rank()} one of {mine[:-1]}, "
            "but the parts of a batch must be alike",
            hint="drop_remainder=True, or drop_last=True, where batches are made",
        )
    if same and theirs != mine:
        raise DiptychError(
            f"batch: processes {rank} and {process_rank()} have other numbers in an array of shape {mine[:-1]}, "
            "which is no part of a batch and must be the same in all",
            hint="8 numbers or more for each device, or as many rows as a larger array beside it has, and None as the "
            "first size of a placeholder; strategy.experimental_distribute_dataset has each take its rows",
        )


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


def _placed(own: np.ndarray) -> Any:
    sharding, device = _split()
    part = jax.device_put(own[None], device, may_alias=False)
    return jax.make_array_from_single_device_arrays((jax.process_count(), *own.shape), sharding, [part])


@cache
def _gathered() -> Callable[[Any], Any]:
    """A program that brings all parts to each process."""
    return jax.jit(lambda array: array, out_shardings=NamedSharding(_mesh(), PartitionSpec()))


@lru_cache(1024)  # which are asked for again and again
def _told(told: bytes) -> Any:
    return _placed(np.frombuffer(told, np.uint32))
