"""The module objects that stand for the frameworks' modules."""

from __future__ import annotations

import dis
import importlib
import sys
from types import FrameType, ModuleType
from typing import Any

from diptych.names import missing_name


class Replacement(ModuleType):
    """A module of a framework, with the names of modules of diptych. Modules below it are imported when asked for."""

    def __init__(self, name: str, sources: tuple[ModuleType, ...]) -> None:
        doc = sources[0].__doc__ if sources else f"`{name}`, of which diptych has nothing yet."
        super().__init__(name, doc)
        self.__dict__["_sources"] = sources
        self.__dict__["__path__"] = []  # a package: whatever stands below is answered for as well
        if sources and hasattr(sources[0], "__file__"):
            self.__dict__["__file__"] = sources[0].__file__
        for source in reversed(sources):
            self.__dict__.update(_public(source))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        if name == self.__name__ == "torch":
            return self  # PyTorch's own imports leave it there
        for source in self._sources:
            value = getattr(source, name, None)
            if value is not None and not isinstance(value, ModuleType):
                return value
        try:
            return importlib.import_module(f"{self.__name__}.{name}")
        except ModuleNotFoundError:
            pass
        error = missing_name(self.__name__, name, self.__dict__, imported=_is_imported_from())
        raise error from None

    def __setattr__(self, name: str, value: Any) -> None:
        """Set in diptych's module too, where it has the name: programs switch flags so."""
        super().__setattr__(name, value)
        if not name.startswith("__") and not isinstance(value, ModuleType):
            for source in self._sources:
                if name in vars(source):
                    setattr(source, name, value)
                    return

    def __dir__(self) -> list[str]:
        return sorted(name for name in self.__dict__ if name != "_sources")


def _public(source: ModuleType) -> dict[str, Any]:
    """The names of a module that are no modules: those below it are modules of their own."""
    return {
        name: value
        for name, value in vars(source).items()
        if not isinstance(value, ModuleType) and (not name.startswith("_") or name in ("__version__", "__all__"))
    }


def _is_imported_from() -> bool:
    """Whether the user's line is about to bind `from module import name`."""
    frame: FrameType | None = sys._getframe(2)
    if frame is None or frame.f_lasti < 0:
        return False
    return dis.opname[frame.f_code.co_code[frame.f_lasti]] == "IMPORT_FROM"
