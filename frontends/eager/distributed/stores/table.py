"""Values by key, and queues, that threads share."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from threading import Condition
from time import monotonic

_DIGITS = 20  # of a number that is added to


class Table:
    """What a store keeps in memory. What waits is woken by each change."""

    def __init__(self) -> None:
        self._values: dict[str, bytes] = {}
        self._queues: dict[str, deque[bytes]] = {}
        self._changed = Condition()

    def set(self, pairs: Sequence[tuple[str, bytes]]) -> None:
        """Sets values."""
        with self._changed:
            self._values.update(pairs)
            self._changed.notify_all()

    def get(self, keys: Sequence[str], seconds: float) -> list[bytes]:
        """The values, once all are there. Raises TimeoutError where they do not come."""
        with self._changed:
            self._wait(keys, seconds)
            return [self._values[key] if key in self._values else self._queues[key][0] for key in keys]

    def wait(self, keys: Sequence[str], seconds: float) -> None:
        """Waits until all are there. Raises TimeoutError where they do not come."""
        with self._changed:
            self._wait(keys, seconds)

    def _wait(self, keys: Sequence[str], seconds: float) -> None:
        end = monotonic() + seconds
        for key in keys:
            if not self._changed.wait_for(lambda key=key: self._has(key), max(end - monotonic(), 0)):
                raise TimeoutError

    def _has(self, key: str) -> bool:
        return key in self._values or key in self._queues

    def has(self, keys: Sequence[str]) -> bool:
        """Whether all are there."""
        with self._changed:
            return all(map(self._has, keys))

    def add(self, key: str, amount: int) -> int:
        """Adds to a number, which is 0 where it is not there, and gives it. Raises ValueError for what is none."""
        with self._changed:
            found = added(key, self._values.get(key), amount)
            self._values[key] = str(found).encode()
            self._changed.notify_all()
            return found

    def append(self, key: str, value: bytes) -> None:
        """Adds to the end of a value, which is empty where it is not there."""
        with self._changed:
            self._values[key] = self._values.get(key, b"") + value
            self._changed.notify_all()

    def compare_set(self, key: str, expected: bytes, desired: bytes) -> bytes:
        """As `compared`, which it keeps."""
        with self._changed:
            is_set, found = compared(self._values.get(key), expected, desired)
            if is_set:
                self._values[key] = desired
                self._changed.notify_all()
            return found

    def delete(self, key: str) -> bool:
        """Whether there was such a value, which is gone now."""
        with self._changed:
            return self._values.pop(key, None) is not None

    def names(self) -> list[str]:
        """The keys of all values."""
        with self._changed:
            return list(self._values)

    def push(self, key: str, value: bytes) -> None:
        """Puts a value at the end of a queue."""
        with self._changed:
            self._queues.setdefault(key, deque()).append(value)
            self._changed.notify_all()

    def pop(self, key: str, seconds: float) -> bytes:
        """The first value of a queue, once there is one. Raises TimeoutError where none comes."""
        with self._changed:
            if not self._changed.wait_for(lambda: key in self._queues, seconds):
                raise TimeoutError
            queue = self._queues[key]
            found = queue.popleft()
            if not queue:
                del self._queues[key]
            return found

    def length(self, key: str) -> int:
        """How many values a queue has."""
        with self._changed:
            return len(self._queues.get(key, ()))


def added(key: str, value: bytes | None, amount: int) -> int:
    """The sum of a value, which is text of a number, and an amount. Raises ValueError for another text."""
    try:
        if value is not None and len(value) > _DIGITS:
            raise ValueError
        return int(value or 0) + amount
    except ValueError:
        raise ValueError(f"Store.add: the value of {key!r} is {value!r} but must be a number") from None


def compared(value: bytes | None, expected: bytes, desired: bytes) -> tuple[bool, bytes]:
    """Whether `desired` takes the place of a value, which is as expected, or missing where nothing is expected; and
    what is told: the value there is then, or what was expected where there is none."""
    if value is None:
        return not expected, expected or desired
    return value == expected, desired if value == expected else value
