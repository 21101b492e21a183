"""The API as Python modules: `tf.nn` is `diptych.static.nn`, made from the names that objects were exported under."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from diptych.names import missing_name

from .exports import NAMES


class Namespace(ModuleType):
    """A module of the API. A name that it has not says what comes near."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        raise missing(self.__name__, name)


def missing(module: str, name: str) -> Exception:
    """The error for a name that a module of the API has not."""
    path = module.removeprefix(_ROOT)
    beside = (full.rpartition(".") for full in NAMES)
    return missing_name(f"tensorflow{path}", name, [last for front, _, last in beside if front == path.lstrip(".")])


_ROOT = __name__.rsplit(".", 1)[0]


def build(root: ModuleType) -> None:
    """Puts every exported object under its names below `root`, making the modules between."""
    for name, value in NAMES.items():
        *path, last = name.split(".")
        module = root
        for depth, part in enumerate(path):
            module = _submodule(module, part, f"{root.__name__}.{'.'.join(path[: depth + 1])}")
        setattr(module, last, value)


def _submodule(parent: ModuleType, name: str, full: str) -> ModuleType:
    found = parent.__dict__.get(name)
    if isinstance(found, Namespace):
        return found
    made = Namespace(full, f"The part `tf{full.removeprefix(_ROOT)}` of the API.")
    made.__path__ = []  # a package, so that `import diptych.static.nn` finds what sys.modules has
    sys.modules[full] = made
    setattr(parent, name, made)
    return made
