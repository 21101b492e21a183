"""What all stores have."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NoReturn

TIMEOUT = timedelta(seconds=300)


class Store:
    """Values by key. A store of a program's own writes those methods over that it needs."""

    def __init__(self) -> None:
        self._timeout = TIMEOUT

    @property
    def timeout(self) -> timedelta:
        """How long is waited for what is not there."""
        return self._timeout

    def set_timeout(self, timeout: timedelta) -> None:
        """Sets how long is waited."""
        self._timeout = timeout

    def set(self, key: str, value: str | bytes) -> None:
        """Sets a value."""
        _missing("set")

    def get(self, key: str) -> bytes:
        """A value, once it is there. Raises DistStoreError where it does not come in time."""
        _missing("get")

    def add(self, key: str, amount: int) -> int:
        """Adds to a number, which is 0 where it is not there, and gives it. Raises ValueError for what is none."""
        _missing("add")

    def check(self, keys: Sequence[str]) -> bool:
        """Whether all are there."""
        _missing("check")

    def wait(self, keys: Sequence[str], timeout: timedelta | None = None) -> None:
        """Waits until all are there. Raises DistStoreError where they do not come in time."""
        _missing("wait")

    def compare_set(self, key: str, expected_value: str | bytes, desired_value: str | bytes) -> bytes:
        """Sets a value if it is as expected, or missing where nothing is expected. Gives the value there is then, or
        what was expected where there is none."""
        _missing("compareSet")

    def delete_key(self, key: str) -> bool:
        """Whether there was such a value, which is gone now."""
        _missing("deleteKey")

    def num_keys(self) -> int:
        """How many keys there are, with one by which processes count each other."""
        _missing("getNumKeys")

    def list_keys(self) -> list[str]:
        """The keys of all values."""
        _missing("listKeys")

    def append(self, key: str, value: str | bytes) -> None:
        """Adds to the end of a value, which is empty where it is not there."""
        _unsupported("append")

    def queue_push(self, key: str, value: str | bytes) -> None:
        """Puts a value at the end of a queue."""
        _unsupported("queue")

    def queue_pop(self, key: str, block: bool = True) -> bytes:
        """The first value of a queue, once there is one. Raises DistStoreError where none comes in time, and
        QueueEmptyError where there is none and `block` is False."""
        _unsupported("queue")

    def queue_len(self, key: str) -> int:
        """How many values a queue has."""
        _unsupported("queue")

    def clone(self) -> Store:
        """Another store of the same values, for another thread."""
        _unsupported("clone")

    def has_extended_api(self) -> bool:
        """Whether it has `append`, `multi_get` and `multi_set` that are done at once."""
        return False

    def multi_get(self, keys: Sequence[str]) -> list[bytes]:
        """Values, once all are there. Raises DistStoreError where they do not come in time."""
        return [self.get(key) for key in keys]

    def multi_set(self, keys: Sequence[str], values: Sequence[str | bytes]) -> None:
        """Sets values. Raises DistStoreError where there are more of one than of the other."""
        for key, value in pairs_of(keys, values):
            self.set(key, value)

    def barrier(self, key: str, world_size: int, timeout: timedelta | None = None) -> None:
        """Waits until so many have called it with this key. Raises DistStoreError where they do not in time."""
        if self.add(f"{key}/num_members", 1) == world_size:
            self.set(f"{key}/last_member", "1")
        self.wait([f"{key}/last_member"], self.timeout if timeout is None else timeout)


def _missing(name: str) -> NoReturn:
    raise RuntimeError(f'Tried to call pure virtual function "::c10d::Store::{name}"')


def _unsupported(name: str) -> NoReturn:
    raise NotImplementedError(f"{name} support is not implemented.")


def key_of(given: Any) -> str:
    """A key. Raises TypeError for other things."""
    if not isinstance(given, str):
        raise TypeError(f"Store: a key is {type(given).__name__} but must be str")
    return given


def keys_of(given: Any) -> list[str]:
    """Several keys. Raises TypeError for other things."""
    if isinstance(given, (str, bytes)):
        raise TypeError(f"Store: keys are {type(given).__name__} but must be a list of str")
    return [key_of(key) for key in given]


def value_of(given: Any) -> bytes:
    """A value. Raises TypeError for other things than text and bytes."""
    if isinstance(given, str):
        return given.encode()
    if not isinstance(given, (bytes, bytearray)):
        raise TypeError(f"Store: a value is {type(given).__name__} but must be str or bytes")
    return bytes(given)


def pairs_of(keys: Any, values: Any) -> list[tuple[str, bytes]]:
    """Keys with their values. Raises DistStoreError where there are more of one than of the other."""
    from ..errors import DistStoreError

    if len(keys) != len(values):
        raise DistStoreError("multiSet keys and values vectors must be of same size")
    return list(zip(keys_of(keys), map(value_of, values), strict=True))


def amount_of(given: Any) -> int:
    """A number that is added. Raises TypeError for other things."""
    if not isinstance(given, int):
        raise TypeError(f"Store.add: amount is {type(given).__name__} but must be int")
    return int(given)
