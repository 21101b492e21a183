"""`torch.jit`: modules and functions are compiled anyhow, so `script` and `trace` return what they got."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any, NoReturn, TypeVar

from diptych.ir import Unsupported, user_location
from diptych.names import limited

from .nn.module import Module as _Module

Decorated = TypeVar("Decorated")


def _refuse(name: str) -> NoReturn:
    raise Unsupported(
        f"torch.jit.{name}: files of TorchScript are not there",
        location=user_location(),
        hint="torch.save(module.state_dict(), file) and torch.load",
    )


@limited("returns what it got, as every call is compiled; code is not checked to be TorchScript")
def script(obj: Any, optimize: Any = None, _frames_up: int = 0, _rcb: Any = None, example_inputs: Any = None) -> Any:
    """The module, function or class itself."""
    return obj


@limited("returns what it got, as every call is compiled; control flow is not frozen")
def trace(func: Any, example_inputs: Any = None, *arguments: Any, **options: Any) -> Any:
    """The module or function itself; the inputs are not looked at."""
    return func


@limited("returns what it got, as every call is compiled; control flow is not frozen")
def trace_module(mod: _Module, inputs: Any, *arguments: Any, **options: Any) -> _Module:
    """The module itself; the inputs are not looked at."""
    return mod


def load(f: Any, map_location: Any = None, _extra_files: Any = None, _restore_shapes: bool = False) -> NoReturn:
    """Raises Unsupported: files of TorchScript are not read."""
    _refuse("load")


def save(m: Any, f: Any, _extra_files: Any = None) -> NoReturn:
    """Raises Unsupported: files of TorchScript are not written."""
    _refuse("save")


@limited("returns what it got: nothing is inlined")
def freeze(mod: _Module, preserved_attrs: Any = None, optimize_numerics: bool = True) -> _Module:
    """The module itself. Raises RuntimeError, as PyTorch does, for one that trains."""
    if mod.training:
        raise RuntimeError("Freezing is currently only implemented for modules in eval mode. Please call .eval() on "
                           "your module before freezing.")  # fmt: skip
    return mod


@limited("returns what it got: calls are compiled anyhow")
def optimize_for_inference(mod: _Module, other_methods: Any = None) -> _Module:
    """The module itself."""
    return mod


class ScriptModule(_Module):
    """A module written to be compiled: a module as any other here."""


class ScriptFunction:
    """A function of TorchScript; none is one: functions stay themselves."""


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


class _Done:
    def __init__(self, value: Any) -> None:
        self._value = value


@limited("runs the function at once")
def fork(func: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """Calls the function; `wait` gives what it returned."""
    return _Done(func(*arguments, **options))


def wait(future: Any) -> Any:
    """What the function given to `fork` returned."""
    return future._value


@contextmanager
def optimized_execution(should_optimize: bool) -> Any:
    """A block that changes nothing."""
    yield


def enable_onednn_fusion(enabled: bool) -> None:
    """Does nothing."""
