"""Registering hooks on tensors, and keeping the gradients of tensors that are no leaves."""

from __future__ import annotations

import weakref

from ..tapes.calls import before_grafts
from ..tapes.hooks import Hook, Hooks, RemovableHandle
from ..tapes.tape import refused, tape
from .tensor import Tensor


def hooks_of_leaf(tensor: Tensor) -> Hooks:
    """Who wants the gradient of a leaf."""
    meta = tensor._own_meta()
    if meta.hooks is None:
        meta.hooks = Hooks()
    return meta.hooks


def _of_value(tensor: Tensor) -> Hooks:
    lazy = before_grafts(tensor._read()[0])
    if lazy.hooks is None:
        lazy.hooks = Hooks()
        tape.is_watched = True
    return lazy.hooks


def register(tensor: Tensor, hook: Hook) -> RemovableHandle:
    """Calls `hook` with each gradient of `tensor`, as it is now: one written later has a gradient of its own."""
    refused("a hook is registered")
    if not tensor.requires_grad:
        raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
    hooks = hooks_of_leaf(tensor) if tensor.is_leaf else _of_value(tensor)
    return RemovableHandle(hooks.before, hook)


def register_after(tensor: Tensor, hook: Hook) -> RemovableHandle:
    """Calls `hook(tensor)` whenever `.grad` of a leaf has been added to."""
    refused("a hook is registered")
    if not tensor.is_leaf:
        raise RuntimeError("post accumulate grad hooks cannot be registered on non-leaf tensors")
    if not tensor.requires_grad:
        raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
    return RemovableHandle(hooks_of_leaf(tensor).after, hook)


def retain(tensor: Tensor) -> None:
    """Keeps `.grad` of a tensor that is no leaf."""
    refused("a gradient is retained")
    if not tensor.requires_grad:
        raise RuntimeError("can't retain_grad on Tensor that has requires_grad=False")
    if not tensor.is_leaf:
        _of_value(tensor).retained = weakref.ref(tensor)


def retains(tensor: Tensor) -> bool:
    """Whether `.grad` of a tensor that is no leaf is kept."""
    if tensor.is_leaf:
        return False
    hooks = before_grafts(tensor._read()[0]).hooks
    return hooks is not None and hooks.retained is not None and hooks.retained() is tensor
