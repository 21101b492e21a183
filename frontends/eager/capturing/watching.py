"""Which code of the user's runs in a function, and what it calls that reaches out of the process or draws numbers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any

from ..tapes.callers import files_inside, is_inside, is_library
from ..tensors.tensor import Tensor
from .log import Log
from .profiling import profiling
from .snapshot import Beyond, Snapshot

_PURE_MODULES = frozenset({
    "math", "cmath", "operator", "_operator", "itertools", "functools", "_functools", "_collections", "collections",
    "copy", "_abc", "abc", "typing", "_struct", "numbers", "enum", "re", "_sre", "_warnings", "sys",
})  # fmt: skip
_IMPURE = frozenset(
    {"print", "input", "open", "exec", "eval", "compile", "__import__", "breakpoint", "globals", "setattr"}
)
_PURE_OWNERS = (list, dict, str, tuple, set, frozenset, int, float, complex, bytes, bytearray, slice, range)


@contextmanager
def watched(log: Log, seen: dict[CodeType, FrameType]) -> Iterator[None]:
    """Notes in `seen` the code that runs within the block, each with a frame of it, and tells the log of calls that
    cannot be done again."""

    def profile(frame: FrameType, event: str, argument: Any) -> None:
        if files_inside.get(frame.f_code.co_filename) or log.is_acting:
            return
        if event == "call":
            if frame.f_code not in seen and not _is_ours(frame):
                seen[frame.f_code] = frame
        elif event == "c_call" and not _is_pure(argument) and not _is_ours(frame):
            name = getattr(argument, "__qualname__", None) or repr(argument)
            log.refuse(f"{name}() is called, whose effect is not seen")

    with profiling(profile):
        yield


def _is_ours(frame: FrameType | None) -> bool:
    """Whether code is the package's own, or a library's that the package calls."""
    while frame is not None and not is_inside(frame):
        if not is_library(frame.f_globals.get("__name__") or "", frame.f_code.co_filename):
            return False
        frame = frame.f_back
    return True


def _is_pure(function: Any) -> bool:
    module = getattr(function, "__module__", None)
    if module == "builtins":
        return function.__name__ not in _IMPURE
    if module in _PURE_MODULES or (module is not None and module.partition(".")[0] == "numpy"):
        return True  # what draws numbers in numpy is no function that is seen here
    owner = getattr(function, "__self__", None)
    if isinstance(owner, type):
        return owner.__module__ == "builtins" or owner.__module__ in _PURE_MODULES
    return isinstance(owner, _PURE_OWNERS) if owner is not None else hasattr(function, "__objclass__")


def snapshot_of(function: Any, arguments: tuple[Any, ...], seen: dict[CodeType, FrameType]) -> Snapshot:
    """The state that the code which ran can reach. Raises Beyond."""
    found = Snapshot(seen)
    for root in (function, *arguments):
        found.add(root)
    for code, frame in seen.items():
        found.add_names(frame.f_globals, code.co_names)
        for name in (*code.co_varnames[: code.co_argcount], *code.co_freevars):
            value = frame.f_locals.get(name)
            if name in code.co_freevars or (hasattr(value, "__dict__") and not isinstance(value, Tensor)):
                found.add(value)
    found.add_functions()
    return found


__all__ = ["Beyond", "snapshot_of", "watched"]
