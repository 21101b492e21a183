"""The Python state that a function can reach, as it was: whether it still is so.

Containers are compared by the identities of what is in them, so nothing of the user's is called, and a value that was
replaced by an equal one counts as changed.
"""

from __future__ import annotations

import functools
import gc
import sys
from array import array
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Mapping
from operator import is_
from types import (
    BuiltinFunctionType,
    CellType,
    CodeType,
    FunctionType,
    MappingProxyType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
)  # fmt: skip
from typing import Any
from weakref import ReferenceType

import numpy as np

from ..tensors.tensor import Tensor
from .conditions import Conditions

MAX_PARTS = 20_000  # containers that are looked into

_WHOLE = (
    bool, int, float, complex, str, bytes, type(None), type(Ellipsis), type(NotImplemented), range, slice, np.generic,
    np.dtype,
)  # fmt: skip
_MAPPINGS = (dict, OrderedDict, defaultdict, MappingProxyType)
_SEQUENCES = (list, tuple, set, frozenset, deque)
_UNSEEN = (np.ndarray, array, bytearray, memoryview)  # whose elements are no objects that could be told apart
_Cached = type(functools.cache(int))
_MISSING = object()


class Beyond(Exception):
    """State that cannot be compared."""


class Snapshot:
    """Containers with what was in them, for functions of which the code `ran`. Raises Beyond for state that changes
    unseen: iterators, arrays, generators of random numbers, too much of it."""

    def __init__(self, ran: Iterable[CodeType]) -> None:
        self._ran = dict.fromkeys(ran, False)  # whether a function with that code was found
        self._wanted = {name for code in self._ran for name in code.co_names}
        self._mappings: list[tuple[Mapping[Any, Any], tuple[Any, ...], tuple[Any, ...]]] = []
        self._empty: list[Collection[Any]] = []
        self._sequences: list[tuple[Any, tuple[Any, ...]]] = []
        self._names: list[tuple[dict[str, Any], str, Any]] = []
        self._slots: list[tuple[MemberDescriptorType, Any, Any]] = []
        self._cells: list[tuple[CellType, Any]] = []
        self._caches: list[tuple[Any, tuple[Any, ...]]] = []
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
        for slot, owner, value in self._slots:
            asked.require("{of}({slot}, {owner}) is {value}", of=_of_slot, slot=slot, owner=owner, value=value)
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

        for cached, state in self._caches:
            asked.require("{cached}.cache_info()[1:] == {state}", cached=cached, state=state)

    def add_names(self, names: dict[str, Any], wanted: Iterable[str]) -> None:
        """What these names stand for in a module, and what names stand for in modules that they name."""
        wanted = tuple(wanted)
        for name in wanted:
            value = names.get(name, _MISSING)
            if value is _MISSING:
                continue
            self._names.append((names, name, value))
            module = value.__name__ if isinstance(value, ModuleType) else None
            if module == "numpy.random" or (module == "numpy" and "random" in wanted):
                raise Beyond("it can reach numpy.random")
            self.add(value)

    def add_cell(self, cell: CellType) -> None:
        """A variable that a function shares with the one around it."""
        if id(cell) in self._seen:
            return
        self._seen[id(cell)] = cell
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

    def add_functions(self) -> None:
        """The functions that ran and that nothing else led to, such as getters of properties and what C calls."""
        inner = {id(each) for code in self._ran for each in code.co_consts if isinstance(each, CodeType)}
        missing = [code for code, is_found in self._ran.items() if not is_found and id(code) not in inner]
        if missing:
            for each in gc.get_referrers(*missing):
                if isinstance(each, FunctionType) and each.__code__ in missing:
                    self.add(each)

    def _parts(self, value: Any) -> Iterable[Any]:
        """What a value holds, which is noted."""
        if isinstance(value, FunctionType):
            return self._parts_of_function(value)
        if isinstance(value, type):
            return self._parts_of_class(value)
        if isinstance(value, ModuleType):
            if not _is_settled(value):
                self.add_names(value.__dict__, self._wanted)
            return ()
        if isinstance(value, (MethodType, BuiltinFunctionType)):
            return (value.__self__, getattr(value, "__func__", None))
        if isinstance(value, _UNSEEN) or type(value).__module__.startswith("numpy.random"):
            raise Beyond(f"it can reach a {type(value).__module__}.{type(value).__name__}")
        if isinstance(value, Tensor):
            return (value.__dict__,) if value.__dict__ else ()
        held: list[Any] = []
        if isinstance(value, functools.partial):
            held += value.func, value.args, value.keywords
        elif isinstance(value, _Cached):
            self._caches.append((value, value.cache_info()[1:]))  # all but its hits
        elif isinstance(value, ReferenceType):
            found = value()
            if not _is_of_library(type(found)):  # others are let go
                held.append(found)
        elif isinstance(value, _MAPPINGS):
            held += self._noted_mapping(value)
        elif isinstance(value, _SEQUENCES):
            if not value:
                self._empty.append(value)
            elif not isinstance(value, (tuple, frozenset)):
                self._sequences.append((value, tuple(value)))
            held += value
        elif hasattr(value, "__next__"):
            raise Beyond(f"it can reach an iterator, a {type(value).__name__}")
        if not _is_own_state(value):
            held += self._attributes(value)
        return held

    def _noted_mapping(self, value: Mapping[Any, Any]) -> list[Any]:
        if not value:
            self._empty.append(value)
        else:
            self._mappings.append((value, tuple(value), tuple(value.values())))
        return [*value, *value.values()]

    def _attributes(self, value: Any) -> list[Any]:
        """The class of an object, and its attributes in a dict and in slots."""
        made = type(value)
        if made.__module__ == "builtins":
            return []
        held: list[Any] = [made]
        found = getattr(value, "__dict__", None)
        if isinstance(found, dict):
            held.append(found)
        for base in made.__mro__:
            if not _is_of_library(base):
                for slot in base.__dict__.values():
                    if isinstance(slot, MemberDescriptorType):
                        content = _of_slot(slot, value)
                        self._slots.append((slot, value, content))
                        held.append(content)
        return held

    def _parts_of_function(self, function: FunctionType) -> list[Any]:
        """Of a function that ran: its variables of functions around it, its defaults and its attributes."""
        if function.__code__ not in self._ran:
            return []
        self._ran[function.__code__] = True
        for cell in function.__closure__ or ():
            self.add_cell(cell)
        if not function.__dict__:
            self._empty.append(function.__dict__)
        return [function.__defaults__, function.__kwdefaults__, function.__dict__ or None]

    def _parts_of_class(self, made: type) -> list[Any]:
        """Attributes of a class of the program's own; Python's own names for it stand."""
        held: list[Any] = [base for base in made.__bases__ if not _is_of_library(base)]
        if not _is_of_library(made):
            names = made.__dict__
            self._mappings.append((names, tuple(names), tuple(names.values())))
            for name, each in names.items():
                each = getattr(each, "__func__", each)  # of static methods, and methods of classes
                if isinstance(each, FunctionType) or not name.startswith("__"):
                    held.append(each)
        return held


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # nothing yet
        return _MISSING


def _of_slot(slot: MemberDescriptorType, owner: Any) -> Any:
    try:
        return slot.__get__(owner)
    except AttributeError:  # nothing yet
        return _MISSING


def _is_settled(module: ModuleType) -> bool:
    """Whether a module is of a library, whose names stand."""
    from ..tapes.callers import is_library

    return is_library(getattr(module, "__name__", ""), getattr(module, "__file__", None) or "<")


def _is_of_library(made: type) -> bool:
    """Whether a class is of a library."""
    module = sys.modules.get(made.__module__)
    return made.__module__ == "builtins" if module is None else _is_settled(module)


def _is_own_state(value: Any) -> bool:
    """Whether the package does what changes this object again, step by step."""
    from ..optim.optimizer import Optimizer

    return isinstance(value, Optimizer)
