"""Saved files as streams of pickles and bytes, what PyTorch wrote before its version 1.6."""

from __future__ import annotations

import pickle
import struct
import sys
from collections.abc import Callable
from typing import IO, Any

import numpy as np
from diptych.pickles import Machine, Refused

from ..dtypes import dtype
from ..storage import storage_in
from ..tensors.memory import Memory
from . import known

_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001
_TAR_HEAD = b"ustar"

Read = Callable[[memoryview, int, Callable[[Any], Any]], Any]


class _Scan(Machine):
    """Goes through a pickle for where it ends and for what it refers to, and makes nothing of it."""

    def __init__(self, data: memoryview, at: int, persistent: Callable[[Any], Any] | None = None) -> None:
        super().__init__(data, at)
        self._persistent = persistent

    def named(self, module: str, name: str) -> Any:
        return known.storage_class(name)

    def called(self, function: Any, arguments: tuple[Any, ...]) -> Any:
        return None

    def made(self, kind: Any, arguments: tuple[Any, ...]) -> Any:
        return None

    def built(self, target: Any, state: Any) -> None:
        pass

    def put(self, items: list[Any]) -> None:
        pass

    def add(self, items: list[Any]) -> None:
        pass

    def extend(self, items: list[Any]) -> None:
        if type(self.stack[-1]) is list:
            super().extend(items)

    def persistent(self, identity: Any) -> Any:
        return None if self._persistent is None else self._persistent(identity)


def read_stream(data: bytes, read: Read) -> Any:
    """The object in a stream, whose pickle `read(data, at, persistent)` runs, once the storages are filled. Raises
    Refused, RuntimeError for what is no such stream."""
    if not data:
        raise EOFError("Ran out of input")
    if data[257:262] == _TAR_HEAD:
        raise RuntimeError(
            "torch.load: this file is in the tar format of PyTorch 0.1, which is not read; save it there anew"
        )
    view = memoryview(data)
    storages: dict[str, Memory] = {}
    room = len(data)

    def persistent(identity: Any) -> Any:
        nonlocal room
        if type(identity) is not tuple or not identity:
            raise Refused("it refers to what is no storage")
        if identity[0] == "module" and len(identity) == 4:
            return identity[1]  # a class, with its source, which is not compared
        if identity[0] not in ("storage", b"storage") or len(identity) != 6:
            raise Refused("it refers to what is no storage")
        _, kind, key, _, count, part = identity
        element = known.element(kind)
        if element is None or type(key) is not str or type(count) is not int or count < 0:
            raise Refused("it refers to what is no storage")
        size = count * element.itemsize
        if key not in storages:
            room -= size
            if room < 0:
                raise Refused("its storages are larger than the file")
            storages[key] = Memory(np.zeros(size, np.uint8))
        return storage_in(_viewed(storages, key, part, element), kind, element)

    at = 0

    def scanned(persistent: Callable[[Any], Any] | None = None) -> Any:
        nonlocal at
        scan = _Scan(view, at, persistent)
        found = scan.run()
        at = scan.at
        return found

    if scanned() != _MAGIC:
        raise RuntimeError("Invalid magic number; corrupt file?")
    version = scanned()
    if version != _PROTOCOL:
        raise RuntimeError(f"Invalid protocol version: {version}")
    scanned()  # of the system
    begin = at
    scanned(persistent)
    keys = scanned()
    _fill(view, keys, at, storages)
    return read(view, begin, persistent)


def _viewed(storages: dict[str, Memory], key: str, part: Any, element: dtype) -> Memory:
    """The storage itself, or the part of it that older versions saved as one of its own: (key, offset, elements)."""
    if part is None:
        return storages[key]
    if type(part) is not tuple or len(part) != 3 or any(type(each) is not int or each < 0 for each in part[1:]):
        raise Refused("it refers to what is no storage")
    name, begin, count = part
    whole, size = storages[key].content, element.itemsize
    if (begin + count) * size > len(whole):
        raise Refused("part of a storage reaches beyond it")
    if name not in storages:
        storages[name] = Memory(whole[begin * size : (begin + count) * size])
    return storages[name]


def _fill(data: memoryview, keys: Any, at: int, storages: dict[str, Memory]) -> None:
    """Puts the bytes at the end of the stream into the storages."""
    if type(keys) is not list or any(type(key) is not str for key in keys):
        raise Refused("it does not tell the order of its storages")
    for key in keys:
        if key not in storages:
            raise Refused(f"storage key {key!r} not found in deserialized_objects")
        content = storages[key].content
        begin, end = at + 8, at + 8 + len(content)
        if end > len(data):
            raise Refused("it is cut short")
        content[:] = np.frombuffer(data[begin:end], np.uint8)
        at = end


def write_stream(file: IO[bytes], pickled: bytes, storages: list[np.ndarray], sizes: list[int], protocol: int) -> None:
    """Writes a stream; `sizes` are those of the storages' elements in bytes."""
    system = {
        "protocol_version": _PROTOCOL, "little_endian": sys.byteorder == "little",
        "type_sizes": {"short": 2, "int": 4, "long": 4},
    }  # fmt: skip
    for part in (_MAGIC, _PROTOCOL, system):
        pickle.dump(part, file, protocol)
    file.write(pickled)
    keys = [str(number) for number in range(len(storages))]
    pickle.dump(keys, file, protocol)
    for content, size in zip(storages, sizes, strict=True):
        file.write(struct.pack("<q", len(content) // size))
        file.write(content.data)
