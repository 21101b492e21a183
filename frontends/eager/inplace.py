"""Functions that write into their first operand: the function's result becomes what the tensor and its views show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import views
from .dtypes import SCALAR_TYPES
from .functions.pointwise import cast
from .functions.shapes import expand
from .lazy import Alias
from .mode import mode
from .tensor import Tensor


def check_writable(target: Tensor) -> None:
    """Raises RuntimeError where PyTorch lets nobody write: under gradients that are collected, or into one of several
    views made together."""
    if not mode.enabled:
        return
    view, meta = target._view, target._meta
    if view is not None and view.one_of is not None and target.requires_grad:
        name, number = view.one_of
        raise RuntimeError(
            f"Output {number} of {name} is a view and is being modified inplace. This view is the output of a function "
            "that returns multiple views. Such functions do not allow the output views to be modified inplace. You "
            "should replace the inplace operation by an out-of-place one."
        )
    if meta is None:
        return
    if meta.leaf is not None:
        raise RuntimeError("a view of a leaf Variable that requires grad is being used in an in-place operation.")
    if meta.requires_grad:
        raise RuntimeError("a leaf Variable that requires grad is being used in an in-place operation.")


def fit(value: Tensor, target: Tensor) -> Tensor:
    """`value` as it is written: in the target's dtype and shape. Raises RuntimeError where it cannot be."""
    kind, wanted = value._kind, target._kind
    if kind is wanted:
        return value
    if kind.dtype is not wanted.dtype:
        from .promotion import category

        if category(kind.type.dtype) > category(wanted.type.dtype):
            found, into = (SCALAR_TYPES[each.dtype.name] for each in (kind, wanted))
            raise RuntimeError(f"result type {found} can't be cast to the desired output type {into}")
        value = cast(value, wanted.dtype)
    if kind.shape != wanted.shape:
        if len(kind.shape) > len(wanted.shape) or any(
            size not in (1, full) for size, full in zip(kind.shape[::-1], wanted.shape[::-1], strict=False)
        ):
            raise RuntimeError(
                f"output with shape {list(wanted.shape)} doesn't match the broadcast shape {list(kind.shape)}"
            )
        value = expand(value, wanted.shape)
    return value


def in_place(function: Callable[..., Tensor], name: str) -> Callable[..., Tensor]:
    """The method `name`, which writes function(self, ...) into self."""

    def method(self: Tensor, *arguments: Any, **options: Any) -> Tensor:
        check_writable(self)
        views.write(self, fit(function(self, *arguments, **options), self))
        return self

    method.__name__ = name
    method.__doc__ = f"In place: {function.__doc__}"
    return method


def copy_(self: Tensor, source: Any, non_blocking: bool = False) -> Tensor:
    """Writes `source`, in self's dtype and broadcast to its shape."""
    from .creation import tensor

    check_writable(self)
    given = source if isinstance(source, Tensor) else tensor(source)
    views.write(self, fit(cast(given, self.dtype), self))
    return self


def fill_(self: Tensor, value: Any) -> Tensor:
    """Writes one number everywhere."""
    from .creation import full

    check_writable(self)
    if isinstance(value, Tensor):
        return copy_(self, value)
    views.write(self, full(tuple(self.shape), value, dtype=self.dtype))
    return self


def zero_(self: Tensor) -> Tensor:
    """Writes zeros."""
    return fill_(self, 0)


def detach_(self: Tensor) -> Tensor:
    """Cuts off the history, here and now. Raises RuntimeError for a view."""
    if self._view is not None and self.requires_grad:
        raise RuntimeError("Can't detach views in-place. Use detach() instead")
    meta = self._own_meta()
    meta.alias, meta.leaf, meta.requires_grad = Alias(), None, False
    return self
