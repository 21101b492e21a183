"""Records of a file: a length of 8 bytes, its checksum, the data, its checksum, each number with its low byte first."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from functools import lru_cache
from typing import BinaryIO

from .checksums import masked_crc32c
from .errors import DamagedData

HEAD = struct.Struct("<QI")
HEAD_SIZE, TAIL_SIZE = 12, 4
MAX_RECORD = 1 << 30  # bytes


class RecordWriter:
    """Writes records into a file that is open for binary writing, and closes it at the end."""

    def __init__(self, writer: BinaryIO) -> None:
        self._file = writer

    def write(self, data: bytes) -> None:
        """Appends one record."""
        check_size(data)
        self._file.write(framed(data))

    def flush(self) -> None:
        """Hands what was written to the system."""
        self._file.flush()

    def close(self) -> None:
        """Closes the file."""
        self._file.close()

    @property
    def closed(self) -> bool:
        """Whether the file is closed."""
        return self._file.closed


def check_size(data: bytes) -> None:
    """Raises ValueError of more than a reader takes."""
    if len(data) > MAX_RECORD:
        raise ValueError(f"diptych.events: a record is {len(data)} bytes but must be at most {MAX_RECORD}")


def framed(data: bytes) -> bytes:
    """Data as a record."""
    return b"".join((_head(len(data)), data, masked_crc32c(data).to_bytes(4, "little")))


@lru_cache(1024)
def _head(size: int) -> bytes:
    length = size.to_bytes(8, "little")
    return length + masked_crc32c(length).to_bytes(4, "little")


def read_records(path: str | os.PathLike[str]) -> Iterator[tuple[int, bytes]]:
    """The records of a file and the offsets of their data, one by one. A last record that is not written whole ends
    the file, since a program may still write it. Raises DamagedData for what is no record."""
    what = f"diptych.events.read: {os.fspath(path)}"
    with open(path, "rb") as file:
        place = 0
        while True:
            head = file.read(HEAD_SIZE)
            if len(head) < HEAD_SIZE:
                return
            size, checksum = HEAD.unpack(head)
            _check(what, place, "length", head[:8], checksum)
            if size > MAX_RECORD:
                raise DamagedData(what, place, f"the length is {size} bytes but must be at most {MAX_RECORD}")
            start = place + HEAD_SIZE
            place = start + size + TAIL_SIZE
            if place > os.fstat(file.fileno()).st_size:
                return
            data, tail = file.read(size), file.read(TAIL_SIZE)
            if len(tail) < TAIL_SIZE:
                return
            _check(what, start, "data", data, int.from_bytes(tail, "little"))
            yield start, data


def _check(what: str, place: int, name: str, data: bytes, given: int) -> None:
    wanted = masked_crc32c(data)
    if given != wanted:
        raise DamagedData(what, place, f"the checksum of the {name} is {given:#010x} but must be {wanted:#010x}")
