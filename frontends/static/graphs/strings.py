"""Strings as numbers: what stands for them in programs, which compute with numbers only.

A string that a graph or a variable holds has a number for good, from 0 on. One that comes with a run has a negative
number, which holds for that run. Equal strings have equal numbers; 0 is the empty string, so that zeros are empty.
"""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
from diptych.ir import dtypes

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


def _filled(like: Array, items: list[int]) -> Array:
    return np.array(items, dtype=NUMBER.numpy).reshape(like.shape)


class RunStrings:
    """The numbers of strings in one run."""

    def __init__(self) -> None:
        self._own: list[bytes] = []
        self._own_numbers: dict[bytes, int] = {}

    def numbers(self, array: Array) -> Array:
        """The numbers of an array of strings."""
        return _filled(array, [self._number(text) for text in array.flat])

    def _number(self, text: bytes) -> int:
        found = _numbers.get(text)
        if found is None:
            found = self._own_numbers.setdefault(text, -1 - len(self._own))
            if found == -1 - len(self._own):
                self._own.append(text)
        return found

    def strings(self, numbers: Array) -> Array:
        """The strings that an array of numbers stands for."""
        found = np.empty(np.shape(numbers), dtype=object)
        for place, number in np.ndenumerate(numbers):
            found[place] = _kept[number] if number >= 0 else self._own[-1 - number]
        return found

    def kept(self, numbers: Array) -> Array:
        """The same strings as numbers for good."""
        return kept(self.strings(numbers)) if (np.asarray(numbers) < 0).any() else numbers
