"""Reductions over axes, and the places of largest and smallest elements."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from diptych.ir import Value

from ...functions import reductions
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import constant_of, convert_to_tensor
from ..graphs.definitions import operation
from ..graphs.dtypes import INDICES, NUMBERS, REALS, DType, as_dtype, bool_, int32, int64
from ..graphs.scopes import name_scope
from ..graphs.shapes import runtime_text
from ..graphs.site import Refusal, Site
from ..graphs.tensor import Tensor
from .arrays import either, rank
from .ranges import range as range_of


def axes_of(at: Site, x: Value, indices: Value) -> list[int]:
    """The axes to reduce, counted from 0, each once. Raises Refusal for one out of range."""
    found: set[int] = set()
    for axis in at.integers(indices):
        if not -x.rank <= axis < x.rank:
            raise Refusal(
                f"Invalid reduction dimension {axis} for input with {x.rank} dimensions.",
                f"Invalid reduction dimension ({axis} for input with {x.rank} dimension(s)",
            )
        found.add(axis % x.rank)
    return sorted(found)


_Reduce = Callable[..., Value]

_REDUCTIONS: dict[str, tuple[_Reduce, tuple[DType, ...], tuple[str, ...]]] = {
    "Sum": (reductions.sum, NUMBERS, ("reduce_sum", "math.reduce_sum")),
    "Mean": (reductions.mean, NUMBERS, ("reduce_mean", "math.reduce_mean")),
    "Prod": (reductions.prod, NUMBERS, ("reduce_prod", "math.reduce_prod")),
    "Max": (reductions.max, REALS, ("reduce_max", "math.reduce_max")),
    "Min": (reductions.min, REALS, ("reduce_min", "math.reduce_min")),
    "All": (reductions.all, (bool_,), ("reduce_all", "math.reduce_all")),
    "Any": (reductions.any, (bool_,), ("reduce_any", "math.reduce_any")),
}


def _declare(type: str, compute: _Reduce, names: tuple[str, ...], allowed: tuple[DType, ...]) -> None:
    element = "T" if allowed != (bool_,) else "bool"
    limits = {"T": allowed} if element == "T" else {}

    @operation(
        type,
        f"input: {element}, reduction_indices: Tidx -> {element}",
        defaults={"Tidx": int32},
        Tidx=INDICES,
        **limits,
    )
    def lower(at: Site, x: Value, indices: Value, *, keep_dims: bool = False) -> Value:
        return compute(at.b, x, axes_of(at, x, indices), keepdims=keep_dims)

    @export(*names)
    def function(
        input_tensor: Any,
        axis: Any = None,
        keepdims: bool | None = None,
        name: str | None = None,
        reduction_indices: Any = None,
        keep_dims: bool | None = None,
    ) -> Tensor:
        axis = either("axis", axis, "reduction_indices", reduction_indices)
        keep = bool(either("keepdims", keepdims, "keep_dims", keep_dims))
        return reduced(type, input_tensor, axis, keep, name)

    function.__name__ = function.__qualname__ = names[0]
    function.__doc__ = f"{type} over `axis`, an axis, a list of them, or all where it is None."


def reduced(type: str, input_tensor: Any, axis: Any, keep_dims: bool, name: str | None) -> Tensor:
    """The reduction `type` of what may be no tensor yet, over all axes where `axis` is None."""
    if axis is not None:
        return apply(type, [input_tensor, axis], name=name, keep_dims=keep_dims)
    x = convert_to_tensor(input_tensor, dtype_hint=bool_ if type in ("All", "Any") else None)
    if x._dims is not None:
        axes = constant_of(np.arange(len(x._dims), dtype=np.int32), "Const")
        return apply(type, [x, axes], name=name, keep_dims=keep_dims)
    made = apply(type, [x, range_of(0, rank(x))], name=name, keep_dims=keep_dims)
    if not keep_dims:
        made.set_shape(())
    return made


for _type, (_compute, _allowed, _names) in _REDUCTIONS.items():
    _declare(_type, _compute, _names, _allowed)


@export("reduce_logsumexp", "math.reduce_logsumexp")
def reduce_logsumexp(
    input_tensor: Any,
    axis: Any = None,
    keepdims: bool | None = None,
    name: str | None = None,
    reduction_indices: Any = None,
    keep_dims: bool | None = None,
) -> Tensor:
    """log(sum(exp(x))) over `axis`, without overflow."""
    axis = either("axis", axis, "reduction_indices", reduction_indices)
    keep = bool(either("keepdims", keepdims, "keep_dims", keep_dims))
    with name_scope(name, "ReduceLogSumExp", [input_tensor]) as scope:
        return reduced("LogSumExp", input_tensor, axis, keep, scope)


@operation("LogSumExp", "input: T, reduction_indices: Tidx -> T", defaults={"Tidx": int32}, Tidx=INDICES)
def lower_logsumexp(at: Site, x: Value, indices: Value, *, keep_dims: bool = False) -> Value:
    """log(sum(exp(x)))."""
    return reductions.logsumexp(at.b, x, axes_of(at, x, indices), keepdims=keep_dims)


def _arg(at: Site, x: Value, dimension: Value, output_type: DType, find: Callable[..., Value]) -> Value:
    axis = at.integer(dimension)
    if not -x.rank <= axis < x.rank:
        bounds = f"[{-x.rank}, {x.rank})"
        raise Refusal(
            f"Dimension ({axis}) must be in the range {bounds}, "
            f"where {x.rank} is the number of dimensions in the input.",
            f"Expected dimension in the range {bounds}, but got {axis}",
        )
    if x.shape[axis] == 0:
        message = f"Reduction axis {axis % x.rank} is empty in shape {runtime_text(x.shape)}"
        raise Refusal(message)
    return find(at.b, x, axis, output_type.ir)


@operation(
    "ArgMax", "input: T, dimension: Tidx -> output_type", defaults={"Tidx": int32}, Tidx=INDICES, T=(*REALS, bool_)
)
def lower_argmax(at: Site, x: Value, dimension: Value, *, output_type: DType = int64) -> Value:
    """The index of the first largest element."""
    return _arg(at, x, dimension, output_type, reductions.argmax)


@operation(
    "ArgMin", "input: T, dimension: Tidx -> output_type", defaults={"Tidx": int32}, Tidx=INDICES, T=(*REALS, bool_)
)
def lower_argmin(at: Site, x: Value, dimension: Value, *, output_type: DType = int64) -> Value:
    """The index of the first smallest element."""
    return _arg(at, x, dimension, output_type, reductions.argmin)


@export("argmax", "math.argmax")
def argmax(
    input: Any, axis: Any = None, name: str | None = None, dimension: Any = None, output_type: Any = int64
) -> Tensor:
    """The index of the first largest element along `axis`, which is 0 by default."""
    axis = either("axis", axis, "dimension", dimension)
    return apply("ArgMax", [input, 0 if axis is None else axis], name=name, output_type=as_dtype(output_type))


@export("argmin", "math.argmin")
def argmin(
    input: Any, axis: Any = None, name: str | None = None, dimension: Any = None, output_type: Any = int64
) -> Tensor:
    """The index of the first smallest element along `axis`, which is 0 by default."""
    axis = either("axis", axis, "dimension", dimension)
    return apply("ArgMin", [input, 0 if axis is None else axis], name=name, output_type=as_dtype(output_type))


@export("arg_max")
def arg_max(input: Any, dimension: Any, output_type: Any = int64, name: str | None = None) -> Tensor:
    """The index of the first largest element along `dimension`."""
    return argmax(input, dimension, name=name, output_type=output_type)


@export("arg_min")
def arg_min(input: Any, dimension: Any, output_type: Any = int64, name: str | None = None) -> Tensor:
    """The index of the first smallest element along `dimension`."""
    return argmin(input, dimension, name=name, output_type=output_type)
