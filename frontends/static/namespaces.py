"""The API as Python modules: `tf.nn` is `diptych.static.nn`, made from the names that objects were exported under."""

from __future__ import annotations

import difflib
import sys
from types import ModuleType
from typing import Any

from .exports import NAMES


class Namespace(ModuleType):
    """A module of the API. A name that it has not says what comes near."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        raise AttributeError(missing(self.__name__, name))


def missing(module: str, name: str) -> str:
    """What is said of a name that the API has not: the nearest ones that it has."""
    prefix = module.removeprefix(_ROOT).lstrip(".")
    full = f"{prefix}.{name}" if prefix else name
    nearest = difflib.get_close_matches(full, NAMES, n=3, cutoff=0.6)
    hint = f": the nearest names are {', '.join(f'tf.{other}' for other in nearest)}" if nearest else ""
    return f"module {module!r} has no attribute {name!r}, or diptych does not have it yet{hint}"


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
