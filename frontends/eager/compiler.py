"""`torch.compile` and `torch.compiler`: calls are compiled anyhow, so what is given passes through."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from diptych.names import limited

from .nn.module import Module

Function = TypeVar("Function")

_MODES = ("default", "lite", "reduce-overhead", "max-autotune-no-cudagraphs", "max-autotune")


@limited("passes calls through, as every call is compiled; breaks of a graph are not told")
def compile(
    model: Any = None,
    *,
    fullgraph: bool = False,
    dynamic: bool | None = None,
    backend: Any = "inductor",
    mode: str | None = None,
    options: Any = None,
    disable: bool = False,
) -> Any:
    """A callable that gives the same results: a module stays itself, with `_orig_mod`; without `model`, a decorator.

    Raises RuntimeError for both `mode` and `options`, and for a mode that is none.
    """
    if mode is not None and options is not None:
        raise RuntimeError("Either mode or options can be specified, but both can't be specified at the same time.")
    if mode is not None and mode not in _MODES:
        raise RuntimeError(f"Unrecognized mode={mode}, should be one of: {', '.join(_MODES)}")
    if model is None:
        return lambda model: compile(model, fullgraph=fullgraph, dynamic=dynamic, backend=backend, disable=disable)
    if isinstance(model, Module):
        return model if disable else OptimizedModule(model)
    if not callable(model):
        raise RuntimeError(f"torch.compile: model is a {type(model).__name__} but must be a module or a function")
    return _passing(model)


def _passing(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def compiled(*arguments: Any, **keywords: Any) -> Any:
        return function(*arguments, **keywords)

    return compiled


class OptimizedModule(Module):
    """A compiled module: it calls `_orig_mod`, whose attributes are its own; names in its state begin with that."""

    def __init__(self, mod: Module) -> None:
        super().__init__()
        self._orig_mod = mod
        self.training = mod.training

    def forward(self, *arguments: Any, **keywords: Any) -> Any:
        """What the module gives."""
        return self._orig_mod(*arguments, **keywords)

    def __getattr__(self, name: str) -> Any:
        own = self.__dict__.get("_modules", {})
        if name == "_orig_mod":
            return own["_orig_mod"]
        return getattr(own["_orig_mod"], name)


def is_compiling() -> bool:
    """False."""
    return False


def is_dynamo_compiling() -> bool:
    """False."""
    return False


def is_exporting() -> bool:
    """False."""
    return False


def reset() -> None:
    """Does nothing: there is nothing to forget."""


def disable(fn: Any = None, recursive: bool = True, *, reason: str | None = None) -> Any:
    """The function itself; without one, a decorator."""
    return fn if fn is not None else lambda function: function


def allow_in_graph(fn: Function) -> Function:
    """The function itself."""
    return fn


def assume_constant_result(fn: Function) -> Function:
    """The function itself."""
    return fn


def cudagraph_mark_step_begin() -> None:
    """Does nothing."""


def list_backends(exclude_tags: Any = ("debug", "experimental")) -> list[str]:
    """ "inductor", whose name is taken for the backend that is set."""
    return ["inductor"]
