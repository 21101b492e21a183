"""Files that others may have written: text and arrays, up to a size, with one clear error for each problem."""

from __future__ import annotations

import contextlib
import os
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from diptych.ir import DiptychError

MAX_FILE_BYTES = 256 * 2**20


def side_file(file: Path) -> Path:
    """Where the large constants of a saved program stand, FILE.npz."""
    return file.with_name(file.name + ".npz")


def side_data(file: Path) -> dict[str, np.ndarray]:
    """The large constants that stand beside the text, in FILE.ir.npz."""
    beside = side_file(file)
    return arrays_in(beside) if beside.is_file() else {}


def arrays_in(file: Path) -> dict[str, np.ndarray]:
    """The arrays of a file of numpy's, FILE.npz, by name. Raises DiptychError where it is none, or too large."""
    with file_errors(file):
        try:
            with zipfile.ZipFile(file) as archive:
                _check_size(file, sum(part.file_size for part in archive.infolist()))
            with np.load(file, allow_pickle=False) as arrays:
                return {name: arrays[name] for name in arrays.files}
        except (ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            raise DiptychError(f"{file}: file holds no arrays of numbers: {error}") from None


def read_text(file: Path) -> str:
    """What a file of text says. Raises DiptychError where it cannot be read, is too large, or is no text."""
    with file_errors(file):
        _check_size(file, file.stat().st_size)
        try:
            return file.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise DiptychError(f"{file}: file is no UTF-8 text: {error.reason} at byte {error.start}") from None


def _check_size(file: Path, size: int) -> None:
    if size > MAX_FILE_BYTES:
        raise DiptychError(f"{file}: file has {size} bytes but must have at most {MAX_FILE_BYTES}")


@contextlib.contextmanager
def file_errors(file: Path) -> Iterator[None]:
    """What the operating system refuses, as a DiptychError."""
    try:
        yield
    except OSError as error:
        raise DiptychError(f"{file}: {error.strerror}") from None


def check_folder(file: Path) -> None:
    """Raises DiptychError for a file that no folder is there for, before long work for it begins."""
    if not file.parent.is_dir():
        raise DiptychError(f"{file}: there is no folder {file.parent}")


def write_whole(file: Path, data: bytes) -> None:
    """Writes a file in place of the one that is there, or leaves that as it is. Raises DiptychError."""
    temporary = file.with_name(f"{file.name}.{os.getpid()}.partial")
    with file_errors(file):
        try:
            temporary.write_bytes(data)
            os.replace(temporary, file)
        finally:
            temporary.unlink(missing_ok=True)
