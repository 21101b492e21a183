"""The Python state that a function can reach, as it was: whether it still is so.

Containers are compared by the identities of what is in them, so nothing of the user's is called, and a value that was
replaced by an equal one counts as changed.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Collection, Iterable
from operator import is_
from types import BuiltinFunctionType, CellType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from ..tensors.tensor import Tensor
from .conditions import Conditions

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
        self._asked: Callable[[], Any] | None = None  # whether all is as it was, once that was asked
        self.tensors: dict[int, Tensor] = {}  # that can be reached, by identity

    def holds(self) -> bool:
        """Whether everything is as it was."""
        if self._asked is None:
            asked = Conditions()
            self.conditions(asked)
            self._asked = asked.function("", "True")
        return self._asked() is True

    def conditions(self, asked: Conditions) -> None:
        """Adds that everything is as it was."""
        for names, name, value in self._names:
            asked.require(
                "{names}.get({name}, {missing}) is {value}", names=names, name=name, missing=_MISSING, value=value
            )
        if self._cells:
            asked.do("try:")
            for cell, value in self._cells:
                if value is _MISSING:
                    asked.do(
                        "    if {content}({cell}) is not {value}: return None", content=_content, cell=cell, value=value
                    )
                else:
                    asked.do("    if {cell}.cell_contents is not {value}: return None", cell=cell, value=value)
            asked.do("except ValueError: return None")
        if self._empty:
            asked.require("not any({empty})", empty=self._empty)
        for mapping, keys, values in self._mappings:
            asked.require(
                f"len({{mapping}}) == {len(keys)} and all(map({{same}}, {{mapping}}, {{keys}}))"
                " and all(map({same}, {mapping}.values(), {values}))",
                mapping=mapping, keys=keys, values=values, same=is_,
            )  # fmt: skip
        for sequence, values in self._sequences:
            asked.require(
                f"len({{sequence}}) == {len(values)} and all(map({{same}}, {{sequence}}, {{values}}))",
                sequence=sequence, values=values, same=is_,
            )  # fmt: skip

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
