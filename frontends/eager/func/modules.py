"""Modules as functions of their parameters."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ..functions.joining import stack
from ..nn.module import Module
from ..tapes.mode import no_grad
from ..tensors.tensor import Tensor

_ABSENT = object()


def functional_call(
    module: Module,
    parameter_and_buffer_dicts: Any,
    args: Any = None,
    kwargs: dict[str, Any] | None = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    """module(*args, **kwargs) with some parameters and buffers replaced, given by their names, in a dict or several.
    With `tie_weights` what the module holds under two names is replaced under both.

    Raises ValueError where dicts share a name, RuntimeError with `strict` for names that are missing or unknown.
    """
    if isinstance(parameter_and_buffer_dicts, dict):
        given: dict[str, Any] = dict(parameter_and_buffer_dicts)
    elif isinstance(parameter_and_buffer_dicts, Sequence):
        given = {}
        for each in parameter_and_buffer_dicts:
            if not isinstance(each, dict):
                raise ValueError("Expected all elements of parameter_and_buffer_dicts to be dictionaries")
            if repeated := [name for name in each if name in given]:
                raise ValueError(
                    f"{repeated} appeared in multiple dictionaries; behavior of functional call is ambiguous"
                )
            given.update(each)
    else:
        raise ValueError(
            "Expected parameter_and_buffer_dicts to be a dict, or a list/tuple of dicts, but got "
            f"{type(parameter_and_buffer_dicts)}"
        )
    arguments = args if isinstance(args, tuple) else () if args is None else (args,)
    with _replaced(module, given, tie_weights, strict):
        return module(*arguments, **(kwargs or {}))


@contextmanager
def _replaced(module: Module, given: dict[str, Any], tie_weights: bool, strict: bool) -> Iterator[None]:
    known = dict(module.named_parameters(remove_duplicate=False))
    known.update(module.named_buffers(remove_duplicate=False))
    if strict:
        missing, unknown = [n for n in known if n not in given], [n for n in given if n not in known]
        if missing or unknown:
            parts = [f"Unexpected key(s): {', '.join(unknown)}."] if unknown else []
            parts += [f"Missing key(s): {', '.join(missing)}."] if missing else []
            raise RuntimeError(
                "Error(s) in reparametrizing for " + f"{type(module).__name__}:\n\t" + "\n\t".join(parts)
            )
    wanted = dict(given)
    if tie_weights:
        by_identity = {id(known[name]): each for name, each in given.items() if name in known}
        wanted.update(
            {n: by_identity[id(each)] for n, each in known.items() if n not in given and id(each) in by_identity}
        )
    before: list[tuple[dict[str, Any], str, Any]] = []
    try:
        for name, each in wanted.items():
            path, _, own = name.rpartition(".")
            holder = module.get_submodule(path)
            table = holder._parameters if own in holder._parameters else holder._buffers
            before.append((table, own, table.get(own, _ABSENT)))
            table[own] = each
        yield
    finally:
        for table, own, each in reversed(before):
            if each is _ABSENT:
                del table[own]
            else:
                table[own] = each


def stack_module_state(models: Sequence[Module]) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """(parameters, buffers) of several modules of one kind, by name, stacked along a new first axis.

    Raises RuntimeError for no modules, and for modules that differ in class or mode.
    """
    if not models:
        raise RuntimeError("stack_module_state: Expected at least one model, got 0.")
    if not (all(m.training for m in models) or not any(m.training for m in models)):
        raise RuntimeError("stack_module_state: Expected all models to have the same training/eval mode.")
    if any(type(m) is not type(models[0]) for m in models):
        raise RuntimeError("stack_module_state: Expected all models to be of the same class.")
    tables = [[dict(m.named_parameters()) for m in models], [dict(m.named_buffers()) for m in models]]
    found: list[dict[str, Tensor]] = []
    for table in tables:
        joined: dict[str, Tensor] = {}
        for name in table[0]:
            parts = [each[name] for each in table]
            needs = {each.requires_grad for each in parts}
            if len(needs) > 1:
                raise RuntimeError("Expected tensors of the same requires_grad in all models")
            if all(each.is_leaf for each in parts):
                with no_grad():
                    joined[name] = stack(parts).detach().requires_grad_(needs.pop())
            else:
                joined[name] = stack(parts)
        found.append(joined)
    return found[0], found[1]


def replace_all_batch_norm_modules_(root: Module) -> Module:
    """The module, whose batch normalisations no longer keep running statistics."""
    for each in root.modules():
        if hasattr(each, "running_mean") and hasattr(each, "track_running_stats"):
            each.running_mean = each.running_var = None
            each.num_batches_tracked = None
            each.track_running_stats = False
    return root


def functionalize(func: Any, *, remove: str = "mutations") -> Any:
    """The function itself: values are never changed below the surface."""
    if remove not in ("mutations", "mutations_and_views"):
        raise RuntimeError(f"functionalize(f, remove='mutations'): received invalid argument for remove={remove}.")
    return func


def linearize(func: Any, *primals: Any) -> tuple[Any, Any]:
    """(func(*primals), a function from tangents to how the result changes)."""
    from .derivatives import jvp

    held = copy.copy(primals)
    return func(*primals), lambda *tangents: jvp(func, held, tangents)[1]
