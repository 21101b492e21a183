"""Modules called with other parameters and buffers than their own."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ...tensors.tensor import Tensor
from ..module import Module

_NOTHING = object()  # stands where a module has nothing of a name


def functional_call(
    module: Module,
    parameters_and_buffers: dict[str, Tensor],
    args: Any = None,
    kwargs: dict[str, Any] | None = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    """The module's result with the tensors given by dotted name in place of its own; warns that it has moved to
    `torch.func`. Raises RuntimeError where `strict` and names differ, ValueError for two values of one tensor."""
    warnings.warn(
        "`torch.nn.utils.stateless.functional_call` is deprecated as of PyTorch 2.0 and will be removed in a future "
        "version of PyTorch. Please use `torch.func.functional_call` instead which is a drop-in replacement.",
        FutureWarning,
        stacklevel=2,
    )
    return called(module, parameters_and_buffers, args, kwargs, tie_weights=tie_weights, strict=strict)


def called(
    module: Module,
    parameters_and_buffers: dict[str, Tensor],
    args: Any = None,
    kwargs: dict[str, Any] | None = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    """As `functional_call`, without the warning."""
    arguments = () if args is None else args if isinstance(args, tuple) else (args,)
    with _replaced(module, parameters_and_buffers, tie_weights, strict):
        return module(*arguments, **(kwargs or {}))


@contextmanager
def _replaced(module: Module, given: dict[str, Tensor], ties: bool, strict: bool) -> Iterator[None]:
    values = _untied(module, given) if ties else dict(given)
    if strict:
        _check_names(module, values)
    old: dict[str, Any] = {}
    try:
        for name, value in values.items():
            old[name] = _swapped(module, name, value)
        yield
    finally:
        for name in reversed(old):
            found = _swapped(module, name, old[name])
            if name in given:
                given[name] = found  # what was written in place of a buffer


def _swapped(module: Module, path: str, value: Any) -> Any:
    """Puts a tensor under a dotted name; what was there."""
    where, _, name = path.rpartition(".")
    owner = module.get_submodule(where)
    for held in (owner._parameters, owner._buffers):
        if name in held:
            old, held[name] = held[name], value
            return old
    old = getattr(owner, name, _NOTHING)
    if value is _NOTHING:
        delattr(owner, name)
    else:
        setattr(owner, name, value)
    return old


def _untied(module: Module, given: dict[str, Tensor]) -> dict[str, Tensor]:
    """The tensors for all names, where a module holds one tensor under several."""
    names: dict[int, list[str]] = {}
    for name, tensor in (
        *module.named_parameters(remove_duplicate=False), *module.named_buffers(remove_duplicate=False)
    ):  # fmt: skip
        names.setdefault(id(tensor), []).append(name)
    found = dict(given)
    for tied in names.values():
        values = {id(given[name]): given[name] for name in tied if name in given}
        if len(values) > 1:
            raise ValueError(
                f"functional_call got multiple values for keys {sorted(tied)}, which are tied. Consider using "
                "tie_weights=False"
            )
        for value in values.values():
            found.update(dict.fromkeys(tied, value))
    return found


def _check_names(module: Module, values: dict[str, Tensor]) -> None:
    known = {name for name, _ in module.named_parameters(remove_duplicate=False)}
    known |= {name for name, _ in module.named_buffers(remove_duplicate=False)}
    lines: list[str] = []
    for what, names in (("Unexpected", set(values) - known), ("Missing", known - set(values))):
        if names:
            lines.append(f"{what} key(s): {', '.join(map(repr, sorted(names)))}.")
    if lines:
        text = "\n\t".join(lines)
        raise RuntimeError(f"Error(s) in reparametrizing for {module._get_name()}:\n\t{text}")
