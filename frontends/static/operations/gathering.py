"""Rows and elements picked by index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diptych.ir import Value

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.definitions import operation
from ..graphs.dtypes import INDICES, int32
from ..graphs.scopes import name_scope
from ..graphs.shapes import Dims, runtime_text
from ..graphs.site import Refusal, Site, known_shape, require_rank
from ..graphs.tensor import Tensor
from .arrays import axis_of


@operation(
    "GatherV2", "params: Tparams, indices: Tindices, axis: Taxis -> Tparams",
    defaults={"Tindices": int32, "Taxis": int32}, Tindices=INDICES, Taxis=INDICES,
)  # fmt: skip
def lower_gather(at: Site, params: Value, indices: Value, axis: Value, *, batch_dims: int = 0) -> Value:
    """params[..., indices, ...]: the indices' axes take the place of `axis`; the first `batch_dims` axes of both go
    together."""
    require_rank(params.shape, 1, "params must be at least 1 dimensional", at_least=True)
    b, count = at.b, indices.rank
    place = axis_of(at.integer(axis), params.rank)
    batch = batch_dims + count if batch_dims < 0 else batch_dims
    if not batch <= place or batch > count:
        raise Refusal(f"batch_dims ({batch}) must be at most axis ({place}) and the rank of indices ({count})")
    for number in range(batch):
        if params.shape[number] != indices.shape[number]:
            sizes = f"{params.shape[number]} and {indices.shape[number]}"
            raise Refusal(f"Dimensions must be equal, but are {sizes}")
    rows = [b.iota(shape=indices.shape, axis=number, dtype=indices.dtype) for number in range(batch)]
    taken = b.gather(params, *rows, indices, axes=(*range(batch), place))
    between = place - batch
    if not between:
        return taken
    order = (*range(batch), *range(count, count + between), *range(batch, count), *range(count + between, taken.rank))
    return b.transpose(taken, permutation=order)


@export("gather")
def gather(
    params: Any,
    indices: Any,
    validate_indices: Any = None,
    name: str | None = None,
    axis: Any = None,
    batch_dims: int = 0,
) -> Tensor:
    """Slices of `params` along `axis` (`batch_dims`) at `indices`, whose axes take its place.

    The first `batch_dims` axes of both are a batch: each of its members has indices of its own.
    """
    place = batch_dims if axis is None else axis
    return apply("GatherV2", [params, indices, place], name=name, batch_dims=batch_dims)


@export("batch_gather")
def batch_gather(params: Any, indices: Any, name: str | None = None) -> Tensor:
    """params[..., indices[..., i]]: all axes of `indices` but the last are a batch. Raises ValueError."""
    with name_scope(name, "BatchGather", [params, indices]):
        indices = convert_to_tensor(indices, name="indices")
        params = convert_to_tensor(params, name="params")
        if indices.shape.ndims is None:
            raise ValueError("batch_gather does not allow indices with unknown shape.")
        batch = indices.shape.ndims - 1
        return apply("GatherV2", [params, indices, batch], batch_dims=batch)


def _picked_shape(inputs: Sequence[Tensor], *, batch_dims: int = 0) -> list[Dims | None]:
    params, indices = (tensor._dims for tensor in inputs)
    if params is None or not indices or indices[-1] is None:
        return [None]
    count = batch_dims + indices[-1]
    if count > len(params):
        raise Refusal(_too_long(params, indices))
    return [(*indices[:-1], *params[count:])]


def _too_long(params: Sequence[Any], indices: Sequence[Any]) -> str:
    return (
        f"indices.shape[-1] must be <= params.rank, but saw indices shape: {runtime_text(tuple(indices))} "
        f"and params shape: {runtime_text(tuple(params))}"
    )


@operation(
    "GatherNd", "params: Tparams, indices: Tindices -> Tparams", defaults={"Tindices": int32}, Tindices=INDICES,
    shape=_picked_shape,
)  # fmt: skip
def lower_gather_nd(at: Site, params: Value, indices: Value, *, batch_dims: int = 0) -> Value:
    """The slices of params at the indices along the last axis of `indices`; the first `batch_dims` axes of both go
    together."""
    require_rank(params.shape, 1, "params must be at least a vector", at_least=True)
    require_rank(indices.shape, 1, "indices must be at least a vector", at_least=True)
    parts = index_parts(at, indices)
    if len(parts) > params.rank - batch_dims:
        raise Refusal(
            _too_long(params.shape, indices.shape),
            f"index innermost dimension length must be <= params rank; saw: {len(parts)} vs. {params.rank}",
        )
    b, outer = at.b, indices.shape[:-1]
    rows = [b.iota(shape=outer, axis=number, dtype=indices.dtype) for number in range(batch_dims)]
    if not rows and not parts:
        return b.broadcast(params, shape=(*outer, *params.shape), axes=range(len(outer), len(outer) + params.rank))
    return b.gather(params, *rows, *parts, axes=range(batch_dims + len(parts)))


def index_parts(at: Site, indices: Value) -> list[Value]:
    """The index along each axis, of indices that stand along a last axis: [...] of [..., axes]."""
    b, outer, count = at.b, indices.shape[:-1], known_shape(indices)[-1]
    pieces = [
        b.slice(indices, start=(*(0 for _ in outer), part), limit=(*outer, part + 1), stride=(1,) * indices.rank)
        for part in range(count)
    ]
    return [b.reshape(piece, shape=outer) for piece in pieces]


@export("gather_nd", "manip.gather_nd")
def gather_nd(params: Any, indices: Any, name: str | None = None, batch_dims: int = 0) -> Tensor:
    """The slices of `params` at the index vectors along the last axis of `indices`; the first `batch_dims` axes of both
    are a batch. Raises ValueError."""
    return apply("GatherNd", [params, indices], name=name, batch_dims=batch_dims)
