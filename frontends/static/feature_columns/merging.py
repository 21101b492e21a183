"""tf.sparse_merge: places that are values, and values, as one sparse tensor."""

from __future__ import annotations

from typing import Any

from ..exports import export
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import int64
from ..graphs.scopes import name_scope
from ..operations.arrays import expand_dims
from ..operations.casting import cast
from ..operations.joining import concat
from ..operations.sparse_places import sparse_reorder
from ..operations.sparse_tensors import SparseTensor, sparse


@export("sparse_merge", "sparse.merge")
def sparse_merge(
    sp_ids: Any, sp_values: Any, vocab_size: Any, name: str | None = None, already_sorted: bool = False
) -> SparseTensor:
    """A sparse tensor whose last axis, of size `vocab_size`, has the values of `sp_ids` as places: [batch, n] and
    [batch, n] to [batch, vocab_size]. Lists of ids and sizes make several axes."""
    many = isinstance(sp_ids, list | tuple)
    ids = [sparse(each) for each in (sp_ids if many else [sp_ids])]
    sizes = list(vocab_size) if many else [vocab_size]
    if len(ids) != len(sizes):
        raise ValueError(
            f"vocab_size has to have same length as sp_ids if sp_ids is a list. Got {len(sizes)} sizes, {len(ids)} ids"
        )
    values = sparse(sp_values)
    with name_scope(name, "SparseMerge", [ids[0].values, values.values]):
        columns = [expand_dims(cast(each.values, int64), 1) for each in ids]
        indices = concat([ids[0].indices[:, :-1], *columns], 1)
        lengths = [cast(expand_dims(convert_to_tensor(size), 0), int64) for size in sizes]
        made = SparseTensor(indices, values.values, concat([ids[0].dense_shape[:-1], *lengths], 0))
        return made if already_sorted else sparse_reorder(made)
