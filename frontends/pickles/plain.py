"""Pickles of plain data: dicts, lists, strings, numbers and arrays, as CIFAR's batches and keras's files are."""

from __future__ import annotations

from typing import Any

import numpy as np

from .machine import Machine, Refused
from .numpy_values import NUMPY_NAMES, Function, build_numpy

_MAX_DEPTH = 100


def read_plain(data: bytes) -> Any:
    """The value in the pickle `data`; strings of Python 2 as latin-1. Raises Refused for whatever else it may hold, and
    where it is damaged."""
    machine = _Plain(data)
    found = machine.run()
    machine.left = len(data)
    machine.check(found)
    return found


class _Plain(Machine):
    def named(self, module: str, name: str) -> Any:
        known = NUMPY_NAMES.get((module, name))
        return super().named(module, name) if known is None else known

    def called(self, function: Any, arguments: tuple[Any, ...]) -> Any:
        if not isinstance(function, Function):
            return super().called(function, arguments)
        return function.run(self, *arguments)

    def built(self, target: Any, state: Any) -> None:
        if not build_numpy(self, target, state):
            super().built(target, state)

    def check(self, value: Any, depth: int = 0) -> None:
        """Raises Refused for what is not plain, and for what is nested too deeply, as in itself."""
        if depth > _MAX_DEPTH:
            raise Refused("it is nested too deeply")
        self.spend(1)
        kind = type(value)
        if kind in (str, bytes, int, float, bool, type(None)) or isinstance(value, np.generic):
            return
        if kind is np.ndarray:
            parts = value.reshape(-1).tolist() if value.dtype.hasobject else ()
        elif kind is list and set(map(type, value)) <= {int, str}:
            self.spend(len(value))
            return
        elif kind in (list, tuple, dict):
            parts = value.values() if kind is dict else value
        else:
            raise Refused("it holds what is not of plain data")
        for part in parts:
            self.check(part, depth + 1)
