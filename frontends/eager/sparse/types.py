"""The legacy types of sparse tensors: `torch.sparse.FloatTensor(places, values, sizes)`."""

from __future__ import annotations

from typing import Any

from .. import dtypes as dtype_module
from ..device import Device, place_of
from ..tensors.legacy import NAMES, tensortype
from .making import legacy
from .tensor import SparseTensor


class sparse_tensortype(tensortype):
    """The class of these types: calling one makes a tensor, `isinstance` looks at layout and dtype."""

    is_sparse = True

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, SparseTensor) and instance.dtype is cls.dtype

    def __call__(cls, *arguments: Any, device: Device = None) -> SparseTensor:
        return legacy(arguments, cls.dtype, place_of(device))


def _types() -> dict[str, sparse_tensortype]:
    found: dict[str, sparse_tensortype] = {}
    for name in NAMES:
        if name == "BoolTensor":
            continue
        kind = dtype_module.of_legacy_name(f"torch.{name}")
        doc = f"Makes sparse tensors of {kind}."
        body = {"__module__": "torch.sparse", "__doc__": doc, "__slots__": (), "dtype": kind, "is_cuda": False}
        found[name] = sparse_tensortype(name, (), body)
    return found


TYPES = _types()
