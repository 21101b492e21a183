"""Values that the threads of one process share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TypeVar

from ..errors import DistStoreError, QueueEmptyError
from .store import Store, amount_of, key_of, keys_of, pairs_of, value_of
from .table import Table

T = TypeVar("T")


class HashStore(Store):
    """A store in memory."""

    def __init__(self) -> None:
        super().__init__()
        self._table = Table()

    def _in_time(self, ask: Callable[[float], T], timeout: timedelta | None = None) -> T:
        try:
            return ask((self._timeout if timeout is None else timeout).total_seconds())
        except TimeoutError:
            raise DistStoreError("Wait timeout") from None

    def set(self, key: str, value: str | bytes) -> None:
        self._table.set([(key_of(key), value_of(value))])

    def get(self, key: str) -> bytes:
        return self.multi_get([key])[0]

    def add(self, key: str, amount: int) -> int:
        return self._table.add(key_of(key), amount_of(amount))

    def check(self, keys: Sequence[str]) -> bool:
        return self._table.has(keys_of(keys))

    def wait(self, keys: Sequence[str], timeout: timedelta | None = None) -> None:
        self._in_time(lambda seconds: self._table.wait(keys_of(keys), seconds), timeout)

    def compare_set(self, key: str, expected_value: str | bytes, desired_value: str | bytes) -> bytes:
        return self._table.compare_set(key_of(key), value_of(expected_value), value_of(desired_value))

    def delete_key(self, key: str) -> bool:
        return self._table.delete(key_of(key))

    def num_keys(self) -> int:
        return len(self._table.names())

    def list_keys(self) -> list[str]:
        return self._table.names()

    def append(self, key: str, value: str | bytes) -> None:
        self._table.append(key_of(key), value_of(value))

    def queue_push(self, key: str, value: str | bytes) -> None:
        self._table.push(key_of(key), value_of(value))

    def queue_pop(self, key: str, block: bool = True) -> bytes:
        if block:
            return self._in_time(lambda seconds: self._table.pop(key_of(key), seconds))
        try:
            return self._table.pop(key_of(key), 0)
        except TimeoutError:
            raise QueueEmptyError("queue is empty") from None

    def queue_len(self, key: str) -> int:
        return self._table.length(key_of(key))

    def clone(self) -> HashStore:
        found = HashStore()
        found._table, found._timeout = self._table, self._timeout
        return found

    def has_extended_api(self) -> bool:
        return True

    def multi_get(self, keys: Sequence[str]) -> list[bytes]:
        return self._in_time(lambda seconds: self._table.get(keys_of(keys), seconds))

    def multi_set(self, keys: Sequence[str], values: Sequence[str | bytes]) -> None:
        self._table.set(pairs_of(keys, values))
