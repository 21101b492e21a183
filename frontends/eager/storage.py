"""Storages: the memory behind tensors, as bytes or as elements. From when somebody looks at one, it is numpy's memory,
which the tensors share."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from typing import Any, NoReturn

import numpy as np

from .device import CPU, device
from .dtypes import dtype, of_ir
from .tapes.lazy import Storage
from .tensors.reading import exported
from .tensors.tensor import Tensor

_DEPRECATED = (
    "TypedStorage is deprecated. It will be removed in the future and UntypedStorage will be the only storage class. "
    "This should only matter to you if you are using storages directly.  To access UntypedStorage directly, use "
    "tensor.untyped_storage() instead of tensor.storage()"
)
_warned: list[bool] = []


class _Memory:
    """What both kinds of storages have. `elements` are those of the memory, in order."""

    __module__ = "torch.storage"
    __slots__ = ("_of", "elements")

    def __init__(self, of: Storage, elements: np.ndarray) -> None:
        self._of = of
        self.elements = elements

    @property
    def device(self) -> device:
        """The CPU."""
        return CPU

    @property
    def is_cuda(self) -> bool:
        """False."""
        return False

    def data_ptr(self) -> int:
        """The address of the first byte."""
        return self.elements.ctypes.data

    def element_size(self) -> int:
        """Bytes of an element."""
        return self.elements.itemsize

    def nbytes(self) -> int:
        """Bytes of all."""
        return self.elements.nbytes

    def size(self) -> int:
        """How many elements there are."""
        return len(self.elements)

    def tolist(self) -> list[Any]:
        """The elements as Python numbers."""
        return self.elements.tolist()

    def is_shared(self) -> bool:
        """Whether other processes see it: no."""
        return False

    def __len__(self) -> int:
        return len(self.elements)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.elements.tolist())

    def __getitem__(self, index: Any) -> Any:
        return self.elements[self._place(index)].item()

    def __setitem__(self, index: Any, value: Any) -> None:
        self.elements[self._place(index)] = value

    def _place(self, index: Any) -> int:
        if not isinstance(index, int):
            self._refuse(index)
        if not -len(self) <= index < len(self):
            raise IndexError(f"index {index} out of range for storage of size {len(self)}")
        return index

    def _refuse(self, index: Any) -> NoReturn:
        raise TypeError(f"can't index a torch.{type(self).__name__} with {type(index).__name__}")

    def _lines(self) -> str:
        return "".join(f" {each}\n" for each in self.elements.tolist())


class UntypedStorage(_Memory):
    """The bytes behind tensors."""

    __module__ = "torch.storage"
    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, UntypedStorage) and other._of is self._of

    def __hash__(self) -> int:
        return id(self._of)

    @property
    def _cdata(self) -> int:
        return id(self._of)

    def __repr__(self) -> str:
        return f"{self._lines()}[torch.storage.UntypedStorage(device=cpu) of size {len(self)}]"


class TypedStorage(_Memory):
    """The elements behind tensors, read as a dtype."""

    __module__ = "torch.storage"
    __slots__ = ()

    @property
    def dtype(self) -> dtype:
        """The dtype of the elements."""
        return of_ir(self._of.lazy.kind.type.dtype)

    def untyped(self) -> UntypedStorage:
        """The same memory as bytes."""
        return UntypedStorage(self._of, _bytes(self.elements))

    def _refuse(self, index: Any) -> NoReturn:
        raise RuntimeError(f"can't index a {TypedStorage} with {index.__class__}")

    def type(self) -> str:
        """The name that the class of such storages once had."""
        return self.dtype.legacy_name.replace("Tensor", "Storage")

    def __repr__(self) -> str:
        return f"{self._lines()}[torch.storage.TypedStorage(dtype={self.dtype!r}, device=cpu) of size {len(self)}]"


def _elements(x: Tensor) -> np.ndarray:
    """All elements of the memory that a tensor shows a part of, in order."""
    exported(x)
    array = x._storage.pinned
    assert array is not None
    return array.ravel(order="K")


def _bytes(elements: np.ndarray) -> np.ndarray:
    return elements.view(np.uint8)


def untyped_storage(self: Tensor) -> UntypedStorage:
    """The memory that the tensor shows a part of, as bytes."""
    return UntypedStorage(self._storage, _bytes(_elements(self)))


def typed_storage(self: Tensor) -> TypedStorage:
    """The memory that the tensor shows a part of, as elements. Deprecated in PyTorch, which warns of the first."""
    if not _warned:
        _warned.append(True)
        warnings.warn(_DEPRECATED, UserWarning, stacklevel=2)
    return TypedStorage(self._storage, _elements(self))


def data_ptr(self: Tensor) -> int:
    """The address of the first element; 0 where there is none."""
    return exported(self).ctypes.data if self.numel() else 0


def _load_from_bytes(b: bytes) -> Any:
    """What `torch.save` has made of a storage, as tensors are rebuilt from: Python's own pickles hold such bytes."""
    from .serialization import load

    return load(io.BytesIO(b), weights_only=True)


def is_storage(obj: object) -> bool:
    """Whether obj is a storage."""
    return isinstance(obj, _Memory)
