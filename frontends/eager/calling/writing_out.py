"""`out=`: what a function returns is written into tensors that the caller gives."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any

from ..promotion import category
from ..tapes.callers import renamed
from ..tapes.mode import mode, no_grad
from ..tapes.recording import call, copy
from ..tensors import views
from ..tensors.inplace import check_writable, fit
from ..tensors.sharing import check_apart
from ..tensors.tensor import Tensor
from .taking_out import MAKES, NO_PART_SHARED, NONE_SHARED, SAME_DTYPE, TAKES_OUT


def with_out(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, which takes `out` as well where PyTorch's does."""
    if name not in TAKES_OUT:
        return function

    @functools.wraps(function)
    def called(*arguments: Any, out: Any = None, **options: Any) -> Any:
        if out is None:
            return function(*arguments, **options)
        if name in MAKES:
            options.setdefault("dtype", out.dtype)
        result = function(*arguments, **options)
        pairs = [(result, out)] if isinstance(out, Tensor) else list(zip(result, out, strict=True))
        if name in NO_PART_SHARED:
            given = [*arguments, *options.values()]
            operands = [each for value in given for each in (value if isinstance(value, (list, tuple)) else (value,))]
            for value, target in pairs:
                views.check_distinct(target)
                if name in NONE_SHARED:  # which look at it in its new size
                    resize_out(target, tuple(value.shape), 3)
                check_apart(target, operands, wholly=name in NONE_SHARED)
        for value, target in pairs:
            _written(name, value, target)
        if isinstance(out, Tensor):
            return out
        return type(result)(*out) if hasattr(result, "_fields") else tuple(out)

    return renamed(called, name)


def _written(name: str, value: Tensor, out: Tensor) -> Tensor:
    """`out` after the value has been written there. Raises RuntimeError where gradients are asked for, or the dtype
    does not fit."""
    name = {"normalize": "div"}.get(name, name)  # the last of the functions that it consists of
    if mode.enabled and (value.requires_grad or out.requires_grad):
        raise RuntimeError(
            f"{name}(): functions with out=... arguments don't support automatic differentiation, but one of the "
            "arguments requires grad."
        )
    if name in SAME_DTYPE and value.dtype is not out.dtype:
        raise RuntimeError(
            f"Expected out tensor to have dtype {value.dtype.native}, but got {out.dtype.native} instead"
        )
    if category(value.dtype.ir) > category(out.dtype.ir):
        raise RuntimeError(
            f"result type {value.dtype.scalar} can't be cast to the desired output type {out.dtype.scalar}"
        )
    resize_out(out, tuple(value.shape), 4)
    check_writable(out)
    with no_grad():
        views.overwrite(out, call(copy, (fit(value, out),)))
    return out


def resize_out(out: Tensor, shape: tuple[int, ...], stacklevel: int) -> None:
    """Gives `out` the shape of its function's result, and warns where it had another and held something; `stacklevel`
    leads to the user's line."""
    from ..functions.resizing_in_place import resize_

    if tuple(out.shape) == shape:
        return
    if out.numel():
        warnings.warn(
            f"An output with one or more elements was resized since it had shape {list(out.shape)}, which does not "
            "match the required output shape "
            f"{list(shape)}. This behavior is deprecated, and in a future PyTorch release outputs will not be resized "
            "unless they have zero elements. You can explicitly reuse an out tensor t by resizing it, inplace, to zero "
            "elements with t.resize_(0).",
            UserWarning,
            stacklevel=stacklevel,
        )
    resize_(out, shape)
