"""Sparse tensors with their elements at other places, or with other elements."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from diptych.ir import Constant, Value

from ...functions import constants, picking, segments
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.definitions import operation
from ..graphs.dtypes import NUMBERS, REALS, bool_, float32, int32, int64
from ..graphs.scopes import name_scope
from ..graphs.shapes import Dims
from ..graphs.site import Refusal, Site, known_shape
from ..graphs.tensor import Tensor
from .arrays import either, reshape, transpose
from .casting import cast
from .gathering import gather, index_parts
from .joining import concat, stack
from .picking import boolean_mask
from .ranges import ones
from .ranges import range as range_of
from .reductions import axes_of, reduced
from .selection import where
from .sparse import rank_of, sparse_tensor_to_dense, sparse_to_dense
from .sparse_tensors import SparseTensor, sparse


def _places(at: Site, indices: Value, sizes: Sequence[int]) -> Value:
    """The places of index vectors [count, rank], counted through an array of `sizes` row by row: i64 [count]."""
    b = at.b
    total = constants.filled(b, 0, indices.shape[:1], int64.ir)
    for part, size in zip(index_parts(at, indices), sizes, strict=True):
        total = b.add(b.mul(total, constants.filled_like(b, size, total)), b.cast(part, dtype=int64.ir))
    return total


def _reorder_shapes(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
    return [inputs[0]._dims, inputs[1]._dims]


@operation(
    "SparseReorder", "input_indices: int64, input_values: T, input_shape: int64 -> int64, T", shape=_reorder_shapes
)
def lower_reorder(at: Site, indices: Value, values: Value, dense_shape: Value) -> list[Value]:
    """The elements in row-major order."""
    b = at.b
    count = known_shape(indices)[0]
    if values.shape[0] != count:
        raise Refusal(f"Dimensions must be equal, but are {count} and {values.shape[0]}")
    places = _places(at, indices, at.integers(dense_shape))
    _, order = b.sort(places, b.iota(shape=(count,), axis=0, dtype=int32.ir), axis=0)
    return [b.gather(indices, order, axes=(0,)), b.gather(values, order, axes=(0,))]


@export("sparse_reorder", "sparse.reorder")
def sparse_reorder(sp_input: Any, name: str | None = None) -> SparseTensor:
    """The same tensor with its elements in row-major order."""
    x = sparse(sp_input)
    indices, values = apply("SparseReorder", list(x._components()), name=name)
    return SparseTensor(indices, values, x.dense_shape)


@export("sparse_transpose", "sparse.transpose")
def sparse_transpose(sp_input: Any, perm: Any = None, name: str | None = None) -> SparseTensor:
    """The sparse tensor with its axes in the order `perm`, by default reversed."""
    x = sparse(sp_input)
    with name_scope(name, "SparseTranspose"):
        if perm is None:
            count = x.shape.ndims
            perm = list(range(count))[::-1] if count is not None else rank_of(x) - 1 - range_of(rank_of(x))
        indices = transpose(gather(transpose(x.indices), perm))
        moved = SparseTensor(indices, x.values, gather(x.dense_shape, perm))
        return sparse_reorder(moved)


@export("sparse_retain", "sparse.retain")
def sparse_retain(sp_input: Any, to_retain: Any) -> SparseTensor:
    """The sparse tensor with those elements alone for which the vector of bools `to_retain` holds."""
    x = sparse(sp_input)
    keep = convert_to_tensor(to_retain)
    keep.shape.with_rank(1)[0].assert_is_compatible_with(x.values.shape.with_rank(1)[0])
    rows = reshape(where(keep), [-1])
    return SparseTensor(gather(x.indices, rows), gather(x.values, rows), x.dense_shape)


@export("sparse.expand_dims")
def sparse_expand_dims(sp_input: Any, axis: int | None = None, name: str | None = None) -> SparseTensor:
    """The sparse tensor with a new axis of size 1 at `axis`, by default the last."""
    x = sparse(sp_input)
    count = x.shape.ndims
    if count is None:
        raise ValueError("sparse.expand_dims needs a sparse tensor of known rank")
    place = count if axis in (None, -1) else axis % (count + 1)
    with name_scope(name, "expand_dims"):
        column = apply("ZerosLike", [x.indices[:, :1]])
        one = convert_to_tensor([1], dtype=int64)
        indices = concat([x.indices[:, :place], column, x.indices[:, place:]], 1)
        return SparseTensor(indices, x.values, concat([x.dense_shape[:place], one, x.dense_shape[place:]], 0))


@operation("SparseReshape", "input_indices: int64, input_shape: int64, new_shape: int64 -> int64, int64")
def lower_sparse_reshape(at: Site, indices: Value, dense_shape: Value, new_shape: Value) -> list[Value]:
    """The places in another shape, one size of which may be -1."""
    b = at.b
    sizes, wanted = at.integers(dense_shape), at.integers(new_shape)
    whole = math.prod(sizes)
    if -1 in wanted:
        rest = math.prod(size for size in wanted if size != -1)
        if not rest or whole % rest:
            raise Refusal(
                f"Input to reshape is a SparseTensor with {whole} dense values, but the requested shape requires a "
                f"multiple of {rest}"
            )
        wanted = [whole // rest if size == -1 else size for size in wanted]
    if math.prod(wanted) != whole:
        raise Refusal(
            f"Input to reshape is a tensor with {whole} dense values, but the requested shape has {math.prod(wanted)}"
        )
    parts = picking.coordinates(b, _places(at, indices, sizes), wanted)
    columns = [b.reshape(part, shape=(*part.shape, 1)) for part in parts]
    found = b.concatenate(*columns, axis=1) if columns else indices
    total = [b.reshape(constants.scalar(b, size, int64.ir), shape=(1,)) for size in wanted]
    return [found, b.concatenate(*total, axis=0)]


@export("sparse_reshape", "sparse.reshape")
def sparse_reshape(sp_input: Any, shape: Any, name: str | None = None) -> SparseTensor:
    """The elements in another shape, one size of which may be -1: what the others leave."""
    x = sparse(sp_input)
    wanted = convert_to_tensor(shape, dtype=int64)
    indices, sizes = apply("SparseReshape", [x.indices, x.dense_shape, wanted], name=name)
    return SparseTensor(indices, x.values, sizes)


@export("sparse_concat", "sparse.concat")
def sparse_concat(
    axis: int | None = None, sp_inputs: Any = None, name: str | None = None, expand_nonconcat_dim: bool = False,
    concat_dim: int | None = None, expand_nonconcat_dims: bool | None = None,
) -> SparseTensor:  # fmt: skip
    """Sparse tensors one after another along `axis`. Raises ValueError."""
    given = [sparse(each) for each in sp_inputs]
    place = either("axis", axis, "concat_dim", concat_dim)
    if expand_nonconcat_dim or expand_nonconcat_dims:
        raise ValueError("sparse_concat: expand_nonconcat_dim is True but must be False")
    if len(given) == 1:
        return given[0]
    count = given[0].shape.ndims
    if count is None:
        raise ValueError("sparse_concat needs sparse tensors of known rank")
    place = place % count
    with name_scope(name, "SparseConcat"):
        offset = apply("ZerosLike", [given[0].dense_shape[place]])
        moved: list[Tensor] = []
        for each in given:
            columns = [each.indices[:, axis] + (offset if axis == place else 0) for axis in range(count)]
            moved.append(stack(columns, axis=1))
            offset = offset + each.dense_shape[place]
        sizes = [offset if axis == place else given[0].dense_shape[axis] for axis in range(count)]
        joined = SparseTensor(concat(moved, 0), concat([each.values for each in given], 0), stack(sizes))
        return sparse_reorder(joined)


@export("sparse_slice", "sparse.slice")
def sparse_slice(sp_input: Any, start: Any, size: Any, name: str | None = None) -> SparseTensor:
    """The block of `size` that begins at `start`."""
    x = sparse(sp_input)
    with name_scope(name, "SparseSlice", [x.values]):
        low, width = convert_to_tensor(start, dtype=int64), convert_to_tensor(size, dtype=int64)
        high = apply("Minimum", [low + width, x.dense_shape])
        inside = apply("LogicalAnd", [x.indices >= low, x.indices < high])
        keep = reduced("All", inside, [1], False, None)
        zero = convert_to_tensor(0, dtype=int64)
        sizes = apply("Maximum", [high - low, zero])
        return SparseTensor(boolean_mask(x.indices, keep) - low, boolean_mask(x.values, keep), sizes)


def _added_shapes(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
    dims = inputs[0]._dims
    return [(None, None if dims is None else dims[1]), (None,), inputs[2]._dims]


@operation(
    "SparseAdd",
    "a_indices: int64, a_values: T, a_shape: int64, b_indices: int64, b_values: T, b_shape: int64 -> int64, T, int64",
    T=NUMBERS, shape=_added_shapes,
)  # fmt: skip
def lower_sparse_add(
    at: Site, indices: Value, values: Value, dense_shape: Value, others: Value, other_values: Value, other_shape: Value
) -> list[Value]:
    """The elements of both, those at one place added up, in row-major order."""
    b = at.b
    sizes = at.integers(dense_shape)
    if at.integers(other_shape) != sizes:
        raise Refusal(f"Operands' shapes do not match: got {sizes} and {at.integers(other_shape)}")
    places = b.concatenate(_places(at, indices, sizes), _places(at, others, sizes), axis=0)
    both = b.concatenate(values, other_values, axis=0)
    indices, total = _merged(at, places, both, sizes, "sum")
    return [indices, total, b.identity(dense_shape)]


def _merged(at: Site, places: Value, values: Value, sizes: Sequence[int], how: str) -> tuple[Value, Value]:
    """(indices, elements) in row-major order of elements at places counted through an array of `sizes`, those at one
    place made one."""
    b = at.b
    first = picking.first_occurrences(b, places)
    (count,) = known_shape(places)
    is_first = b.eq(first, b.iota(shape=(count,), axis=0, dtype=first.dtype))
    distinct = int(at.measured(picking.count_true(b, is_first)))
    rows = picking.true_places(b, is_first, distinct, int32.ir)
    owners = picking.numbered(b, is_first, first, int32.ir)
    total = segments.reduced(b, values, owners, distinct, how)
    ordered, order = b.sort(
        b.gather(places, rows, axes=(0,)), b.iota(shape=(distinct,), axis=0, dtype=int32.ir), axis=0
    )
    columns = [b.reshape(part, shape=(distinct, 1)) for part in picking.coordinates(b, ordered, sizes)]
    if not columns:
        return constants.filled(b, 0, (distinct, 0), int64.ir), b.gather(total, order, axes=(0,))
    return b.concatenate(*columns, axis=1), b.gather(total, order, axes=(0,))


@export("sparse_add", "sparse.add")
def sparse_add(a: Any, b: Any, threshold: Any = None, thresh: Any = None, name: str | None = None) -> Any:
    """The sum of two tensors of which at least one is sparse: sparse where both are. Raises TypeError for two dense
    ones."""
    limit = either("threshold", threshold, "thresh", thresh)
    is_sparse = [isinstance(each, SparseTensor) or hasattr(each, "dense_shape") for each in (a, b)]
    if not any(is_sparse):
        raise TypeError("At least one input should be SparseTensor; do you mean to use tf.add()?")
    if all(is_sparse):
        left, right = sparse(a), sparse(b)
        found = SparseTensor(*apply("SparseAdd", [*left._components(), *right._components()], name=name))
        if limit is None or (isinstance(limit, int | float) and limit == 0):
            return found
        return sparse_retain(found, apply("GreaterEqual", [apply("Abs", [found.values]), limit]))
    one, dense = (sparse(a), b) if is_sparse[0] else (sparse(b), a)
    return apply("AddV2", [sparse_tensor_to_dense(one), dense], name=name)


def _reduced_shapes(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
    return [(None, None), (None,), (None,)]


def _declare_reduction(how: str) -> None:
    @operation(
        f"SparseReduce{how.capitalize()}Sparse",
        "input_indices: int64, input_values: T, input_shape: int64, reduction_axes: int32 -> int64, T, int64",
        T=NUMBERS if how == "sum" else REALS, shape=_reduced_shapes,
    )  # fmt: skip
    def lower(
        at: Site, indices: Value, values: Value, dense_shape: Value, axes: Value, *, keep_dims: bool = False
    ) -> list[Value]:
        b, sizes = at.b, at.integers(dense_shape)
        taken = axes_of(at, constants.filled(b, 0, tuple(sizes), values.dtype), axes)
        kept = [
            (axis, 1 if axis in taken else size) for axis, size in enumerate(sizes) if keep_dims or axis not in taken
        ]
        places = constants.filled(b, 0, indices.shape[:1], int64.ir)
        parts = index_parts(at, indices)
        for axis, size in kept:
            if axis not in taken:
                places = b.add(b.mul(places, constants.filled_like(b, size, places)), parts[axis])
        found, total = _merged(at, places, values, [size for _, size in kept], how)
        shape = np.array([size for _, size in kept], np.int64)
        return [found, total, b.constant(value=Constant(shape, int64.ir))]

    @export(f"sparse_reduce_{how}_sparse", f"sparse.reduce_{how}_sparse")
    def function(
        sp_input: Any, axis: Any = None, keepdims: bool | None = None, reduction_axes: Any = None,
        keep_dims: bool | None = None,
    ) -> SparseTensor:  # fmt: skip
        x = sparse(sp_input)
        keep = bool(either("keepdims", keepdims, "keep_dims", keep_dims))
        given = either("axis", axis, "reduction_axes", reduction_axes)
        axes = range_of(rank_of(x)) if given is None else reshape(convert_to_tensor(given, dtype=int32), [-1])
        type = f"SparseReduce{how.capitalize()}Sparse"
        return SparseTensor(*apply(type, [*x._components(), axes], keep_dims=keep))

    function.__name__ = function.__qualname__ = f"sparse_reduce_{how}_sparse"
    function.__doc__ = f"The {how} of the elements that are there over `axis`, as a sparse tensor."


_declare_reduction("sum")
_declare_reduction("max")


@export("sparse_softmax", "sparse.softmax")
def sparse_softmax(sp_input: Any, name: str | None = None) -> SparseTensor:
    """Softmax along the last axis over the elements that are there."""
    x = sparse(sp_input)
    with name_scope(name, "SparseSoftmax", [x.indices, x.values]):
        count = x.shape.ndims
        if count is None:
            raise ValueError("sparse_softmax needs a sparse tensor of known rank")
        outer = x.indices[:, : count - 1]
        owners = apply("ZerosLike", [x.indices[:, 0]])
        number = convert_to_tensor(1, dtype=int64)
        for axis in range(count - 1):
            owners = owners * x.dense_shape[axis] + outer[:, axis]
            number = number * x.dense_shape[axis]
        peak = apply("UnsortedSegmentMax", [x.values, owners, number])
        raised = apply("Exp", [x.values - gather(peak, owners)])
        total = apply("UnsortedSegmentSum", [raised, owners, number])
        return SparseTensor(x.indices, raised / gather(total, owners), x.dense_shape)


@export("sparse_to_indicator", "sparse.to_indicator")
def sparse_to_indicator(sp_input: Any, vocab_size: Any, name: str | None = None) -> Tensor:
    """A tensor of bools that holds at the numbers which are the elements of `sp_input`."""
    x = sparse(sp_input)
    with name_scope(name, "SparseToIndicator", [x.values]):
        number = cast(x.values, int64)
        indices = concat([x.indices[:, :-1], apply("ExpandDims", [number, 1])], 1)
        sizes = concat([x.dense_shape[:-1], [cast(convert_to_tensor(vocab_size), int64)]], 0)
        true = apply("NotEqual", [number, number - 1])
        return sparse_to_dense(indices, sizes, true, convert_to_tensor(False, dtype=bool_))


@export("sparse.eye")
def sparse_eye(num_rows: Any, num_columns: Any = None, dtype: Any = None, name: str | None = None) -> SparseTensor:
    """A sparse matrix with ones on the main diagonal."""
    with name_scope(name, "eye", [num_rows, num_columns]):
        rows = cast(convert_to_tensor(num_rows), int64)
        columns = rows if num_columns is None else cast(convert_to_tensor(num_columns), int64)
        least = apply("Minimum", [rows, columns])
        places = range_of(least)
        values = ones(stack([cast(least, int32)]), dtype=float32 if dtype is None else dtype)
        return SparseTensor(stack([places, places], axis=1), values, stack([rows, columns]))
