"""The Python state that a function can reach, as it was: whether it still is so.

Containers are compared by the identities of what is in them, so nothing of the user's is called, and a value that was
replaced by an equal one counts as changed.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Collection, Iterable
from operator import is_
from types import BuiltinFunctionType, CellType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from ..tensors.tensor import Tensor

MAX_PARTS = 20_000  # containers that are looked into

_WHOLE = (
    bool, int, float, complex, str, bytes, type(None), type(Ellipsis), type(NotImplemented), type, FunctionType,
    BuiltinFunctionType, ModuleType, Tensor, range, slice, np.generic, np.dtype,
)  # fmt: skip
_MISSING = object()


class Beyond(Exception):
    """State that cannot be compared."""


class Snapshot:
    """Containers with what was in them. Raises Beyond for state that changes unseen: iterators, arrays, generators of
    random numbers, too much of it."""

    def __init__(self) -> None:
        self._mappings: list[tuple[dict[Any, Any], tuple[Any, ...], tuple[Any, ...]]] = []
        self._empty: list[Collection[Any]] = []
        self._sequences: list[tuple[Any, tuple[Any, ...]]] = []
        self._names: list[tuple[dict[str, Any], str, Any]] = []
        self._cells: list[tuple[CellType, Any]] = []
        self._seen: dict[int, Any] = {}
        self.tensors: dict[int, Tensor] = {}  # that can be reached, by identity

    def holds(self) -> bool:
        """Whether everything is as it was."""
        if any(self._empty):
            return False
        for mapping, keys, values in self._mappings:
            if len(mapping) != len(keys) or not (
                all(map(is_, mapping, keys)) and all(map(is_, mapping.values(), values))
            ):
                return False
        for sequence, values in self._sequences:
            if len(sequence) != len(values) or not all(map(is_, sequence, values)):
                return False
        for names, name, value in self._names:
            if names.get(name, _MISSING) is not value:
                return False
        try:
            for cell, value in self._cells:
                if cell.cell_contents is not value:
                    return False
        except ValueError:  # nothing is there any more, or yet
            return all(_content(cell) is value for cell, value in self._cells)
        return True

    def add_names(self, names: dict[str, Any], wanted: Iterable[str]) -> None:
        """What these names stand for in a module, and what names stand for in modules that they name."""
        wanted = tuple(wanted)
        for name in wanted:
            value = names.get(name, _MISSING)
            if value is _MISSING:
                continue
            self._names.append((names, name, value))
            if isinstance(value, ModuleType):
                if value.__name__ == "numpy.random" or (value.__name__ == "numpy" and "random" in wanted):
                    raise Beyond("it can reach numpy.random")
                if not _is_settled(value) and id(value) not in self._seen:
                    self._seen[id(value)] = value
                    self.add_names(value.__dict__, wanted)
            else:
                self.add(value)

    def add_cell(self, cell: CellType) -> None:
        """A variable that a function shares with the one around it."""
        value = _content(cell)
        self._cells.append((cell, value))
        if value is not _MISSING:
            self.add(value)

    def add(self, value: Any) -> None:
        """A value, with all that it holds."""
        pending = [value]
        while pending:
            value = pending.pop()
            if type(getattr(value, "__self__", None)).__module__.startswith("numpy.random"):
                raise Beyond("it can reach numpy.random")
            if isinstance(value, Tensor):
                self.tensors[id(value)] = value
            if isinstance(value, _WHOLE) or id(value) in self._seen:
                continue
            self._seen[id(value)] = value
            if len(self._seen) > MAX_PARTS:
                raise Beyond("it can reach too much Python state")
            pending.extend(self._parts(value))

    def _parts(self, value: Any) -> Iterable[Any]:
        if isinstance(value, MethodType):
            return (value.__self__,)
        if isinstance(value, (dict, OrderedDict, defaultdict)):
            if not value:
                self._empty.append(value)
            else:
                self._mappings.append((value, tuple(value), tuple(value.values())))
            return value.values()
        if isinstance(value, (list, tuple, set, frozenset)):
            if not value:
                self._empty.append(value)
            elif not isinstance(value, (tuple, frozenset)):
                self._sequences.append((value, tuple(value)))
            return tuple(value)
        if isinstance(value, np.ndarray) or type(value).__module__.startswith("numpy.random"):
            raise Beyond(f"it can reach a {type(value).__module__}.{type(value).__name__}")
        if hasattr(value, "__next__"):
            raise Beyond(f"it can reach an iterator, a {type(value).__name__}")
        found = getattr(value, "__dict__", None)
        if _is_own_state(value) or not isinstance(found, dict):
            return ()
        return (found,)


def _is_same(container: Collection[Any], values: tuple[Any, ...]) -> bool:
    return len(container) == len(values) and all(map(is_, container, values))


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # nothing yet
        return _MISSING


def _is_settled(module: ModuleType) -> bool:
    """Whether a module is of a library, whose names stand."""
    from ..tapes.callers import is_library

    return is_library(getattr(module, "__name__", ""), getattr(module, "__file__", None) or "<")


def _is_own_state(value: Any) -> bool:
    """Whether the package does what changes this object again, step by step."""
    from ..optim.optimizer import Optimizer

    return isinstance(value, Optimizer)
