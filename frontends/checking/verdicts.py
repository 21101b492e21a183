"""Says of each use whether diptych has it. What is asked are the front ends themselves: there is no second list."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterable
from functools import cache
from types import ModuleType
from typing import Any, Literal, NamedTuple

from diptych.names import has_name, names_of, nearest
from diptych.replace.frameworks import ALL

from .uses import Use

Judgement = Literal["supported", "limited", "missing", "unknown"]  # unknown: the framework has no such name

_MISSING = object()
_OF_EVERY_MODULE = {"__dict__", "__doc__", "__loader__", "__name__", "__package__", "__path__", "__spec__"}


class Verdict(NamedTuple):
    """What is said of a use; `words` are a limit, or the nearest that works."""

    use: Use
    judgement: Judgement
    words: str = ""


def verdicts(uses: Iterable[Use]) -> list[Verdict]:
    """A verdict for each use of a name and keyword, and for each method that is a tensor's without doubt."""
    given = list(uses)
    frameworks = {use.name.partition(".")[0] for use in given} & ALL.keys()
    found: list[Verdict] = []
    for use in given:
        if use.name.startswith("."):
            verdict = _of_method(use, frameworks)
        else:
            verdict = _of_keyword(use) if use.keyword else _of_name(use)
        if verdict is not None:
            found.append(verdict)
    return found


# -- names ----


def _of_name(use: Use) -> Verdict:
    value, place = resolved(use.name)
    if value is not _MISSING:
        limit = inspect.getattr_static(value, "__limit__", "")
        return Verdict(use, "limited" if limit else "supported", limit if isinstance(limit, str) else "")
    module, name = place
    if name in _OF_EVERY_MODULE or (name == "__version__" and module in ALL):
        return Verdict(use, "supported")
    if not has_name(module, name):
        return Verdict(use, "unknown", f"{module} has no {name} in the framework either")
    return Verdict(use, "missing", _nearest(name, _names(module)))


def _of_keyword(use: Use) -> Verdict | None:
    value, _ = resolved(use.name)
    if value is _MISSING:
        return None
    parameters = _parameters(value)
    if parameters is None or use.keyword in parameters:
        return Verdict(use, "supported")
    return Verdict(use, "missing", _nearest(use.keyword, parameters))


@cache
def _parameters(value: Any) -> tuple[str, ...] | None:
    """The keyword arguments that a callable takes; None where it takes any, or does not tell."""
    try:
        signature = inspect.signature(value)
    except (TypeError, ValueError):
        return None
    if any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in signature.parameters.values()):
        return None
    positional = inspect.Parameter.POSITIONAL_ONLY
    own = (name for name, parameter in signature.parameters.items() if parameter.kind is not positional)
    return (*own, *getattr(value, "numpy_names", ()))


@cache
def resolved(dotted: str) -> tuple[Any, tuple[str, str]]:
    """What a dotted name of a framework is in diptych, and (module, name) of the part at which the search ended."""
    framework = ALL[dotted.partition(".")[0]]
    parts = dotted.split(".")
    module = parts[0]
    value: Any = _sources(module)
    for place, part in enumerate(parts[1:], 1):
        found = next((getattr(s, part) for s in _sources(module) or () if _has(s, part)), _MISSING)
        if found is _MISSING or isinstance(found, ModuleType):
            inner = f"{module}.{part}"
            sources = _sources(inner) if framework.sources(inner) is not None else None
            if sources is None:
                return _MISSING, (module, part)
            module, value = inner, sources
            continue
        for attribute in parts[place + 1 :]:  # of a class, say
            if hasattr(type(found), "__getattr__"):
                return found, (module, part)  # an object with attributes of the program's own, such as FLAGS
            found = getattr(found, attribute, _MISSING)
            if found is _MISSING:
                return _MISSING, (".".join(parts[: place + 1]), attribute)
        return found, (module, part)
    if not value and len(parts) > 1:
        return _MISSING, (".".join(parts[:-1]), parts[-1])
    return value, (module, "")


def _has(source: ModuleType, name: str) -> bool:
    try:
        return hasattr(source, name)
    except ImportError:
        return False


@cache
def _sources(module: str) -> tuple[ModuleType, ...]:
    """The modules of diptych in which the names of a framework's module are looked for."""
    found = ALL[module.partition(".")[0]].sources(module)
    return tuple(importlib.import_module(source) for source in found or ())


def _names(module: str) -> list[str]:
    try:
        named = [(name, value) for source in _sources(module) for name, value in vars(source).items()]
        return [name for name, value in named if not name.startswith("_") and not isinstance(value, ModuleType)]
    except KeyError:
        return []


def _nearest(name: str, names: Iterable[str]) -> str:
    near = nearest(name, names)
    return f"nearest: {', '.join(near)}" if near else ""


# -- methods ----

# Of these, too, programs call methods: a name that they have says nothing of tensors.
_ELSEWHERE = frozenset(name for kind in (str, list, dict, set, tuple, int, float, bytes, range) for name in dir(kind))


@cache
def _array_methods() -> frozenset[str]:
    import numpy as np

    return frozenset(dir(np.ndarray))


def _of_method(use: Use, frameworks: Iterable[str]) -> Verdict | None:
    """Of a method that tensors have in PyTorch and not here; None where it may be another object's."""
    name = use.name[1:]
    if "torch" not in frameworks or name in _ELSEWHERE or (not use.is_sure and name in _array_methods()):
        return None
    classes = {path: methods for path, methods in names_of("torch").classes.items() if name in methods}
    if not classes or (not use.is_sure and len(classes) != 1):
        return None
    for path in classes:
        value, _ = resolved(path)
        if value is not _MISSING and hasattr(value, name):
            return Verdict(use, "supported")
    path = next(iter(classes))
    value, _ = resolved(path)
    return Verdict(use, "missing", _nearest(name, [] if value is _MISSING else dir(value)))
