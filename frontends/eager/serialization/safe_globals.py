"""Classes and functions that programs declare to be safe in the files they load."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any

Safe = Callable[..., Any] | tuple[Callable[..., Any], str]

_declared: list[Safe] = []


def add_safe_globals(safe_globals: Sequence[Safe]) -> None:
    """Files loaded with weights_only=True may hold these from now on: classes and functions, or pairs of one with the
    full name by which files mean it. Raises ValueError and TypeError for pairs that are none."""
    for each in safe_globals:
        _check(each)
    _declared.extend(each for each in safe_globals if each not in _declared)


def get_safe_globals() -> list[Safe]:
    """What has been declared."""
    return list(_declared)


def clear_safe_globals() -> None:
    """Forgets all that has been declared."""
    _declared.clear()


class safe_globals:
    """A context in which these are declared to be safe."""

    def __init__(self, safe_globals: Sequence[Safe]) -> None:
        self.safe_globals = list(safe_globals)

    def __enter__(self) -> None:
        add_safe_globals(self.safe_globals)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        _declared[:] = [each for each in _declared if each not in self.safe_globals]


def _check(each: Any) -> None:
    if not isinstance(each, tuple):
        return
    if len(each) != 2:
        raise ValueError(
            f"Expected tuple of length 2 (global, str of callable full path), but got tuple of length: {len(each)}"
        )
    if type(each[1]) is not str:
        raise TypeError(f"Expected second item in tuple to be str of callable full path, but got: {type(each[1])}")


def declared(full: str, target: Any) -> Any:
    """What is declared under a full name, or as `target`; None where nothing is."""
    for each in _declared:
        value, name = each if isinstance(each, tuple) else (each, f"{each.__module__}.{each.__qualname__}")
        if value is target or name == full:
            return value
    return None
