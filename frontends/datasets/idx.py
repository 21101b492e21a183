"""Reads idx files, the format of MNIST: a head of sizes, then the numbers, most significant byte first."""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, TypeVar

import numpy as np

from .errors import DamagedFile

MAX_BYTES = 1 << 30  # the largest published one, EMNIST's 814,255 images, has 638 MB
_MAX_AXES = 4
Read = TypeVar("Read")
_DTYPES = {8: "u1", 9: "i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}


def read_idx(path: Path | str, *, max_bytes: int = MAX_BYTES) -> np.ndarray:
    """The array of an idx file, plain or packed with gzip, in the machine's byte order. Raises DamagedFile."""
    return _opened(path, lambda file: _read(path, file, max_bytes))


def read_magic(path: Path | str) -> int:
    """The number that the first four bytes stand for, which says what a file of MNIST's holds. Raises DamagedFile."""
    return _opened(path, lambda file: int.from_bytes(file.read(4), "big"))


def _opened(path: Path | str, read: Callable[[IO[bytes]], Read]) -> Read:
    with Path(path).open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        if not packed:
            return read(file)
        try:
            with gzip.GzipFile(fileobj=file) as unpacked:
                return read(unpacked)
        except (EOFError, OSError, zlib.error) as error:
            raise DamagedFile(path, f"is no sound gzip file: {error}") from error


def _read(path: Path | str, file: IO[bytes], max_bytes: int) -> np.ndarray:
    head = file.read(4)
    if len(head) < 4 or head[:2] != b"\0\0" or head[2] not in _DTYPES or not 1 <= head[3] <= _MAX_AXES:
        raise DamagedFile(path, f"begins with {head.hex() or 'nothing'} but must begin with the head of an idx file")
    dtype, axes = np.dtype(_DTYPES[head[2]]), head[3]
    sizes_bytes = file.read(4 * axes)
    if len(sizes_bytes) < 4 * axes:
        raise DamagedFile(path, "ends in its head")
    shape = struct.unpack(f">{axes}I", sizes_bytes)
    wanted = math.prod(shape) * dtype.itemsize
    if wanted > max_bytes:
        raise DamagedFile(path, f"says that it holds {wanted} bytes but may hold at most {max_bytes}")
    data = file.read(wanted)
    if len(data) < wanted:
        raise DamagedFile(path, f"holds {len(data)} bytes of data but its head says {wanted}")
    if file.read(1):
        raise DamagedFile(path, f"holds more than the {wanted} bytes of data that its head says")
    return np.frombuffer(data, dtype).reshape(shape).astype(dtype.newbyteorder("="))
