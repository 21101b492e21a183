"""Storages as bytes, and what all storages have. From when somebody looks at one, it is numpy's memory, which the
tensors share."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn, Self

import numpy as np

from ..device import CPU, Device, device, place_of
from ..dtypes import dtype
from .memory import Memory
from .raw_bytes import of_buffer, of_file


class AnyStorage:
    """What both kinds of storages have."""

    __module__ = "torch.storage"
    __slots__ = ()

    is_sparse = False

    @property
    def elements(self) -> np.ndarray:
        """Those of the memory, in order."""
        raise NotImplementedError

    @property
    def device(self) -> device:
        """Where the tensors that show it live."""
        return untyped_of(self).memory.place

    @property
    def is_cuda(self) -> bool:
        """Whether that is an accelerator."""
        return self.device is not CPU

    def get_device(self) -> int | None:
        """The number of the device; None of the CPU."""
        return self.device.index

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

    def share_memory_(self) -> Self:
        """Itself: what other processes get is a copy."""
        return self

    def is_pinned(self, device: Device = "cuda") -> bool:
        """Whether its memory is locked: no."""
        return False

    def fill_(self, value: Any) -> Self:
        """Writes one number everywhere."""
        self.elements[...] = value
        return self

    def copy_(self, source: Any, non_blocking: bool | None = None) -> Self:
        """Writes the bytes of another storage. Raises RuntimeError where it has more or fewer."""
        mine, other = untyped_of(self).elements, untyped_of(source).elements
        if len(mine) != len(other):
            raise RuntimeError(f"size does not match, self was {len(mine)} bytes but src was {len(other)} bytes")
        mine[...] = other
        return self

    def clone(self) -> Self:
        """A copy."""
        raise NotImplementedError

    def cpu(self) -> Self:
        """A copy on the CPU; itself where it is there."""
        return self.to(device=CPU)

    def cuda(self, device: Any = None, non_blocking: bool = False) -> Self:
        """A copy on an accelerator; itself where it is there. Raises what PyTorch raises without one."""
        return self.to(device="cuda" if device is None else device)

    def to(self, *, device: Device | int, non_blocking: bool = False) -> Self:
        """A copy on a device; itself where it is there."""
        place = place_of(device)
        if place is self.device:
            return self
        found = self.clone()
        untyped_of(found).memory.place = place
        return found

    def __copy__(self) -> Self:
        return self.clone()

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        known = memo.setdefault("torch", {})
        return known.setdefault(untyped_of(self)._cdata, self.clone())

    def __reduce__(self) -> tuple[Any, ...]:
        from ..serialization import save
        from ..storage import _load_from_bytes  # the place where pickles look for it

        file = io.BytesIO()
        save(self, file, _use_new_zipfile_serialization=False)
        return _load_from_bytes, (file.getvalue(),)

    def __len__(self) -> int:
        return len(self.elements)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.elements.tolist())

    def __getitem__(self, index: Any) -> Any:
        return self.elements[self._place(index)].item()

    def __setitem__(self, index: Any, value: Any) -> None:
        self.elements[index if isinstance(index, slice) else self._place(index)] = value

    def _place(self, index: Any) -> int:
        if not isinstance(index, int):
            self._refuse(index)
        if not -len(self) <= index < len(self):
            raise IndexError(f"index {index} out of range for storage of size {len(self)}")
        return index

    def _refuse(self, index: Any) -> NoReturn:
        raise TypeError(f"can't index a torch.{type(self).__name__} with {type(index).__name__}")

    def _lines(self) -> str:
        return "".join(f" {each}\n" for each in self.elements.tolist()) or " \n"


class UntypedStorage(AnyStorage):
    """The bytes behind tensors: as many as are said, those of a sequence, or none."""

    __module__ = "torch.storage"
    __slots__ = ("memory",)

    memory: Memory

    def __new__(cls, *arguments: Any, device: Device = None) -> UntypedStorage:
        """Raises RuntimeError for what is neither a size nor a sequence."""
        place = place_of(device)
        if len(arguments) > 1:
            raise TypeError(f"torch.UntypedStorage(): expected at most 1 argument but got {len(arguments)}")
        (data,) = arguments or (0,)
        if isinstance(data, (int, np.integer)):
            return untyped(np.zeros(checked_size(int(data)), np.uint8), place)
        if not isinstance(data, Sequence):
            raise RuntimeError(f"torch.UntypedStorage(): Expected a sequence type, but got {type(data).__name__}")
        return untyped(np.array([int(each) & 0xFF for each in data], np.uint8), place)

    @property
    def elements(self) -> np.ndarray:
        return self.memory.seen()

    @classmethod
    def from_buffer(cls, *arguments: Any, **options: Any) -> UntypedStorage:
        """A copy of the bytes in a buffer that hold numbers of a dtype: (buffer, byte_order, count, offset, dtype)."""
        return untyped(of_buffer(*arguments, **options))

    @classmethod
    def from_file(cls, filename: str | os.PathLike[str], shared: bool = False, nbytes: int = 0) -> UntypedStorage:
        """The first `nbytes` bytes of a file, in which writes show where they are `shared`; the file is made or made
        longer then. Raises RuntimeError where there is no such file, or too short a one."""
        return untyped(of_file(os.fspath(filename), bool(shared), nbytes))

    @property
    def filename(self) -> str | None:
        """The file whose memory it is."""
        found = self.memory.content
        return str(found.filename) if isinstance(found, np.memmap) else None

    def untyped(self) -> UntypedStorage:
        """Itself."""
        return self

    def new(self) -> UntypedStorage:
        """One of no bytes."""
        return UntypedStorage()

    def clone(self) -> UntypedStorage:
        return untyped(self.elements.copy(), self.device)

    def type(self, dtype: str | None = None) -> str:
        """The name of its class."""
        return "torch.storage.UntypedStorage"

    def byteswap(self, dtype: dtype) -> None:
        """Turns around the bytes of each number of a dtype, in place."""
        size = dtype.itemsize // (2 if dtype.is_complex else 1)
        self.elements.reshape(-1, size)[...] = self.elements.reshape(-1, size)[:, ::-1].copy()

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return untyped(self.elements[index], self.device)
        return super().__getitem__(index)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, UntypedStorage) and other._cdata == self._cdata

    def __hash__(self) -> int:
        return hash(self._cdata)

    @property
    def _cdata(self) -> int:
        return self.elements.ctypes.data

    def __repr__(self) -> str:
        return f"{self._lines()}[torch.storage.UntypedStorage(device={self.device}) of size {len(self)}]"


# -- making them ----


def untyped(content: np.ndarray, place: device = CPU) -> UntypedStorage:
    """A storage of bytes that are there, on a device."""
    return untyped_in(Memory(content, place, is_seen=True))


def untyped_in(memory: Memory) -> UntypedStorage:
    """The storage of some memory."""
    made = object.__new__(UntypedStorage)
    made.memory = memory
    return made


def checked_size(count: int) -> int:
    """Raises RuntimeError of a negative number of bytes."""
    if count < 0:
        raise RuntimeError(
            "[enforce fail at alloc_cpu.cpp:98] ((ptrdiff_t)nbytes) >= 0. alloc_cpu() seems to have been called with "
            f"negative number: {count % (1 << 64)}"
        )
    return count


def untyped_of(storage: Any) -> UntypedStorage:
    """The bytes of either kind of storage."""
    return storage if isinstance(storage, UntypedStorage) else storage._untyped_storage
