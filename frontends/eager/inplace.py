"""Functions that write into their first operand: the function's result becomes what the tensor and its views show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import views
from .functions.pointwise import cast
from .functions.shapes import expand
from .mode import mode
from .tensor import Tensor


def check_writable(target: Tensor) -> None:
    """Raises RuntimeError where gradients are collected by the target: its value must not change under them."""
    if not mode.enabled:
        return
    if target._leaf is not None:
        raise RuntimeError("a view of a leaf Variable that requires grad is being used in an in-place operation.")
    if target._leaf_requires_grad:
        raise RuntimeError("a leaf Variable that requires grad is being used in an in-place operation.")


def fit(value: Tensor, target: Tensor) -> Tensor:
    """`value` as it is written: in the target's dtype and shape. Raises RuntimeError where it cannot be."""
    kind, wanted = value._kind, target._kind
    if kind is wanted:
        return value
    if kind.dtype is not wanted.dtype:
        from .promotion import category

        if category(kind.type.dtype) > category(wanted.type.dtype):
            names = {"f32": "Float", "f64": "Double", "i64": "Long", "bool": "Bool", "i32": "Int", "f16": "Half",
                     "c64": "ComplexFloat", "c128": "ComplexDouble", "u8": "Byte", "i8": "Char", "i16": "Short",
                     "bf16": "BFloat16"}  # fmt: skip
            found, into = kind.type.dtype.name, wanted.type.dtype.name
            found, into = names.get(found, found), names.get(into, into)
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
    self._detached = True
    self._leaf_requires_grad = False
    return self
