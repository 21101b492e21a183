"""`torch.compile` and `torch.compiler`: calls are compiled anyhow; here a function's Python is left out, where nothing
that it does would be missed."""

from __future__ import annotations

import functools
from typing import Any, TypeVar

from diptych.names import limited

from .capturing.compiled import Compiled
from .nn.module import Module
from .nn.parallel import DistributedDataParallel

Function = TypeVar("Function")

_MODES = ("default", "lite", "reduce-overhead", "max-autotune-no-cudagraphs", "max-autotune")


@limited("`dynamic`, `backend`, `mode` and `options` change nothing: each shape has a program of its own")
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
    """A callable that gives the same results: a module that has `model` as `_orig_mod`; without `model`, a decorator.

    After two calls with arguments of the same types, what `model` did to tensors is recorded again without running its
    Python, backwards and steps of optimizers within it too, for as long as the Python state that it can reach is as it
    was. A function that reads values, prints, draws numbers from elsewhere or changes that state runs as it is;
    `DIPTYCH_LOG=retrace` says why. With `fullgraph` it raises GraphBreak, a RuntimeError, naming the line. Raises
    RuntimeError for both `mode` and `options`, and for a mode that is none.
    """
    if mode is not None and options is not None:
        raise RuntimeError("Either mode or options can be specified, but both can't be specified at the same time.")
    if mode is not None and mode not in _MODES:
        raise RuntimeError(f"Unrecognized mode={mode}, should be one of: {', '.join(_MODES)}")
    if model is None:
        return lambda model: compile(model, fullgraph=fullgraph, dynamic=dynamic, backend=backend, disable=disable)
    if not callable(model):
        raise RuntimeError(f"torch.compile: model is a {type(model).__name__} but must be a module or a function")
    if disable:
        return model
    if isinstance(model, Module):
        return OptimizedModule(model, fullgraph=fullgraph)
    captured = Compiled(model, is_whole=fullgraph)

    @functools.wraps(model)
    def compiled(*arguments: Any, **keywords: Any) -> Any:
        return captured(*arguments, **keywords)

    return compiled


class OptimizedModule(Module):
    """A compiled module: it calls `_orig_mod`, whose attributes are its own; names in its state begin with that."""

    def __init__(self, mod: Module, *, fullgraph: bool = False) -> None:
        super().__init__()
        self._orig_mod = mod
        self.training = mod.training
        if isinstance(mod, DistributedDataParallel):
            mod._capture(functools.partial(Compiled, is_whole=fullgraph))
            self._compiled: Any = mod.__call__
        else:
            self._compiled = Compiled(mod.__call__, is_whole=fullgraph)

    def forward(self, *arguments: Any, **keywords: Any) -> Any:
        """What the module gives."""
        return self._compiled(*arguments, **keywords)

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
