"""Functions that write into their first operand: the function's result becomes what the tensor and its views show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..calling.taking_out import NO_PART_SHARED
from ..dtypes import SCALAR_TYPES
from ..functions.pointwise import cast, clone
from ..functions.shapes import expand
from ..tapes.callers import renamed
from ..tapes.common_device import apart
from ..tapes.lazy import INFERENCE, Alias
from ..tapes.mode import mode
from . import views
from .moving import moved
from .sharing import check_apart
from .tensor import Tensor

_INFERENCE = (
    "Inplace update to inference tensor outside InferenceMode is not allowed.You can make a clone to get a normal "
    "tensor before doing inplace update.See https://github.com/pytorch/rfcs/pull/17 for more details."
)


def check_writable(target: Tensor) -> None:
    """Raises RuntimeError where PyTorch lets nobody write: under gradients that are collected, or into one of several
    views made together."""
    if target._storage.edge == INFERENCE and not mode.inference:
        raise RuntimeError(_INFERENCE)
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
    if meta.alias is not None and meta.alias.made_in:
        made_in = meta.alias.made_in
        now = "with grad mode enabled" if made_in == "no_grad" else "in normal mode"
        raise RuntimeError(
            f"A view was created in {made_in} mode and is being modified inplace {now}. Given that this use case is "
            "ambiguous and error-prone, it is forbidden. You can clarify your code by moving both the view and the "
            f"inplace either both inside the {made_in if made_in == 'no_grad' else 'inference_mode'} block (if you "
            "don't want the inplace to be tracked) or both outside (if you want the inplace to be tracked)."
        )
    if meta.leaf is not None or (meta.requires_grad and view is not None):
        raise RuntimeError("a view of a leaf Variable that requires grad is being used in an in-place operation.")
    if meta.requires_grad:
        raise RuntimeError("a leaf Variable that requires grad is being used in an in-place operation.")


def fit(value: Tensor, target: Tensor) -> Tensor:
    """`value` as it is written: in the target's dtype and shape. Raises RuntimeError where it cannot be."""
    kind, wanted = value._kind, target._kind
    if kind is wanted:
        return value
    if kind.device is not wanted.device and kind.device is not None and wanted.device is not None:
        raise apart(wanted.device, kind.device)
    if kind.dtype is not wanted.dtype:
        from ..promotion import category

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

    looks = name.strip("_") in NO_PART_SHARED

    def method(self: Tensor, *arguments: Any, **options: Any) -> Tensor:
        check_writable(self)
        if looks:
            check_apart(self, arguments)
        views.write(self, fit(function(self, *arguments, **options), self))
        return self

    method.__doc__ = f"In place: {function.__doc__}"
    return renamed(method, name)


def result_or_written(input: Tensor, result: Tensor, inplace: bool) -> Tensor:
    """`result`, or input after it has been written there."""
    if not inplace:
        return result
    check_writable(input)
    views.write(input, fit(result, input))
    return input


def copy_(self: Tensor, other: Tensor, non_blocking: bool = False) -> Tensor:
    """Writes `other`, in self's dtype and broadcast to its shape."""
    if not isinstance(other, Tensor):
        raise TypeError(f"copy_(): argument 'other' (position 1) must be Tensor, not {type(other).__name__}")
    check_writable(self)
    if other is self:
        views.count_version(self)
        return self
    _check_copied(other.shape, self.shape)
    check_apart(self, (other,))
    value = fit(cast(moved(other, self.device), self.dtype), self)
    views.overwrite(self, clone(value) if value is other else value)
    return self


def _check_copied(sizes: Sequence[int], into: Sequence[int]) -> None:
    """Raises RuntimeError, in PyTorch's words, for sizes that do not fit those they are copied into."""
    for place, (size, full) in enumerate(zip(reversed(sizes), reversed(into), strict=False), 1):
        if size not in (1, full):
            raise RuntimeError(
                f"The size of tensor a ({full}) must match the size of tensor b ({size}) at non-singleton dimension "
                f"{len(into) - place}"
            )


def fill_(self: Tensor, value: Any) -> Tensor:
    """Writes one number everywhere."""
    from .creation import full

    check_writable(self)
    if isinstance(value, Tensor):
        if value.ndim:
            raise RuntimeError(
                f"fill_ only supports 0-dimension value tensor but got tensor with {value.ndim} dimensions."
            )
        return copy_(self, value)
    views.overwrite(self, full(tuple(self.shape), value, dtype=self.dtype, device=self.device), is_uniform=True)
    return self


def zero_(self: Tensor) -> Tensor:
    """Writes zeros."""
    return fill_(self, 0)


def detach_(self: Tensor) -> Tensor:
    """Cuts off the history, here and now. Raises RuntimeError for a view."""
    if self._view is not None and not self._view.is_detached:
        raise RuntimeError(
            "Can't detach views in-place. Use detach() instead. If you are using DistributedDataParallel (DDP) for "
            "training, and gradient_as_bucket_view is set as True, gradients are views of DDP buckets, and hence "
            "detach_() cannot be called on these gradients. To fix this error, please refer to the "
            "Optimizer.zero_grad() function in torch/optim/optimizer.py as a reference."
        )
    meta = self._own_meta()
    data = None if meta.alias is None else meta.alias.data
    meta.alias, meta.leaf, meta.requires_grad = Alias(data=data), None, False
    return self
