"""The state of a session: values of variables, keys and counters of random numbers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
from diptych.backends.processes import random_words
from diptych.ir import TensorType, dtype_of

from ..graphs.operation import Operation
from .lowering import COUNTER, KEY
from .site import StateKey
from .together import is_together


class State:
    """Arrays by state key. `version` changes whenever one appears, or changes its type. Beside them stand the things
    that host operations keep, such as queues."""

    __slots__ = ("_lock", "arrays", "resources", "types", "version")

    def __init__(self) -> None:
        self.arrays: dict[StateKey, Any] = {}
        self.types: dict[StateKey, TensorType] = {}
        self.resources: dict[Operation, Any] = {}
        self.version = 0
        self._lock = threading.Lock()

    def resource(self, operation: Operation, make: Callable[[], Any]) -> Any:
        """What an operation keeps, made when it is first asked for. It has a method `cancel`, for the session's end."""
        with self._lock:
            if operation not in self.resources:
                self.resources[operation] = make()
            return self.resources[operation]

    def type_of(self, key: StateKey) -> TensorType | None:
        """The type of what is kept under `key`; random keys and counters are made when they are first asked for."""
        found = self.types.get(key)
        if found is None and key[0] != "variable":
            self._start(key)
            return self.types[key]
        return found

    def _start(self, key: StateKey) -> None:
        """The seeds of an operation make its key; without seeds the system's randomness does, once a session."""
        operation = key[1]
        seeds = operation.attributes.get("seed", 0), operation.attributes.get("seed2", 0)
        words = [seed % 2**32 for seed in seeds] if any(seeds) else random_words(2, together=is_together())
        for name, array, type in (
            ("key", np.array(words, dtype=np.uint32), KEY),
            ("counter", np.zeros((), dtype=np.uint64), COUNTER),
        ):
            self.arrays[name, operation] = array
            self.types[name, operation] = type

    def put(self, key: StateKey, array: Any) -> None:
        """Keeps `array`, of which nothing else may be left."""
        self.arrays[key] = array
        found = self.types.get(key)
        if found is None or found.shape != array.shape:
            self.types[key] = TensorType(dtype_of(array.dtype), tuple(array.shape))
            self.version += 1

    def clear(self) -> None:
        """Forgets everything, and ends what waits for things of the session."""
        with self._lock:
            kept, self.resources = list(self.resources.values()), {}
        for thing in kept:
            thing.cancel()
        self.arrays.clear()
        self.types.clear()
        self.version += 1
