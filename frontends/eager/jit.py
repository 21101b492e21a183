"""`torch.jit`: what libraries need of it to be imported. Nothing is compiled to TorchScript."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any, NoReturn, TypeVar

from diptych.ir import Unsupported, user_location

from .nn.module import Module as _Module

Decorated = TypeVar("Decorated")


def _refuse(name: str) -> NoReturn:
    raise Unsupported(
        f"torch.jit.{name}: TorchScript is not there",
        location=user_location(),
        hint="the function or module itself: calls are compiled without it",
    )


def script(obj: Any, *arguments: Any, **options: Any) -> NoReturn:
    """Raises Unsupported: there is no TorchScript."""
    _refuse("script")


def trace(func: Any, *arguments: Any, **options: Any) -> NoReturn:
    """Raises Unsupported: there is no TorchScript."""
    _refuse("trace")


def trace_module(mod: Any, *arguments: Any, **options: Any) -> NoReturn:
    """Raises Unsupported: there is no TorchScript."""
    _refuse("trace_module")


def load(f: Any, map_location: Any = None, *arguments: Any, **options: Any) -> NoReturn:
    """Raises Unsupported: there is no TorchScript."""
    _refuse("load")


def save(m: Any, f: Any, *arguments: Any, **options: Any) -> NoReturn:
    """Raises Unsupported: there is no TorchScript."""
    _refuse("save")


def freeze(mod: Any, *arguments: Any, **options: Any) -> NoReturn:
    """Raises Unsupported: there is no TorchScript."""
    _refuse("freeze")


class ScriptModule(_Module):
    """A module of TorchScript; no instance is one."""

    def __init__(self) -> None:
        _refuse("ScriptModule")


class ScriptFunction:
    """A function of TorchScript; none is one."""

    def __init__(self) -> None:
        _refuse("ScriptFunction")


def ignore(drop: Any = False, **options: Any) -> Any:
    """The function itself: it is not compiled."""
    return drop if callable(drop) else lambda function: function


def unused(fn: Decorated) -> Decorated:
    """The function itself."""
    return fn


def export(fn: Decorated) -> Decorated:
    """The function itself."""
    return fn


def interface(obj: Decorated) -> Decorated:
    """The class itself."""
    return obj


def script_if_tracing(fn: Decorated) -> Decorated:
    """The function itself: nothing is traced."""
    return fn


def script_method(fn: Decorated) -> Decorated:
    """The function itself."""
    return fn


def is_scripting() -> bool:
    """False."""
    return False


def is_tracing() -> bool:
    """False."""
    return False


def annotate(the_type: Any, the_value: Decorated) -> Decorated:
    """The value."""
    return the_value


def isinstance(obj: Any, target_type: Any) -> bool:
    """As the builtin."""
    return builtins.isinstance(obj, target_type)


class Attribute(tuple[Any, Any]):
    """A value with its type."""

    __slots__ = ()

    def __new__(cls, value: Any, type: Any) -> Attribute:
        return super().__new__(cls, (value, type))

    value = property(lambda self: self[0])
    type = property(lambda self: self[1])


def fork(func: Callable[..., Any], *arguments: Any, **options: Any) -> NoReturn:
    """Raises Unsupported: there is no TorchScript."""
    _refuse("fork")


@contextmanager
def optimized_execution(should_optimize: bool) -> Any:
    """A block that changes nothing."""
    yield


def enable_onednn_fusion(enabled: bool) -> None:
    """Does nothing."""
