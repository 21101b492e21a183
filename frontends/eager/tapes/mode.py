"""The switches that calls depend on, of each thread its own; above all whether calls are noted for gradients."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Generator
from threading import Lock, local
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from ..device import device
    from ..dtypes import dtype
    from .lazy import Call, Storage


class _Mode(local):
    """`dual`: within a level of gradients forwards, which go through calls that are noted, so that all are.
    `watchers`: who wants to see calls that are noted; the last of them is told.

    They are in one place since each place of a thread's own costs as much to find as a dozen switches in it to read.
    """

    enabled: bool = True
    inference: bool = False
    dual: bool = False
    is_casting: bool = False  # autocast is on for some kind of device, and this is not within a function of its lists
    is_cache_of_casts_enabled: bool = True
    is_anomaly_enabled: bool = False  # gradients are watched
    is_nan_anomalous: bool = True
    default_device: device | None = None
    accelerator: int = 0  # the number of that which "cuda" is

    def __init__(self) -> None:
        self.watchers: list[Watcher] = []
        self.casting: dict[str, bool] = {}  # by kinds of devices
        self.cast_dtypes: dict[str, dtype] = {}  # of the lists of lower precision


class Watcher(Protocol):
    """Somebody who sees calls that are noted for gradients."""

    def noted(self, call: Call) -> None:
        """Sees a call before it is recorded."""

    def made(self, call: Call, storage: Storage) -> None:
        """Sees a result of a call."""


mode = _Mode()
attention_changed: list[Callable[[bool], None]] = []  # who is told when a first thread needs it, and the last no more
_needing = [0]  # how many blocks there are, in all threads, within which what is recorded is looked at
_lock = Lock()


def count_attention(change: int) -> None:
    """A block begins (1) or ends (-1) in which what is recorded is looked at: elsewhere that costs nothing."""
    with _lock:
        _needing[0] += change
        if _needing[0] == max(change, 0):
            for told in attention_changed:
                told(change > 0)


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
        mode.enabled = self.wanted or mode.dual

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        mode.enabled = self.before.pop()

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        if inspect.isgeneratorfunction(function):
            return _switched_generator(function, self.wanted)

        @functools.wraps(function)
        def switched(*arguments: Any, **options: Any) -> Any:
            with _Switch(self.wanted):
                return function(*arguments, **options)

        return switched


def _switched_generator(function: Callable[..., Generator[Any, Any, Any]], wanted: bool) -> Callable[..., Any]:
    """The generator function, switched while its own code runs and not between."""

    @functools.wraps(function)
    def switched(*arguments: Any, **options: Any) -> Generator[Any, Any, Any]:
        generator = function(*arguments, **options)
        try:
            with _Switch(wanted):
                given = next(generator)
            while True:
                try:
                    sent = yield given
                except GeneratorExit:
                    with _Switch(wanted):
                        generator.close()
                    raise
                except BaseException as error:
                    with _Switch(wanted):
                        given = generator.throw(error)
                else:
                    with _Switch(wanted):
                        given = generator.send(sent)
        except StopIteration as end:
            return end.value

    return switched


class _NamedSwitch(_Switch):
    """A switch that also decorates without parentheses."""

    enables: bool

    def __new__(cls, function: Callable[..., Any] | None = None) -> Any:
        switch = super().__new__(cls)
        if function is None:
            return switch
        switch.__init__()
        return switch(function)

    def __init__(self) -> None:
        super().__init__(self.enables)


class no_grad(_NamedSwitch):
    """Within it, results do not require gradients. Also a decorator, with or without parentheses."""

    enables = False


class enable_grad(_NamedSwitch):
    """Within it, calls are noted for gradients again. Also a decorator, with or without parentheses."""

    enables = True


class inference_mode(_Switch):
    """As `no_grad`; what is made within may neither be written to nor kept for a gradient outside. Told by
    `is_inference_mode_enabled`; with `mode` False, gradients are noted again. Also a decorator, with or without
    parentheses."""

    def __new__(cls, mode: Any = True) -> Any:
        switch = super().__new__(cls)
        if isinstance(mode, bool):
            return switch
        switch.__init__()
        return switch(mode)

    def __init__(self, mode: bool = True) -> None:
        super().__init__(not mode)
        self.mode = mode
        self.others: list[bool] = []

    def __enter__(self) -> None:
        self.others.append(mode.inference)
        super().__enter__()
        mode.inference = self.mode
        count_attention(1)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        super().__exit__(kind, error, tb)
        mode.inference = self.others.pop()
        count_attention(-1)

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        if inspect.isgeneratorfunction(function):
            return _switched_generator(function, self.wanted)

        @functools.wraps(function)
        def switched(*arguments: Any, **options: Any) -> Any:
            with inference_mode(self.mode):
                return function(*arguments, **options)

        return switched


def is_inference_mode_enabled() -> bool:
    """Whether this thread is within `inference_mode`."""
    return mode.inference


class set_grad_enabled(_Switch):
    """Sets the switch, at once and until the end of a `with` block where it stands in one. As a decorator it sets it
    within the function alone."""

    def __init__(self, mode: bool) -> None:
        super().__init__(bool(mode))
        self._initial = is_grad_enabled()
        _set(self.wanted)

    def __enter__(self) -> None:
        self.before.append(self._initial)
        _set(self.wanted)

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        _set(self._initial)
        return super().__call__(function)


def _set(enabled: bool) -> None:
    mode.enabled = enabled
