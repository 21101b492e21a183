"""The classes that storages had before dtypes: `torch.FloatStorage(...)`."""

from __future__ import annotations

import os
from typing import Any

from .. import dtypes as dtype_module
from ..device import CPU, Device, place_of
from ..dtypes import dtype
from ..storage import NAMES, TypedStorage, UntypedStorage, check_arguments, deprecated, typed, typed_of, wrapped
from ..tensors.tensor import Tensor
from .raw_bytes import of_buffer


class _LegacyStorageMeta(type):
    """The class of the legacy classes: `isinstance` looks at dtypes."""

    dtype: dtype
    is_cuda: bool

    def __instancecheck__(cls, instance: Any) -> bool:
        return type(instance) is TypedStorage and instance.dtype is cls.dtype and instance.is_cuda is cls.is_cuda


class _LegacyStorage(TypedStorage, metaclass=_LegacyStorageMeta):
    """A class that makes storages of its dtype."""

    __module__ = "torch.storage"
    __slots__ = ()

    is_cuda = False

    def __new__(
        cls, *arguments: Any, wrap_storage: Any = None, dtype: Any = None, device: Any = None, _internal: bool = False
    ) -> TypedStorage:
        """Of a size, of a sequence of numbers, or of bytes. Raises TypeError and RuntimeError for others."""
        deprecated()
        if cls is _LegacyStorage:
            raise RuntimeError("Only child classes of _LegacyStorage can be instantiated")
        refusal = (
            f"{cls}.__new__ received an invalid combination of arguments. Expected one of:\n"
            " * no arguments\n * (int size)\n * (Sequence data)\n * (*, UntypedStorage wrap_storage)\n"
        )
        for name, given in (("device", device), ("dtype", dtype)):
            if given is not None:
                raise RuntimeError(f"{refusal}Keyword argument '{name}' cannot be specified")
        check_arguments(arguments, wrap_storage, refusal)
        place = place_of("cuda" if cls.is_cuda else CPU)
        return typed_of(arguments, cls.dtype, place) if wrap_storage is None else wrapped(wrap_storage, cls.dtype)

    @classmethod
    def from_buffer(cls, *arguments: Any, dtype: Any = None, device: Device = None, **options: Any) -> TypedStorage:
        """A copy of the numbers in a buffer: (buffer, byte_order, count, offset)."""
        deprecated()
        for name, given in (("dtype", dtype), ("device", device)):
            if given is not None:
                raise RuntimeError(
                    f"from_buffer: '{name}' can only be specified in UntypedStorage.from_buffer and "
                    "TypedStorage.from_buffer"
                )
        return typed(of_buffer(*arguments, dtype=cls.dtype, **options), cls.dtype)

    @classmethod
    def from_file(cls, filename: str | os.PathLike[str], shared: bool, size: int) -> TypedStorage:
        """The first elements of a file, as `UntypedStorage.from_file`."""
        deprecated()
        return wrapped(UntypedStorage.from_file(filename, shared, size * cls.dtype.itemsize), cls.dtype)


def _classes(module: str, *, is_cuda: bool) -> dict[str, type[_LegacyStorage]]:
    """The legacy classes by name."""
    found: dict[str, type[_LegacyStorage]] = {}
    for name in NAMES:
        kind = dtype_module.of_legacy_name(f"torch.{name.removesuffix('Storage')}Tensor")
        doc = f"Makes storages of {kind}."
        body = {"__module__": module, "__doc__": doc, "__slots__": (), "is_cuda": is_cuda, "dtype": kind}
        found[name] = _LegacyStorageMeta(name, (_LegacyStorage,), body)
    return found


TYPES = _classes("torch", is_cuda=False)
CUDA_TYPES = _classes("torch.cuda", is_cuda=True)


def storage_type(self: Tensor) -> type[_LegacyStorage]:
    """The class that storages of the dtype once had."""
    return TYPES[wrapped(UntypedStorage(), self.dtype).pickle_storage_type()]
