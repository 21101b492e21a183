"""Reads .npz files, the format of keras's data sets, and runs nothing that they hold."""

from __future__ import annotations

import math
import tokenize
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import numpy as np

from ..pickles import Refused, read_plain
from .archives import ARCHIVE_ERRORS
from .errors import DamagedFile

# What numpy raises for a head that is no dict of numbers, which Python's own reader of literals looks at.
_ERRORS = (KeyError, MemoryError, RecursionError, SyntaxError, TypeError, ValueError, tokenize.TokenError)

MAX_BYTES = 1 << 30  # of one array


def read_npz(path: Path | str, names: Sequence[str], *, max_bytes: int = MAX_BYTES) -> list[np.ndarray]:
    """The arrays of these names. Arrays of lists, as keras's files of texts have, are read as plain data. Raises
    DamagedFile."""
    with Path(path).open("rb") as file:
        try:
            with zipfile.ZipFile(file) as archive:
                return [_member(path, archive, name, max_bytes) for name in names]
        except (*ARCHIVE_ERRORS, OSError) as error:
            raise DamagedFile(path, f"is no sound .npz file: {error}") from error


def _member(path: Path | str, archive: zipfile.ZipFile, name: str, max_bytes: int) -> np.ndarray:
    member = f"{name}.npy"
    if member not in archive.namelist():
        raise DamagedFile(path, f"holds no array {name!r} but {sorted(archive.namelist())[:10]}")
    size = archive.getinfo(member).file_size
    if size > max_bytes:
        raise DamagedFile(path, f"{name} has {size} bytes but may have at most {max_bytes}")
    with archive.open(member) as file:
        try:
            shape, by_columns, dtype = _head(file)
            if dtype.hasobject:
                return _objects(file.read(max_bytes), shape)
            wanted = math.prod(shape) * dtype.itemsize
            data = file.read(wanted) if wanted <= max_bytes else b""
            if len(data) != wanted or file.read(1):
                raise Refused(f"its head says {wanted} bytes of data, which it does not hold")
            return np.frombuffer(data, dtype).reshape(shape, order="F" if by_columns else "C").copy()
        except _ERRORS as error:
            raise DamagedFile(path, f"{name} is no array: {error}") from error


def _head(file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype]:
    version = np.lib.format.read_magic(file)
    if version == (1, 0):
        return np.lib.format.read_array_header_1_0(file)
    if version == (2, 0):
        return np.lib.format.read_array_header_2_0(file)
    raise Refused(f"version {version} is unknown")


def _objects(data: bytes, shape: tuple[int, ...]) -> np.ndarray:
    found = read_plain(data)
    if not isinstance(found, np.ndarray) or found.shape != shape:
        raise Refused("it is not the array of lists that its head says")
    return found
