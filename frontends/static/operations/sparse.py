"""Operations on sparse tensors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from diptych.ir import Value, product

from ...functions import constants, segments
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.definitions import operation
from ..graphs.dtypes import INDICES, NUMBERS, REALS, int32, int64
from ..graphs.scopes import name_scope
from ..graphs.shapes import Dims, runtime_text
from ..graphs.site import Refusal, Site, known_shape, require_rank
from ..graphs.tensor import Tensor
from .arrays import either, reshape, shape
from .gathering import gather_nd, index_parts
from .products import matmul
from .ranges import range as range_of
from .ranges import shape_in
from .reductions import axes_of
from .scattering import scattered
from .selection import where
from .sparse_tensors import SparseTensor, sparse

# -- between dense and sparse ----


@operation(
    "SparseToDense", "sparse_indices: Tindices, output_shape: Tindices, sparse_values: T, default_value: T -> T",
    defaults={"Tindices": int32}, Tindices=INDICES,
)  # fmt: skip
def lower_sparse_to_dense(
    at: Site, indices: Value, output_shape: Value, values: Value, default: Value, *, validate_indices: bool = True
) -> Value:
    """A tensor of `default` with the values at the indices."""
    b = at.b
    sizes = at.shape(output_shape)
    dense = b.broadcast(default, shape=sizes, axes=())
    if indices.rank < 2:
        indices = b.reshape(indices, shape=(product(indices.shape), 1))
    if not values.rank:
        values = b.broadcast(values, shape=indices.shape[:1], axes=())
    if known_shape(indices)[1] != len(sizes):
        raise Refusal(f"sparse_indices has {indices.shape[1]} columns but output_shape has {len(sizes)} elements")
    return scattered(at, dense, indices, values, "set")


@export("sparse_to_dense")
def sparse_to_dense(
    sparse_indices: Any, output_shape: Any, sparse_values: Any, default_value: Any = 0, validate_indices: bool = True,
    name: str | None = None,
) -> Tensor:  # fmt: skip
    """A tensor of `output_shape` with the values at the indices and `default_value` elsewhere."""
    return apply(
        "SparseToDense", [sparse_indices, output_shape, sparse_values, default_value], name=name,
        validate_indices=validate_indices,
    )  # fmt: skip


@export("sparse.to_dense", "sparse_tensor_to_dense")
def sparse_tensor_to_dense(
    sp_input: Any, default_value: Any = None, validate_indices: bool = True, name: str | None = None
) -> Tensor:
    """The tensor, with `default_value` (0) where `sp_input` has no element."""
    x = sparse(sp_input)
    default = convert_to_tensor(0 if default_value is None else default_value, dtype=x.dtype.base_dtype)
    return sparse_to_dense(x.indices, x.dense_shape, x.values, default, validate_indices, name)


@export("sparse.from_dense")
def from_dense(tensor: Any, name: str | None = None) -> SparseTensor:
    """The elements of a tensor that are not 0."""
    with name_scope(name, "dense_to_sparse"):
        tensor = convert_to_tensor(tensor)
        indices = where(apply("NotEqual", [tensor, convert_to_tensor(0, dtype=tensor.dtype.base_dtype)]))
        return SparseTensor(indices, gather_nd(tensor, indices), shape(tensor, out_type=int64))


# -- products ----


def _product_shape(inputs: Sequence[Tensor], *, adjoint_a: bool = False, adjoint_b: bool = False) -> list[Dims | None]:
    sizes, dense = shape_in(inputs[2]) or (None, None), inputs[3]._dims or (None, None)
    require_rank(sizes, 2)
    require_rank(dense, 2)
    rows, inner = sizes[::-1] if adjoint_a else sizes
    other, columns = dense[::-1] if adjoint_b else dense
    if None not in (inner, other) and inner != other:
        raise Refusal(f"Dimensions must be equal, but are {inner} and {other}")
    return [(rows, columns)]


@operation(
    "SparseTensorDenseMatMul", "a_indices: Tindices, a_values: T, a_shape: int64, b: T -> T",
    defaults={"Tindices": int64}, T=NUMBERS, Tindices=INDICES, shape=_product_shape,
)  # fmt: skip
def lower_sparse_matmul(
    at: Site, indices: Value, values: Value, a_shape: Value, dense: Value, *, adjoint_a: bool = False,
    adjoint_b: bool = False,
) -> Value:  # fmt: skip
    """The product of a sparse and a dense matrix: rows of the dense one, weighed and added up."""
    b = at.b
    require_rank(dense.shape, 2, "Tensor 'b' is not a matrix")
    sizes = at.vector(a_shape)
    if adjoint_b:
        dense = b.transpose(b.conj(dense) if dense.dtype.is_complex else dense, permutation=(1, 0))
    rows, columns = index_parts(at, indices)
    if adjoint_a:
        rows, columns, sizes = columns, rows, sizes[::-1]
        values = b.conj(values) if values.dtype.is_complex else values
    if sizes[1] != dense.shape[0]:
        raise Refusal(
            f"Dimensions must be equal, but are {sizes[1]} and {dense.shape[0]}",
            f"Cannot multiply A and B because inner dimension does not match: {sizes[1]} vs. {dense.shape[0]}.  Did "
            "you forget a transpose?  Dimensions of A: "
            f"{runtime_text(tuple(sizes))}).  Dimensions of B: {runtime_text(dense.shape)}",
        )
    picked = b.gather(dense, columns, axes=(0,))
    weighed = b.mul(picked, b.broadcast(values, shape=picked.shape, axes=(0,)))
    zeros = constants.filled(b, 0, (sizes[0], dense.shape[1]), dense.dtype)
    return b.scatter(zeros, weighed, rows, axes=(0,), combine="add")


@export("sparse_tensor_dense_matmul", "sparse.matmul", "sparse.sparse_dense_matmul")
def sparse_tensor_dense_matmul(
    sp_a: Any, b: Any, adjoint_a: bool = False, adjoint_b: bool = False, name: str | None = None
) -> Tensor:
    """The product of a sparse matrix and a dense one, each as its adjoint where that is asked."""
    x = sparse(sp_a)
    with name_scope(name, "SparseTensorDenseMatMul", [*x._components(), b]) as scope:
        dense = convert_to_tensor(b, name="b")
        return apply(
            "SparseTensorDenseMatMul", [*x._components(), dense], name=scope, adjoint_a=adjoint_a, adjoint_b=adjoint_b
        )


@export("sparse_matmul")
def sparse_matmul(
    a: Any, b: Any, transpose_a: bool = False, transpose_b: bool = False, a_is_sparse: bool = False,
    b_is_sparse: bool = False, name: str | None = None,
) -> Tensor:  # fmt: skip
    """The product of two matrices; the hints that one holds many zeros change nothing."""
    return matmul(a, b, transpose_a=transpose_a, transpose_b=transpose_b, name=name)


def _elementwise(type: str) -> Any:
    def operator(self: SparseTensor, other: Any) -> SparseTensor:
        dense = convert_to_tensor(other, dtype=self.dtype.base_dtype)
        there = gather_nd(apply("BroadcastTo", [dense, self.dense_shape]), self.indices)
        return SparseTensor(self.indices, apply(type, [self.values, there]), self.dense_shape)

    return operator


SparseTensor.__mul__ = _elementwise("Mul")
SparseTensor.__truediv__ = SparseTensor.__div__ = _elementwise("RealDiv")


# -- reductions ----


def _kept(inputs: Sequence[Tensor], *, keep_dims: bool = False, **_: Any) -> list[Dims | None]:
    return [None]


def _declare_reduction(how: str, type: str) -> None:
    @operation(
        type, "input_indices: int64, input_values: T, input_shape: int64, reduction_axes: int32 -> T",
        T=NUMBERS if how == "sum" else REALS, shape=_kept,
    )  # fmt: skip
    def lower(
        at: Site, indices: Value, values: Value, dense_shape: Value, axes: Value, *, keep_dims: bool = False
    ) -> Value:
        b = at.b
        sizes = at.integers(dense_shape)
        like = constants.filled(b, 0, tuple(sizes), values.dtype)
        taken = axes_of(at, like, axes)
        rest = [axis for axis in range(len(sizes)) if axis not in taken]
        parts = index_parts(at, indices)
        count = math.prod(sizes[axis] for axis in rest)
        owners = constants.filled(b, 0, indices.shape[:1], int64.ir)
        for axis in rest:
            owners = b.add(b.mul(owners, constants.filled_like(b, sizes[axis], owners)), parts[axis])
        found = segments.reduced(b, values, owners, count, how, empty=0)
        kept = [1 if axis in taken else size for axis, size in enumerate(sizes)] if keep_dims else [
            sizes[axis] for axis in rest
        ]  # fmt: skip
        return b.reshape(found, shape=kept)

    @export(f"sparse_reduce_{how}", f"sparse.reduce_{how}")
    def function(
        sp_input: Any, axis: Any = None, keepdims: bool | None = None, reduction_axes: Any = None,
        keep_dims: bool | None = None,
    ) -> Tensor:  # fmt: skip
        x = sparse(sp_input)
        keep = bool(either("keepdims", keepdims, "keep_dims", keep_dims))
        given = either("axis", axis, "reduction_axes", reduction_axes)
        axes = range_of(rank_of(x)) if given is None else reshape(convert_to_tensor(given, dtype=int32), [-1])
        return apply(type, [*x._components(), axes], keep_dims=keep)

    function.__name__ = function.__qualname__ = f"sparse_reduce_{how}"
    function.__doc__ = f"The {how} of the elements that are there over `axis`, as a dense tensor."


def rank_of(x: SparseTensor) -> Tensor:
    """The number of axes of a sparse tensor."""
    return shape(x.dense_shape)[0]


_declare_reduction("sum", "SparseReduceSum")
_declare_reduction("max", "SparseReduceMax")
