"""Whether calls are noted for gradients: one switch a thread."""

from __future__ import annotations

import functools
from collections.abc import Callable
from threading import local
from types import TracebackType
from typing import Any


class _Mode(local):
    enabled: bool = True


mode = _Mode()


def is_grad_enabled() -> bool:
    """Whether calls are noted for gradients in this thread."""
    return mode.enabled


class _Switch:
    """A context manager and decorator that sets the switch."""

    def __init__(self, enabled: bool) -> None:
        self.wanted = enabled
        self.before: list[bool] = []

    def __enter__(self) -> None:
        self.before.append(mode.enabled)
        mode.enabled = self.wanted

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        mode.enabled = self.before.pop()

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def switched(*arguments: Any, **options: Any) -> Any:
            with _Switch(self.wanted):
                return function(*arguments, **options)

        return switched


class no_grad(_Switch):
    """Within it, results do not require gradients. Also a decorator, with or without parentheses."""

    def __new__(cls, function: Callable[..., Any] | None = None) -> Any:
        switch = super().__new__(cls)
        if function is None:
            return switch
        switch.__init__()
        return switch(function)

    def __init__(self) -> None:
        super().__init__(False)


class enable_grad(_Switch):
    """Within it, calls are noted for gradients again."""

    def __init__(self) -> None:
        super().__init__(True)


class set_grad_enabled(_Switch):
    """Sets the switch, at once and until the end of a `with` block where it stands in one."""

    def __init__(self, mode_enabled: bool) -> None:
        super().__init__(mode_enabled)
        self._initial = mode.enabled
        mode.enabled = mode_enabled

    def __enter__(self) -> None:
        self.before.append(self._initial)
        mode.enabled = self.wanted
