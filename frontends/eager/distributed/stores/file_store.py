"""Values in a file that processes share: changes, one behind another."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from struct import Struct
from threading import Lock
from time import monotonic, sleep
from weakref import finalize

from ..errors import DistStoreError
from .store import Store, amount_of, key_of, keys_of, value_of
from .table import added, compared

_BEGINNING = b"diptych store 1\n"
_HEAD = Struct("<BIQ")  # whether a value is set, and the lengths of key and value
_LONGEST_KEY, _LONGEST_VALUE = 2**16, 2**28
_PAUSE = 0.01  # seconds between looks at the file
_USERS, _GONE = "users/", "gone/"  # counted in the file beside the program's keys, which begin with a slash


class FileStore(Store):
    """A store in the file `file_name`. The last of `world_size` processes removes it; without that number it stays.
    Raises DistStoreError where the file cannot be opened, or is no store's."""

    def __init__(self, file_name: str, world_size: int = -1) -> None:
        super().__init__()
        self._file = _File(str(file_name))
        self._world_size = world_size
        self._file.add(_USERS, 1)
        finalize(self, _leave, self._file, world_size)

    @property
    def path(self) -> str:
        """The file's."""
        return self._file.path

    def set(self, key: str, value: str | bytes) -> None:
        with self._file.changing():
            self._file.set(_own(key), value_of(value))

    def get(self, key: str) -> bytes:
        if not self._file.waited([_own(key)], self._timeout):
            raise RuntimeError(f"Timeout waiting for key: {key} after {_milliseconds(self._timeout)} ms")
        return self._file.values[_own(key)]

    def add(self, key: str, amount: int) -> int:
        return self._file.add(_own(key), amount_of(amount))

    def check(self, keys: Sequence[str]) -> bool:
        return self._file.has([_own(key) for key in keys_of(keys)])

    def wait(self, keys: Sequence[str], timeout: timedelta | None = None) -> None:
        """Waits until all are there. Raises RuntimeError where they do not come in time."""
        if not self._file.waited([_own(key) for key in keys_of(keys)], self._timeout if timeout is None else timeout):
            raise RuntimeError("Wait timeout")

    def compare_set(self, key: str, expected_value: str | bytes, desired_value: str | bytes) -> bytes:
        expected, desired = value_of(expected_value), value_of(desired_value)
        with self._file.changing() as values:
            is_set, found = compared(values.get(_own(key)), expected, desired)
            if is_set:
                self._file.set(_own(key), desired)
        return found

    def delete_key(self, key: str) -> bool:
        with self._file.changing() as values:
            found = _own(key) in values
            if found:
                self._file.set(_own(key), None)
        return found

    def num_keys(self) -> int:
        with self._file.locked():
            return len(self._file.values) - (_GONE in self._file.values)

    def list_keys(self) -> list[str]:
        with self._file.locked():
            return [key[1:] for key in self._file.values if key.startswith("/")]

    def append(self, key: str, value: str | bytes) -> None:
        with self._file.changing() as values:
            self._file.set(_own(key), values.get(_own(key), b"") + value_of(value))

    def clone(self) -> FileStore:
        return FileStore(self.path, self._world_size)


def _own(key: str) -> str:
    return f"/{key_of(key)}"


def _milliseconds(timeout: timedelta) -> int:
    return round(timeout.total_seconds() * 1000)


def _leave(file: _File, world_size: int) -> None:
    with suppress(DistStoreError):  # such as a file that is gone already
        with file.changing() as values:
            gone = added(_GONE, values.get(_GONE), 1)
            users = added(_USERS, values.get(_USERS), -1)
            file.set(_GONE, str(gone).encode())
            file.set(_USERS, str(users).encode())
        if users == 0 and 0 <= world_size <= gone:
            with suppress(FileNotFoundError):
                os.remove(file.path)


class _File:
    """What a file says, as far as it has been read."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.values: dict[str, bytes] = {}
        self._read_to = 0
        self._descriptor = -1
        self._threads = Lock()

    @contextmanager
    def locked(self, *, writes: bool = False) -> Iterator[None]:
        """A block in which the file is open, and read to its end; with `writes` nobody else reads it there."""
        from fcntl import LOCK_EX, LOCK_SH, flock

        with self._threads:
            try:
                self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
            except OSError as error:
                raise DistStoreError(f"FileStore: {self.path} cannot be opened: {error.strerror}") from error
            try:
                flock(self._descriptor, LOCK_EX if writes else LOCK_SH)
                self._read()
                yield
            finally:
                os.close(self._descriptor)  # which gives the lock back

    @contextmanager
    def changing(self) -> Iterator[dict[str, bytes]]:
        """A block in which `set` may be called, of the values that there are."""
        with self.locked(writes=True):
            os.ftruncate(self._descriptor, self._read_to)  # what one that has ended did not write to its end
            if not self._read_to:
                self._write(_BEGINNING)
                self._read_to = len(_BEGINNING)
            yield self.values

    def set(self, key: str, value: bytes | None) -> None:
        """Writes a value, or takes it away."""
        name = key.encode()
        if len(name) > _LONGEST_KEY or len(value or b"") > _LONGEST_VALUE:
            told = f"key and value are of {len(name)} and {len(value or b'')} bytes"
            raise DistStoreError(f"FileStore: {told} but must be of {_LONGEST_KEY} and {_LONGEST_VALUE} at most")
        data = _HEAD.pack(value is not None, len(name), len(value or b"")) + name + (value or b"")
        self._write(data)
        self._read()

    def _write(self, data: bytes) -> None:
        os.lseek(self._descriptor, 0, os.SEEK_END)
        written = 0
        while written < len(data):
            written += os.write(self._descriptor, data[written:])

    def _read(self) -> None:
        size = os.fstat(self._descriptor).st_size
        if size < self._read_to:  # another file, where the one before was removed
            self._read_to = 0
            self.values.clear()
        if size == self._read_to:
            return
        data = os.pread(self._descriptor, size - self._read_to, self._read_to)
        start = 0
        if not self._read_to:
            if not data.startswith(_BEGINNING):
                if _BEGINNING.startswith(data):  # not written to its end
                    return
                raise DistStoreError(f"FileStore: {self.path} is a file of something else")
            start = len(_BEGINNING)
        while start + _HEAD.size <= len(data):
            is_set, name, value = _HEAD.unpack_from(data, start)
            if is_set > 1 or name > _LONGEST_KEY or value > _LONGEST_VALUE:
                raise DistStoreError(f"FileStore: {self.path} is damaged")
            middle = start + _HEAD.size + name
            if middle + value > len(data):
                break
            key = data[middle - name : middle].decode(errors="replace")
            if is_set:
                self.values[key] = data[middle : middle + value]
            else:
                self.values.pop(key, None)
            start = middle + value
        self._read_to += start

    def add(self, key: str, amount: int) -> int:
        """Adds to a number, and gives it. Raises ValueError for what is none."""
        with self.changing() as values:
            found = added(key.removeprefix("/"), values.get(key), amount)
            self.set(key, str(found).encode())
        return found

    def has(self, keys: Sequence[str]) -> bool:
        """Whether all are there."""
        with self.locked():
            return all(key in self.values for key in keys)

    def waited(self, keys: Sequence[str], timeout: timedelta) -> bool:
        """Whether all come in time. The file is looked at again and again."""
        end = monotonic() + timeout.total_seconds()
        while not self.has(keys):
            if monotonic() > end:
                return False
            sleep(_PAUSE)
        return True
