"""What a queue is in a session: elements, and threads that wait for them or for room."""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..graphs.errors import CancelledError, InvalidArgumentError, OutOfRangeError

Array = np.ndarray[Any, Any]
Element = tuple[Array, ...]


class Store:
    """Elements in the order in which they came. `capacity` is how many there is room for."""

    kind = "FIFOQueue"

    def __init__(self, name: str, capacity: int) -> None:
        self.name = name
        self.capacity = capacity
        self.closed = False
        self._cancelled = False
        self._stops_enqueues = False
        self._elements: Any = deque()
        self._changed = threading.Condition()
        self._taking = threading.Lock()  # whoever takes several elements is alone until it has them

    def size(self) -> int:
        """How many elements there are."""
        return len(self._elements)

    def close(self, *, cancel_pending_enqueues: bool) -> None:
        """Lets no element in any more; with `cancel_pending_enqueues` not those either that wait for room."""
        with self._changed:
            self.closed = True
            self._stops_enqueues = self._stops_enqueues or cancel_pending_enqueues
            self._changed.notify_all()

    def cancel(self) -> None:
        """Ends all waiting: the session is closed."""
        with self._changed:
            self._cancelled = True
            self._changed.notify_all()

    def enqueue(self, elements: Sequence[Element]) -> None:
        """Adds elements, one by one as there is room. Raises CancelledError where the queue is closed."""
        with self._changed:
            if self.closed:
                raise CancelledError(None, None, f"{self.kind} '{self.name}' is closed.")
            for element in elements:
                while len(self._elements) >= self.capacity:
                    self._wait("Enqueue", self._stops_enqueues)
                if self._stops_enqueues:
                    raise CancelledError(None, None, "Enqueue operation was cancelled")
                self._elements.append(element)
                self._changed.notify_all()

    def dequeue(self, count: int, *, up_to: bool = False) -> list[Element]:
        """Takes `count` elements, or with `up_to` fewer once the queue is closed. Raises OutOfRangeError where a closed
        queue has not as many; what was there stays."""
        found: list[Element] = []
        with self._taking, self._changed:
            while len(found) < count:
                if self._available():
                    found.append(self._take())
                    self._changed.notify_all()
                elif self.closed and (self._stops_enqueues or not self._is_filling()):
                    if up_to and found:
                        break
                    self._give_back(found)
                    raise OutOfRangeError(
                        None,
                        None,
                        f"{self.kind} '{self.name}' is closed and has insufficient elements "
                        f"(requested {count}, current size {len(self._elements)})",
                    )
                else:
                    self._wait("Dequeue", False)
        return found

    def _is_filling(self) -> bool:
        """Whether a thread that waits for room may still add elements."""
        return self._waiting_enqueues > 0

    _waiting_enqueues = 0

    def _wait(self, what: str, stopped: bool) -> None:
        if self._cancelled or stopped:
            raise CancelledError(None, None, f"{what} operation was cancelled")
        self._waiting_enqueues += what == "Enqueue"
        try:
            self._changed.wait()
        finally:
            self._waiting_enqueues -= what == "Enqueue"
        if self._cancelled:
            raise CancelledError(None, None, f"{what} operation was cancelled")

    def _available(self) -> bool:
        return len(self._elements) > 0

    def _take(self) -> Element:
        return self._elements.popleft()

    def _give_back(self, elements: Sequence[Element]) -> None:
        self._elements.extendleft(reversed(elements))


class ShuffledStore(Store):
    """Elements in random order; at least `least` stay to choose from, until the queue is closed."""

    kind = "RandomShuffleQueue"

    def __init__(self, name: str, capacity: int, least: int, seed: int | None) -> None:
        super().__init__(name, capacity)
        self._elements = []
        self._least = least
        self._chance = random.Random(seed)

    def _available(self) -> bool:
        return len(self._elements) > (0 if self.closed else self._least)

    def _take(self) -> Element:
        place = self._chance.randrange(len(self._elements))
        self._elements[place], self._elements[-1] = self._elements[-1], self._elements[place]
        return self._elements.pop()

    def _give_back(self, elements: Sequence[Element]) -> None:
        self._elements.extend(elements)


def stacked(parts: Sequence[Array]) -> Array:
    """Elements of one shape as one array."""
    return np.stack(parts)


def padded(parts: Sequence[Array]) -> Array:
    """Elements of one rank as one array, filled up with zeros, or empty strings, behind."""
    shape = tuple(max(sizes) for sizes in zip(*(part.shape for part in parts), strict=True))
    found = np.full((len(parts), *shape), b"" if parts[0].dtype == object else 0, parts[0].dtype)
    for number, part in enumerate(parts):
        found[(number, *(slice(size) for size in part.shape))] = part
    return found


Join = Callable[[Sequence[Array]], Array]


def check_shape(name: str, number: int, array: Array, wanted: tuple[int | None, ...] | None) -> None:
    """Raises InvalidArgumentError for an element of another shape than the queue's."""
    if wanted is None:
        return
    if len(array.shape) != len(wanted) or any(
        size is not None and size != found for size, found in zip(wanted, array.shape, strict=True)
    ):
        texts = [f"[{','.join('?' if size is None else str(size) for size in each)}]" for each in (wanted, array.shape)]
        raise InvalidArgumentError(
            None, None, f"Shape mismatch in tuple component {number}. Expected {texts[0]}, got {texts[1]}"
        )
