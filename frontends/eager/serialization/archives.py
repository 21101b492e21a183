"""Saved files as zip archives, what PyTorch writes since its version 1.6."""

from __future__ import annotations

import struct
import sys
import zipfile
import zlib
from typing import IO, Any

import numpy as np
from diptych.pickles import Refused

from ..dtypes import dtype
from ..storage import storage_in
from ..tensors.memory import Memory
from ..tensors.untyped_storage import AnyStorage
from . import known

ALIGNMENT = 64  # of the storages in the file, in bytes
_PADDING = b"FB"  # the field in an entry's head that holds what moves the contents
_HEAD = 30
_ERRORS = (
    EOFError, NotImplementedError, OSError, OverflowError, RuntimeError, ValueError, struct.error, zipfile.BadZipFile,
    zlib.error,
)  # fmt: skip


class Archive:
    """A zip archive of one saved object: the pickle, and an entry for each storage. Entries may not be compressed."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        try:
            self._zip = zipfile.ZipFile(file)
        except _ERRORS as error:
            raise RuntimeError(f"PytorchStreamReader failed reading zip archive: {error}") from None
        self._entries = {info.filename.partition("/")[2]: info for info in self._zip.infolist()}
        self._left = size  # bytes that may yet be read: entries that overlap would grow beyond the file
        self._storages: dict[str, Memory] = {}
        self.is_swapped = "byteorder" in self._entries and self.read("byteorder") != sys.byteorder.encode()

    def has(self, name: str) -> bool:
        """Whether there is such an entry."""
        return name in self._entries

    def read(self, name: str) -> bytes:
        """The contents of an entry. Raises RuntimeError where there is none, and where it is damaged."""
        info = self._entries.get(name)
        if info is None:
            raise RuntimeError(f"PytorchStreamReader failed locating file {name}: file not found")
        if info.compress_type != zipfile.ZIP_STORED:
            raise RuntimeError(f"PytorchStreamReader failed reading file {name}: it is compressed")
        self._left -= info.file_size
        if self._left < 0:
            raise RuntimeError(f"PytorchStreamReader failed reading file {name}: it overlaps others")
        try:
            return self._zip.read(info)
        except _ERRORS as error:
            raise RuntimeError(f"PytorchStreamReader failed reading file {name}: {error}") from None

    def storage(self, identity: Any) -> AnyStorage:
        """The storage that the pickle refers to: ("storage", type, key, location, elements)."""
        if type(identity) is not tuple or len(identity) != 5 or identity[0] not in ("storage", b"storage"):
            raise Refused("it refers to what is no storage")
        _, kind, key, _, count = identity
        element = known.element(kind)
        if element is None or type(key) is not str or type(count) is not int:
            raise Refused("it refers to what is no storage")
        if key not in self._storages:
            content = np.frombuffer(bytearray(self.read(f"data/{key}")), np.uint8)
            if self.is_swapped and element.itemsize > 1:
                content = _swapped(content, element)
            self._storages[key] = Memory(content)
        if len(self._storages[key].content) != count * element.itemsize:
            raise Refused(f"storage {key} has not as many bytes as it should")
        return storage_in(self._storages[key], kind, element)


def _swapped(content: np.ndarray, element: dtype) -> np.ndarray:
    size = element.itemsize // (2 if element.is_complex else 1)
    if len(content) % size:
        raise Refused("a storage is cut short")
    return np.ascontiguousarray(content.reshape(-1, size)[:, ::-1]).reshape(-1)


def write_archive(file: IO[bytes], name: str, pickled: bytes, storages: list[np.ndarray]) -> None:
    """Writes an archive; `name` is that of its folder."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:

        def write(entry: str, content: Any) -> None:
            info = zipfile.ZipInfo(f"{name}/{entry}")
            begin = archive.fp.tell() + _HEAD + len(info.filename.encode())
            gap = (-begin - 4) % ALIGNMENT
            info.extra = _PADDING + gap.to_bytes(2, "little") + b"Z" * gap
            archive.writestr(info, content)

        write("data.pkl", pickled)
        write(".format_version", "1")
        write(".storage_alignment", str(ALIGNMENT))
        write("byteorder", sys.byteorder)
        for key, content in enumerate(storages):
            write(f"data/{key}", content.data)
        write("version", "3\n")
        write(".data/serialization_id", f"{zlib.crc32(pickled):020d}{sum(map(len, storages)):020d}")
