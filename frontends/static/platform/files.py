"""tf.gfile: files, with the errors of tf.errors."""

from __future__ import annotations

import glob
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import IO, Any

from ..exports import export
from ..graphs.errors import (
    AlreadyExistsError,
    FailedPreconditionError,
    InvalidArgumentError,
    NotFoundError,
    PermissionDeniedError,
    UnknownError,
)

_KINDS: Sequence[tuple[type[OSError], Any]] = (
    (FileNotFoundError, NotFoundError),
    (FileExistsError, AlreadyExistsError),
    (PermissionError, PermissionDeniedError),
    (IsADirectoryError, FailedPreconditionError),
    (NotADirectoryError, FailedPreconditionError),
    (OSError, UnknownError),
)

MODES = ("r", "w", "a", "r+", "w+", "a+", "rb", "wb", "ab", "rb+", "wb+", "ab+", "r+b", "w+b", "a+b")


def _text(path: Any) -> str:
    return os.fsdecode(os.fspath(path))


@contextmanager
def _told(path: Any) -> Iterator[None]:
    """What the system refuses becomes an error of tf.errors."""
    try:
        yield
    except OSError as error:
        kind = next(kind for cause, kind in _KINDS if isinstance(error, cause))
        raise kind(None, None, f"{_text(path)}; {error.strerror}") from error


@export("gfile.GFile", "gfile.Open", "gfile.FastGFile", "io.gfile.GFile")
class GFile:
    """A file, opened when it is first used. Text is UTF-8; a mode with "b" reads bytes."""

    def __init__(self, name: Any, mode: str = "r") -> None:
        if mode not in MODES:
            raise InvalidArgumentError(None, None, f"mode is not 'r' or 'w' or 'a': {mode}")
        self.name = _text(name)
        self.mode = mode
        self._file: IO[Any] | None = None

    def _opened(self) -> IO[Any]:
        if self._file is None:
            with _told(self.name):
                form = {} if "b" in self.mode else {"encoding": "utf-8", "newline": ""}
                self._file = open(self.name, self.mode, **form)  # noqa: SIM115 (it is closed by `close`)
        return self._file

    def size(self) -> int:
        """The size in bytes."""
        with _told(self.name):
            return os.stat(self.name).st_size

    def read(self, n: int = -1) -> Any:
        """All that is left, or `n` characters or bytes of it."""
        with _told(self.name):
            return self._opened().read(n)

    def readline(self) -> Any:
        """The next line with its end; empty at the end of the file."""
        return self._opened().readline()

    def readlines(self) -> list[Any]:
        """All lines that are left."""
        return self._opened().readlines()

    def __iter__(self) -> GFile:
        return self

    def __next__(self) -> Any:
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    next = __next__

    def write(self, file_content: Any) -> None:
        """Appends text, or bytes in a mode with "b"; either is taken by both."""
        if "b" in self.mode and isinstance(file_content, str):
            file_content = file_content.encode()
        elif "b" not in self.mode and isinstance(file_content, bytes):
            file_content = file_content.decode()
        with _told(self.name):
            self._opened().write(file_content)

    def seek(self, offset: int | None = None, whence: int = 0, position: int | None = None) -> None:
        """Goes to a place in the file."""
        if offset is None and position is None:
            raise TypeError("seek(): offset argument required")
        self._opened().seek(offset if position is None else position, whence)

    def tell(self) -> int:
        """The place in the file."""
        return self._opened().tell()

    def seekable(self) -> bool:
        """Whether seek works."""
        return True

    def flush(self) -> None:
        """Hands what was written to the system."""
        if self._file is not None:
            self._file.flush()

    def close(self) -> None:
        """Closes the file, which may be used again from the start."""
        if self._file is None and self.mode[0] in "wa":
            self._opened()
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> GFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class FileStatistics:
    """What is known of a file."""

    length: int
    mtime_nsec: int
    is_directory: bool


@export("gfile.Exists", "io.gfile.exists")
def exists(path: Any) -> bool:
    """Whether there is such a file or folder."""
    return os.path.exists(path)


@export("gfile.IsDirectory", "io.gfile.isdir")
def is_directory(path: Any) -> bool:
    """Whether there is such a folder."""
    return os.path.isdir(path)


@export("gfile.Glob", "io.gfile.glob")
def matching(pattern: Any) -> list[str]:
    """The paths that match a pattern, or one of several."""
    patterns = [pattern] if isinstance(pattern, str | bytes | os.PathLike) else pattern
    return [path for each in patterns for path in sorted(glob.glob(_text(each)))]


@export("gfile.ListDirectory", "io.gfile.listdir")
def list_directory(path: Any) -> list[str]:
    """The names in a folder. Raises NotFoundError where it is none."""
    if not os.path.isdir(path):
        raise NotFoundError(None, None, f"Could not find directory {_text(path)}")
    return os.listdir(_text(path))


@export("gfile.MkDir", "io.gfile.mkdir")
def make_directory(path: Any) -> None:
    """Makes a folder in one that is there."""
    with _told(path):
        os.mkdir(path)


@export("gfile.MakeDirs", "io.gfile.makedirs")
def make_directories(path: Any) -> None:
    """Makes a folder and those above it, where they are missing."""
    with _told(path):
        os.makedirs(path, exist_ok=True)


@export("gfile.Remove", "io.gfile.remove")
def remove(path: Any) -> None:
    """Deletes a file."""
    with _told(path):
        os.remove(path)


@export("gfile.DeleteRecursively", "io.gfile.rmtree")
def remove_tree(path: Any) -> None:
    """Deletes a folder and all in it."""
    with _told(path):
        shutil.rmtree(path)


@export("gfile.Copy", "io.gfile.copy")
def copy(src: Any, dst: Any, overwrite: bool = False) -> None:
    """Copies a file. Raises AlreadyExistsError where `dst` is there, unless it may be overwritten."""
    _check_free(dst, overwrite)
    with _told(src):
        shutil.copyfile(src, dst)


@export("gfile.Rename", "io.gfile.rename")
def rename(src: Any, dst: Any, overwrite: bool = False) -> None:
    """Moves a file. Raises AlreadyExistsError where `dst` is there, unless it may be overwritten."""
    _check_free(dst, overwrite)
    with _told(src):
        os.replace(src, dst)


def _check_free(path: Any, overwrite: bool) -> None:
    if not overwrite and os.path.exists(path):
        raise AlreadyExistsError(None, None, "file already exists")


@export("gfile.Stat", "io.gfile.stat")
def statistics(path: Any) -> FileStatistics:
    """Size, time and kind of a file."""
    with _told(path):
        found = os.stat(path)
    return FileStatistics(found.st_size, found.st_mtime_ns, os.path.isdir(path))


@export("gfile.Walk", "io.gfile.walk")
def walk(top: Any, in_order: bool = True) -> Iterator[tuple[str, list[str], list[str]]]:
    """(folder, names of folders in it, names of files in it) for a folder and all below."""
    yield from os.walk(_text(top), topdown=in_order)
