"""The operations that write tensors to checkpoints and read them."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from diptych.backends.processes import process_count
from diptych.ir import Unsupported

from ..checkpoints.bundles import BundleReader, write_bundle
from ..checkpoints.management import remove_checkpoint
from ..graphs.definitions import host_operation, scalar_shape
from ..graphs.dtypes import RUNTIME_NAMES, DType
from ..graphs.errors import InvalidArgumentError, OpError
from ..running.host import HostRun

Array = np.ndarray[Any, Any]


@host_operation("SaveV2", "prefix: string, tensor_names: string, shape_and_slices: string, tensors: *dtypes ->")
def save(
    at: HostRun, prefix: Array, names: Array, slices: Array, *tensors: Array, dtypes: tuple[DType, ...]
) -> list[Any]:
    """Writes the tensors as a checkpoint of the path `prefix`. Raises Unsupported for one that several processes have a
    part of."""
    for name, tensor, array in zip(_texts(names), at.operation.inputs[3:], tensors, strict=True):
        if process_count() > 1 and tensor._dims and tensor._dims[0] not in (None, len(array)):
            raise Unsupported(
                f"tf.train.Saver: {name} is split over processes, of which each has {len(array)} rows",
                location=at.operation.location, hint="diptych.save_checkpoint of diptych.session_state(session)",
            )  # fmt: skip
    try:
        write_bundle(prefix[()].decode(), dict(zip(_texts(names), tensors, strict=True)))
    except OpError as error:
        raise type(error)(at.operation.node_def, at.operation, error.message) from error
    return []


@host_operation("RestoreV2", "prefix: string, tensor_names: string, shape_and_slices: string -> *dtypes")
def restore(at: HostRun, prefix: Array, names: Array, slices: Array, *, dtypes: tuple[DType, ...]) -> list[Array]:
    """The tensors of these names in the checkpoint of the path `prefix`."""
    operation = at.operation
    try:
        bundle = BundleReader(prefix[()].decode())
        found: list[Array] = []
        for name, dtype in zip(_texts(names), dtypes, strict=True):
            given = bundle.dtype(name)
            if given is not dtype:
                wanted, had = (RUNTIME_NAMES.get(each.name, each.name) for each in (dtype, given))
                raise InvalidArgumentError(
                    None, None, f"tensor_name = {name}; expected dtype {wanted} does not equal original dtype {had}"
                )
            found.append(bundle.read(name))
    except OpError as error:
        raise type(error)(operation.node_def, operation, error.message) from error
    return found


@host_operation("ShardedFilename", "basename: string, shard: int32, num_shards: int32 -> string", shape=scalar_shape)
def sharded_filename(at: HostRun, basename: Array, shard: Array, num_shards: Array) -> Array:
    """The path of one of several files of a checkpoint."""
    made = np.empty((), object)
    made[()] = b"%s-%05d-of-%05d" % (basename[()], int(shard), int(num_shards))
    return made


@host_operation("MergeV2Checkpoints", "checkpoint_prefixes: string, destination_prefix: string ->")
def merge_checkpoints(
    at: HostRun,
    prefixes: Array,
    destination: Array,
    *,
    delete_old_dirs: bool = True,
    allow_missing_files: bool = False,
) -> list[Any]:
    """Makes one checkpoint of several, whose files go."""
    found: dict[str, Array] = {}
    paths = _texts(prefixes)
    for path in paths:
        try:
            bundle = BundleReader(path)
            found.update((name, bundle.read(name)) for name in bundle.names())
        except OpError as error:
            raise type(error)(at.operation.node_def, at.operation, error.message) from error
    write_bundle(destination[()].decode(), found)
    for path in paths:
        if delete_old_dirs and path != destination[()].decode():
            remove_checkpoint(path)
            _remove_empty(os.path.dirname(path))
    return []


def _remove_empty(folder: str) -> None:
    if os.path.isdir(folder) and not os.listdir(folder):
        os.rmdir(folder)


def _texts(names: Array) -> list[str]:
    return [name.decode() for name in names.tolist()]
