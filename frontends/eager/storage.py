"""Storages as elements, and those of tensors; `untyped_storage.py` has those as bytes."""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Sequence
from typing import Any, NoReturn

import numpy as np

from . import dtypes as dtype_module
from .device import CPU, Device, device, place_of
from .dtypes import ALL, dtype, get_default_dtype
from .tapes.batches import POINTER, check_single
from .tapes.callers import renamed
from .tensors.data import tensor
from .tensors.layout import Layout
from .tensors.memory import Memory
from .tensors.raw_bytes import of_buffer
from .tensors.reading import exported
from .tensors.tensor import Tensor
from .tensors.untyped_storage import AnyStorage, UntypedStorage, checked_size, untyped, untyped_in, untyped_of

_DEPRECATED = (
    "TypedStorage is deprecated. It will be removed in the future and UntypedStorage will be the only storage class. "
    "This should only matter to you if you are using storages directly.  To access UntypedStorage directly, use "
    "tensor.untyped_storage() instead of tensor.storage()"
)
_warned: list[bool] = []
NAMES = (
    "BFloat16Storage", "BoolStorage", "ByteStorage", "CharStorage", "ComplexDoubleStorage", "ComplexFloatStorage",
    "DoubleStorage", "FloatStorage", "HalfStorage", "IntStorage", "LongStorage", "ShortStorage",
)  # fmt: skip
_NAMED = {name: dtype_module.of_legacy_name(f"torch.{name.removesuffix('Storage')}Tensor") for name in NAMES}


def deprecated() -> None:
    """Warns, once, that storages with a dtype are deprecated."""
    if not _warned:
        _warned.append(True)
        warnings.warn(_DEPRECATED, UserWarning, stacklevel=3)


class TypedStorage(AnyStorage):
    """The elements behind tensors, read as a dtype. Deprecated in PyTorch, which warns of the first."""

    __module__ = "torch.storage"
    __slots__ = ("_untyped_storage", "dtype")

    _untyped_storage: UntypedStorage
    dtype: dtype  # of the elements

    def __new__(
        cls, *arguments: Any, wrap_storage: Any = None, dtype: Any = None, device: Any = None, _internal: bool = False
    ) -> TypedStorage:
        """Of a size, of a sequence of numbers, or of bytes. Raises TypeError and RuntimeError for others."""
        if not _internal:
            deprecated()
        refusal = (
            "TypedStorage.__init__ received an invalid combination of arguments. Expected one of:\n"
            " * (*, torch.device device, torch.dtype dtype)\n"
            " * (int size, *, torch.device device, torch.dtype dtype)\n"
            " * (Sequence data, *, torch.device device, torch.dtype dtype)\n"
            " * (*, UntypedStorage wrap_storage, torch.dtype dtype)\n"
        )
        check_arguments(arguments, wrap_storage, refusal)
        if wrap_storage is None:
            return typed_of(arguments, get_default_dtype() if dtype is None else dtype, place_of(device))
        if dtype is None:
            raise RuntimeError(f"{refusal}Argument 'dtype' must be specified")
        if not isinstance(dtype, dtype_module.dtype):
            raise TypeError(f"{refusal}Argument 'dtype' must be torch.dtype, not {type(dtype)}")
        if device is not None:
            raise RuntimeError(f"{refusal}Argument 'device' should not be specified when 'wrap_storage' is given")
        return wrapped(wrap_storage, dtype)

    @property
    def elements(self) -> np.ndarray:
        deprecated()
        content = self._untyped_storage.elements
        size = self.dtype.itemsize
        return content[: len(content) // size * size].view(self.dtype.ir.numpy)

    @classmethod
    def from_buffer(cls, *arguments: Any, dtype: Any = None, device: Device = None, **options: Any) -> TypedStorage:
        """A copy of the numbers in a buffer: (buffer, byte_order, count, offset)."""
        deprecated()
        kind = get_default_dtype() if dtype is None else dtype
        return typed(of_buffer(*arguments, dtype=kind, **options), kind, place_of(device))

    @classmethod
    def from_file(cls, filename: str | os.PathLike[str], shared: bool, size: int) -> TypedStorage:
        """The first elements of a file, as `UntypedStorage.from_file`. Raises RuntimeError of a class without dtype."""
        deprecated()
        raise RuntimeError("from_file can only be called on derived classes")

    @property
    def filename(self) -> str | None:
        """The file whose memory it is."""
        return self._untyped_storage.filename

    @property
    def _cdata(self) -> int:
        return self._untyped_storage._cdata

    def untyped(self) -> UntypedStorage:
        """The same memory as bytes."""
        deprecated()
        return self._untyped_storage

    def clone(self) -> TypedStorage:
        return wrapped(self._untyped_storage.clone(), self.dtype)

    def type(self, dtype: str | None = None) -> Any:
        """The name that the class of such storages once had; of another such name, one of that dtype."""
        if dtype is None:
            return f"torch.{self.pickle_storage_type()}"
        return _converted(self, _NAMED[dtype.removeprefix("torch.")])

    def pickle_storage_type(self) -> str:
        """The same without the package. Raises KeyError for dtypes that never had such a class."""
        found = next((name for name, kind in _NAMED.items() if kind is self.dtype), None)
        if found is None:
            raise KeyError(f"dtype {self.dtype} is not recognized")
        return found

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            raise RuntimeError("slices are only supported in UntypedStorage.__getitem__")
        return super().__getitem__(index)

    def _refuse(self, index: Any) -> NoReturn:
        raise RuntimeError(f"can't index a {TypedStorage} with {index.__class__}")

    def __repr__(self) -> str:
        kind = f"dtype={self.dtype!r}, device={self.device}"
        return f"{self._lines()}[torch.storage.TypedStorage({kind}) of size {len(self)}]"


def _converted(storage: AnyStorage, target: dtype) -> TypedStorage:
    with np.errstate(over="ignore", invalid="ignore"):
        return typed(_bytes(storage.elements.astype(target.ir.numpy)), target, storage.device)


def _conversion(name: str, target: dtype) -> Any:
    def converted(self: AnyStorage) -> TypedStorage:
        return _converted(self, target)

    renamed(converted, name)
    converted.__doc__ = f"A copy as {target}."
    return converted


_CONVERSIONS = {
    "double": "float64", "float": "float32", "half": "float16", "long": "int64", "int": "int32", "short": "int16",
    "char": "int8", "byte": "uint8", "bool": "bool", "bfloat16": "bfloat16", "complex_double": "complex128",
    "complex_float": "complex64",
}  # fmt: skip
for _each in ALL:
    for _name in (name for name, wanted in _CONVERSIONS.items() if wanted == _each.name):
        setattr(AnyStorage, _name, _conversion(_name, _each))


# -- making them ----


def typed(content: np.ndarray, kind: dtype, place: device = CPU) -> TypedStorage:
    """A storage of bytes that are there, read as a dtype, on a device."""
    return wrapped(untyped(content, place), kind)


def storage_in(memory: Memory, kind: type[AnyStorage], element: dtype) -> AnyStorage:
    """The storage of some memory: bytes where `kind` is UntypedStorage, else elements of a dtype."""
    found = untyped_in(memory)
    return found if kind is UntypedStorage else wrapped(found, element)


def wrapped(storage: UntypedStorage, kind: dtype) -> TypedStorage:
    """A storage of bytes, read as a dtype."""
    made = object.__new__(TypedStorage)
    made._untyped_storage, made.dtype = storage, kind
    return made


def check_arguments(arguments: tuple[Any, ...], wrap_storage: Any, refusal: str) -> None:
    """Raises TypeError and RuntimeError for what makes no storage with a dtype."""
    if wrap_storage is not None:
        if arguments:
            raise RuntimeError(f"{refusal}No positional arguments should be given when using 'wrap_storage'")
        if not isinstance(wrap_storage, UntypedStorage):
            raise TypeError(f"{refusal}Argument 'wrap_storage' must be UntypedStorage, but got {type(wrap_storage)}")
    elif len(arguments) > 1:
        raise RuntimeError(f"{refusal}Too many positional arguments")
    elif arguments and not isinstance(arguments[0], (int, np.integer, Sequence)):
        raise TypeError(f"{refusal}Argument type not recognized: {type(arguments[0])}")


def typed_of(arguments: tuple[Any, ...], kind: dtype, place: device = CPU) -> TypedStorage:
    """A storage of a size, of a sequence of numbers, or of nothing."""
    (data,) = arguments or (0,)
    if isinstance(data, (int, np.integer)):
        return typed(np.zeros(checked_size(int(data) * kind.itemsize), np.uint8), kind, place)
    array = np.ascontiguousarray(tensor(data, dtype=kind, device=CPU)._array())
    return typed(_bytes(array.reshape(-1)), kind, place)


# -- of tensors ----


def _bytes(elements: np.ndarray) -> np.ndarray:
    return elements.view(np.uint8)


def untyped_storage(self: Tensor) -> UntypedStorage:
    """The memory that the tensor shows a part of, as bytes."""
    check_single(self, "Cannot access storage of BatchedTensorImpl", NotImplementedError)
    exported(self)
    array = self._storage.pinned
    assert array is not None
    return untyped(_bytes(array.ravel(order="K")), self.device)


def typed_storage(self: Tensor) -> TypedStorage:
    """The memory that the tensor shows a part of, as elements."""
    deprecated()
    return wrapped(untyped_storage(self), self.dtype)


def data_ptr(self: Tensor) -> int:
    """The address of the first element; 0 where there is none."""
    check_single(self, POINTER)
    return exported(self).ctypes.data if self.numel() else 0


def shown(storage: Any, kind: dtype, wanted: str, *where: Any) -> Tensor:
    """The tensor of a dtype that shows a storage: the whole, or (offset, sizes, strides) of it. Raises RuntimeError for
    a storage of another dtype, told as that `wanted`, and for what lies outside of it."""
    if isinstance(storage, TypedStorage) and storage.dtype is not kind:
        raise RuntimeError(
            f"Expected a Storage of type {wanted} or an UntypedStorage, but got type "
            f"{storage.dtype.scalar} for argument 1 'storage'"
        )
    memory = untyped_of(storage).memory
    memory.seen()
    held = len(memory.content)
    if not where:
        return memory.tensor(kind, Layout((held // kind.itemsize,), (1,), 0))
    offset, sizes, strides = where
    last = offset + sum((size - 1) * stride for size, stride in zip(sizes, strides, strict=True))
    needed = (last + 1) * kind.itemsize
    if 0 not in sizes and needed > held:
        raise RuntimeError(
            f"setStorage: sizes {list(sizes)}, strides {list(strides)}, storage offset {offset}, and itemsize "
            f"{kind.itemsize} requiring a storage size of {needed} are out of bounds for storage of size {held}"
        )
    return memory.tensor(kind, Layout(tuple(sizes), tuple(strides), offset))


def _load_from_bytes(b: bytes) -> Any:
    """What `torch.save` has made of a storage, as tensors are rebuilt from: Python's own pickles hold such bytes."""
    from .serialization import load

    return load(io.BytesIO(b), weights_only=True)


def is_storage(obj: object) -> bool:
    """Whether obj is a storage."""
    return isinstance(obj, AnyStorage)
