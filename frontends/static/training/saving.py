"""The operations that write tensors to checkpoints and read them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..checkpoints.bundles import BundleReader, write_bundle
from ..graphs.definitions import host_operation
from ..graphs.dtypes import RUNTIME_NAMES, DType
from ..graphs.errors import InvalidArgumentError, OpError
from ..running.host import HostRun

Array = np.ndarray[Any, Any]


@host_operation("SaveV2", "prefix: string, tensor_names: string, shape_and_slices: string, tensors: *dtypes ->")
def save(
    at: HostRun, prefix: Array, names: Array, slices: Array, *tensors: Array, dtypes: tuple[DType, ...]
) -> list[Any]:
    """Writes the tensors as a checkpoint of the path `prefix`."""
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


def _texts(names: Array) -> list[str]:
    return [name.decode() for name in names.tolist()]
