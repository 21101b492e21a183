"""What the real frameworks call things: their public names, to tell what diptych lacks from what never was.

The texts beside this file are written by make_names.py.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from functools import cache
from importlib import resources
from types import SimpleNamespace
from typing import Any, NamedTuple, TypeVar, cast

from diptych.ir import Unsupported, user_location

Declared = TypeVar("Declared")

FRAMEWORKS = ("torch", "torchvision", "tensorflow")


class Names(NamedTuple):
    """The modules of a framework and the methods of its classes, each with its public names."""

    modules: dict[str, frozenset[str]]
    classes: dict[str, frozenset[str]]


@cache
def names_of(framework: str) -> Names:
    """The names of one of the frameworks."""
    modules: dict[str, frozenset[str]] = {}
    classes: dict[str, frozenset[str]] = {}
    for line in resources.files(__name__).joinpath(f"{framework}.txt").read_text(encoding="utf-8").splitlines():
        head, _, rest = line.partition(" ")
        if head.endswith("()"):
            classes[head[:-2]] = frozenset(rest.split())
        else:
            modules[head.removesuffix(":")] = frozenset(rest.split())
    return Names(modules, classes)


def limited(limit: str) -> Callable[[Declared], Declared]:
    """Declares what a function or class does not do as the framework does; `diptych check` says it."""

    def declared(value: Declared) -> Declared:
        cast(Any, value).__limit__ = limit
        return value

    return declared


class UnsupportedName(Unsupported, AttributeError):
    """A name of the framework that diptych does not have."""


class UnsupportedImport(Unsupported, ImportError):
    """A name of the framework that was to be imported from where diptych does not have it."""


def has_name(module: str, name: str) -> bool:
    """Whether the real framework has a name, or a module of that name, in `module`, or may have it: of some modules no
    names are known."""
    if module.partition(".")[0] not in FRAMEWORKS:
        return True
    known = names_of(module.partition(".")[0]).modules
    if f"{module}.{name}" in known:
        return True
    return not known[module] or name in known[module] if module in known else False


def missing_name(module: str, name: str, available: Iterable[str], *, imported: bool = False) -> Exception:
    """The error for a name that a module of diptych does not have, told from one that never was; `available` are the
    names among which the nearest is looked for."""
    if not has_name(module, name):
        return _unknown(f"module {module!r} has no attribute {name!r}", name, available)
    kind = UnsupportedImport if imported else UnsupportedName
    return kind(f"{module}.{name}: is not there yet", location=user_location(), hint=_hint(module, name, available))


def missing_method(class_name: str, name: str, available: Iterable[str]) -> Exception:
    """The error for a method that a class of diptych does not have."""
    short = class_name.rpartition(".")[2]
    known = names_of(class_name.partition(".")[0]).classes.get(class_name, ())
    if name not in known:
        return _unknown(f"'{short}' object has no attribute '{name}'", name, available)
    hint = _hint(class_name, name, available)
    return UnsupportedName(f"{class_name}.{name}: is not there yet", location=user_location(), hint=hint)


def _unknown(message: str, name: str, available: Iterable[str]) -> AttributeError:
    """The error, of which Python's traceback asks: did you mean?"""
    return AttributeError(message, name=name, obj=SimpleNamespace(**dict.fromkeys(available)))


def nearest(name: str, available: Iterable[str]) -> list[str]:
    """Up to three public names that look like `name`, the nearest first."""
    public = [each for each in available if not each.startswith("_")]
    return difflib.get_close_matches(name, public, n=3, cutoff=0.7)


def _hint(owner: str, name: str, available: Iterable[str]) -> str | None:
    return ", ".join(f"{owner}.{each}" for each in nearest(name, available)) or None
