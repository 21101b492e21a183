"""tf.nn.safe_embedding_lookup_sparse: rows of a table for several integers of each example, put together."""

from __future__ import annotations

from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import int32, int64
from ..graphs.scopes import name_scope
from ..graphs.tensor import Tensor
from ..operations.arrays import expand_dims, reshape, shape
from ..operations.casting import cast
from ..operations.embedding import embedding_lookup
from ..operations.gathering import gather
from ..operations.joining import concat
from ..operations.ranges import ones_like, zeros_like
from ..operations.reductions import reduced
from ..operations.selection import where_v2
from ..operations.sparse_places import sparse_reshape
from ..operations.sparse_tensors import SparseTensor


def _check(sp_ids: Any, combiner: str) -> None:
    if combiner not in ("mean", "sqrtn", "sum"):
        raise ValueError("combiner must be one of 'mean', 'sqrtn' or 'sum'")
    if not isinstance(sp_ids, SparseTensor):
        raise TypeError("sp_ids must be SparseTensor")


def _combined(rows: Tensor, weights: Tensor, numbers: Tensor, count: Any, combiner: str, name: str | None) -> Tensor:
    """[count, dimension]: the weighted sum, or mean, of the rows [n, dimension] of each number; 0 where there is none.
    With "sqrtn" the sum over the root of the sum of the squared weights."""
    weighted = rows * expand_dims(weights, 1)
    if combiner == "sum":
        return apply("UnsortedSegmentSum", [weighted, numbers, count], name=name)
    total = apply("UnsortedSegmentSum", [weighted, numbers, count])
    scales = weights if combiner == "mean" else weights * weights
    whole = apply("UnsortedSegmentSum", [scales, numbers, count])
    whole = whole if combiner == "mean" else apply("Sqrt", [whole])
    return apply("DivNoNan", [total, expand_dims(whole, 1)], name=name)


@export("nn.embedding_lookup_sparse")
def embedding_lookup_sparse(
    params: Any, sp_ids: Any, sp_weights: Any, partition_strategy: str = "mod", name: str | None = None,
    combiner: str | None = None, max_norm: Any = None,
) -> Tensor:  # fmt: skip
    """[examples, dimension]: the rows of a table that the integers of each example name, put together by `combiner`:
    "mean", the default, "sum" or "sqrtn". Raises ValueError and TypeError."""
    chosen = "mean" if combiner is None else combiner
    _check(sp_ids, chosen)
    if sp_weights is not None and not isinstance(sp_weights, SparseTensor):
        raise TypeError("sp_weights must be either None or SparseTensor")
    with name_scope(name, "embedding_lookup_sparse", [sp_ids.values]) as scope:
        numbers = cast(sp_ids.indices[:, 0], int32)
        rows = embedding_lookup(params, sp_ids.values, partition_strategy=partition_strategy, max_norm=max_norm)
        weights = ones_like(rows[:, 0]) if sp_weights is None else cast(sp_weights.values, rows.dtype)
        count = cast(reduced("Max", numbers, [0], False, None) + 1, int32)
        return _combined(rows, weights, numbers, count, chosen, scope)


@export("nn.safe_embedding_lookup_sparse")
def safe_embedding_lookup_sparse(
    embedding_weights: Any, sparse_ids: Any, sparse_weights: Any = None, combiner: str = "mean",
    default_id: int | None = None, name: str | None = None, partition_strategy: str = "div", max_norm: Any = None,
) -> Tensor:  # fmt: skip
    """[..., dimension]: as embedding_lookup_sparse, for ids [..., n], of which negative ones do not count, nor those
    without a positive weight. An example without any has zeros, or the row of `default_id`. Raises ValueError."""
    if embedding_weights is None or (isinstance(embedding_weights, list) and not embedding_weights):
        raise ValueError(f"Missing embedding_weights {embedding_weights}.")
    _check(sparse_ids, combiner)
    with name_scope(name, "embedding_lookup", [sparse_ids.values]) as scope:
        whole = sparse_ids.dense_shape
        rank = sparse_ids.dense_shape.shape[0].value
        ids = sparse_ids
        if rank != 2:
            count = reduced("Prod", whole[:-1], None, False, None)
            ids = sparse_reshape(sparse_ids, concat([expand_dims(count, 0), whole[-1:]], 0))
        zero = zeros_like(ids.values)
        counts = ids.values >= zero
        if sparse_weights is not None and combiner != "sum":
            counts = apply("LogicalAnd", [counts, sparse_weights.values > 0])
        places = apply("Maximum", [ids.values, zero])
        rows = embedding_lookup(embedding_weights, places, partition_strategy=partition_strategy, max_norm=max_norm)
        weights = cast(counts, rows.dtype)
        if sparse_weights is not None:
            weights = weights * cast(sparse_weights.values, rows.dtype)
        numbers, count = cast(ids.indices[:, 0], int32), cast(ids.dense_shape[0], int32)
        found = _combined(rows, weights, numbers, count, combiner, scope if default_id is None and rank == 2 else None)
        if default_id is not None:
            present = apply("UnsortedSegmentSum", [cast(counts, int32), numbers, count])
            row = gather(convert_to_tensor(embedding_weights), convert_to_tensor(default_id, dtype=int64))
            found = where_v2(expand_dims(apply("Equal", [present, 0]), 1), expand_dims(row, 0), found)
        if rank == 2:
            return found
        made = reshape(found, concat([cast(whole[:-1], int32), shape(found)[1:]], 0))
        lead = [None] * (rank - 1) if rank is not None else None
        if lead is not None:
            made.set_shape([*lead, *found.shape.as_list()[1:]])
        return made
