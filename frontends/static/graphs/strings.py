"""Strings as numbers: what stands for them in programs, which compute with numbers only.

A string that a graph or a variable holds has a number for good, from 0 on. One that comes with a run has a negative
number, which holds for that run; where several processes run it together, one that follows from its bytes alone. Equal
strings have equal numbers; 0 is the empty string, so that zeros are empty.
"""

from __future__ import annotations

import threading
from hashlib import blake2b
from typing import Any

import numpy as np
from diptych.ir import Unsupported, dtypes

Array = np.ndarray[Any, Any]

NUMBER = dtypes.i64  # the type of the numbers

_lock = threading.Lock()
_kept: list[bytes] = [b""]
_numbers: dict[bytes, int] = {b"": 0}


def kept(array: Array) -> Array:
    """Numbers for good of an array of strings. A run that they may be compared in must begin after this."""
    return _filled(array, [_keep(text) for text in array.flat])


def _keep(text: bytes) -> int:
    found = _numbers.get(text)
    if found is None:
        with _lock:
            found = _numbers.setdefault(text, len(_kept))
            if found == len(_kept):
                _kept.append(text)
    return found


def _of_bytes(text: bytes) -> int:
    return -1 - (int.from_bytes(blake2b(text, digest_size=8).digest(), "little") >> 1)


def _filled(like: Array, items: list[int]) -> Array:
    return np.array(items, dtype=NUMBER.numpy).reshape(like.shape)


class RunStrings:
    """The numbers of strings in one run, which several processes may make `together`."""

    def __init__(self, *, together: bool = False) -> None:
        self._together = together
        self._own: dict[int, bytes] = {}
        self._own_numbers: dict[bytes, int] = {}

    def numbers(self, array: Array) -> Array:
        """The numbers of an array of strings."""
        return _filled(array, [self._number(text) for text in array.flat])

    def _number(self, text: bytes) -> int:
        found = _numbers.get(text)
        if found is None:
            found = self._own_numbers.get(text)
        if found is None:
            found = self._own_numbers[text] = _of_bytes(text) if self._together else -1 - len(self._own)
            if self._own.setdefault(found, text) != text:
                raise Unsupported(f"strings {text!r} and {self._own[found]!r} in one run are not supported")
        return found

    def strings(self, numbers: Array) -> Array:
        """The strings that an array of numbers stands for."""
        found = np.empty(np.shape(numbers), dtype=object)
        for place, number in np.ndenumerate(numbers):
            found[place] = _kept[number] if number >= 0 else self._text(int(number))
        return found

    def _text(self, number: int) -> bytes:
        if number not in self._own:
            raise Unsupported(
                "a string that another process has fed is not supported as a result",
                hint="results that have this process's own rows of the batch",
            )
        return self._own[number]

    def kept(self, numbers: Array) -> Array:
        """The same strings as numbers for good."""
        return kept(self.strings(numbers)) if (np.asarray(numbers) < 0).any() else numbers
