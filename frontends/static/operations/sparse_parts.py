"""Sparse tensors cut, bounded and filled up: in parts along an axis, in other shapes, with no row left empty."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from diptych.ir import Value

from ...functions import arrays, constants, picking
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.definitions import operation
from ..graphs.dtypes import int32, int64
from ..graphs.probe import constant_value
from ..graphs.scopes import name_scope
from ..graphs.shapes import Dims
from ..graphs.site import Refusal, Site
from ..graphs.tensor import Tensor
from .arrays import axis_of, either, identity, shape
from .casting import cast
from .checks import assert_equal, assert_less_equal
from .control import with_dependencies
from .gathering import gather, index_parts
from .indexed_slices import IndexedSlices
from .joining import concat, stack
from .ordering import argsort
from .picking import setdiff1d
from .ranges import ones_like, zeros_like
from .reductions import reduced
from .selection import where
from .sparse_tensors import SparseTensor, sparse


@export("sparse_fill_empty_rows", "sparse.fill_empty_rows")
def sparse_fill_empty_rows(sp_input: Any, default_value: Any, name: str | None = None) -> tuple[SparseTensor, Tensor]:
    """(the sparse tensor [n, ...] with `default_value` at the beginning of each row that has no element, bools [n] that
    say which rows those are)."""
    x = sparse(sp_input)
    with name_scope(name, "SparseFillEmptyRows", [x.indices, x.values, x.dense_shape]):
        default = convert_to_tensor(default_value, dtype=x.dtype.base_dtype)
        rows = x.indices[:, 0]
        counts = apply("UnsortedSegmentSum", [ones_like(rows), rows, x.dense_shape[0]])
        is_empty = apply("Equal", [counts, convert_to_tensor(0, dtype=int64)])
        empty = where(is_empty)  # [count, 1]
        others = apply("Fill", [stack([shape(empty)[0], shape(x.indices)[1] - 1]), convert_to_tensor(0, dtype=int64)])
        places = concat([empty, others], 1)
        indices = concat([x.indices, places], 0)
        filling = apply("Fill", [shape(empty)[:1], default])
        order = argsort(indices[:, 0], stable=True)
        values = gather(concat([x.values, filling], 0), order)
        return SparseTensor(gather(indices, order), values, x.dense_shape), is_empty


@export("sparse_reset_shape", "sparse.reset_shape")
def sparse_reset_shape(sp_input: Any, new_shape: Any = None) -> SparseTensor:
    """The same elements in a shape at least as large, by default the least that holds them. Raises ValueError for one
    that is smaller; a run raises InvalidArgumentError where only that knows."""
    x = sparse(sp_input)
    indices, values, sizes = identity(x.indices), identity(x.values), identity(x.dense_shape)
    if new_shape is None:
        last = reduced("Max", indices, [0], False, None)
        zero = convert_to_tensor(0, dtype=int64)
        return SparseTensor(indices, values, apply("Maximum", [zero, apply("AddV2", [last, ones_like(sizes)])]))
    wanted = convert_to_tensor(new_shape)
    wanted.shape.assert_has_rank(1)
    wanted = cast(wanted, int64)
    wanted.shape[0].assert_is_compatible_with(sizes.shape[0])
    known, before = constant_value(wanted), x.shape
    if known is None or not before.is_fully_defined():
        wanted = with_dependencies([assert_equal(shape(sizes), shape(wanted))], wanted)
        return SparseTensor(indices, values, with_dependencies([assert_less_equal(sizes, wanted)], wanted))
    present = np.array(before.as_list())
    if not np.all(present <= known):
        raise ValueError(
            "Requested new_shape should have dimension sizes >= sp_input.shape.  Found new_shape "
            f"({present}), sp_input.shape ({known})."
        )
    return SparseTensor(indices, values, wanted)


@export("sparse_mask", "sparse.mask")
def sparse_mask(a: IndexedSlices, mask_indices: Any, name: str | None = None) -> IndexedSlices:
    """The rows of `a` but those at `mask_indices`."""
    with name_scope(name, "sparse_mask", [a.indices, a.values]):
        indices, kept = setdiff1d(a.indices, mask_indices)
        return IndexedSlices(gather(a.values, kept), indices, a.dense_shape)


def _split_shapes(inputs: Sequence[Tensor], *, num_split: int) -> list[Dims | None]:
    dims = inputs[1]._dims
    rank = None if dims is None else dims[1]
    return [*[(None, rank)] * num_split, *[(None,)] * num_split, *[(rank,)] * num_split]


@operation(
    "SparseSplit",
    "split_dim: int64, indices: int64, values: T, shape: int64 -> num_split*int64, num_split*T, num_split*int64",
    shape=_split_shapes,
)
def lower_sparse_split(
    at: Site, split_dim: Value, indices: Value, values: Value, dense_shape: Value, *, num_split: int
) -> list[Value]:
    """The parts along an axis: places, elements and shape of each; the first parts are one longer where sizes do not
    divide."""
    b, sizes = at.b, at.integers(dense_shape)
    axis = axis_of(at.integer(split_dim), len(sizes))
    if not 1 <= num_split <= sizes[axis]:
        raise Refusal(
            f"Input num_split should be between 1 and the splitting dimension size ({sizes[axis]}), got {num_split}"
        )
    size, longer = divmod(sizes[axis], num_split)
    along = index_parts(at, indices)[axis]
    bounds = list(pairwise(number * size + min(number, longer) for number in range(num_split + 1)))
    inside = [
        b.bitwise_and(
            b.ge(along, constants.filled_like(b, low, along)), b.lt(along, constants.filled_like(b, top, along))
        )
        for low, top in bounds
    ]
    counts = at.measured(arrays.stack(b, [picking.count_true(b, each) for each in inside])).tolist()
    places: list[Value] = []
    elements: list[Value] = []
    shapes: list[Value] = []
    for mask, count, (low, top) in zip(inside, counts, bounds, strict=True):
        rows = picking.true_places(b, mask, int(count), int32.ir)
        offset = arrays.stack(
            b, [constants.scalar(b, low if place == axis else 0, int64.ir) for place in range(len(sizes))]
        )
        picked = b.gather(indices, rows, axes=(0,))
        places.append(b.sub(picked, b.broadcast(offset, shape=picked.shape, axes=(1,))))
        elements.append(b.gather(values, rows, axes=(0,)))
        own = [top - low if place == axis else each for place, each in enumerate(sizes)]
        shapes.append(arrays.stack(b, [constants.scalar(b, each, int64.ir) for each in own]))
    return [*places, *elements, *shapes]


@export("sparse_split", "sparse.split")
def sparse_split(
    keyword_required: None = None, sp_input: Any = None, num_split: int | None = None, axis: Any = None,
    name: str | None = None, split_dim: Any = None,
) -> list[SparseTensor]:  # fmt: skip
    """The sparse tensor in `num_split` parts along `axis`; the first are one longer where its size does not divide. All
    arguments are given by name. Raises ValueError."""
    if keyword_required is not None:
        raise ValueError("Keyword arguments are required for this function.")
    for label, given in (("sp_input", sp_input), ("num_split", num_split)):
        if given is None:
            raise ValueError(f"{label} is required")
    place = either("axis", axis, "split_dim", split_dim)
    if place is None or num_split is None:
        raise ValueError("axis is required")
    x = sparse(sp_input)
    inputs = [cast(convert_to_tensor(place), int64), *x._components()]
    found = apply("SparseSplit", inputs, name=name, num_split=num_split)
    return [SparseTensor(*found[number::num_split]) for number in range(num_split)]


def _declare_extreme(api: str, type: str) -> None:
    @export(f"sparse_{api}", f"sparse.{api}")
    def function(sp_a: Any, sp_b: Any, name: str | None = None) -> SparseTensor:
        a, b = sparse(sp_a), sparse(sp_b)
        with name_scope(name, f"SparseSparse{type}", [a.indices, a.values, b.indices, b.values]):
            left, right = ([x.indices, x.values, x.dense_shape] for x in (a, b))
            zeros = [[x.indices, zeros_like(x.values), x.dense_shape] for x in (a, b)]
            indices, of_a, sizes = apply("SparseAdd", [*left, *zeros[1]])
            of_b = apply("SparseAdd", [*zeros[0], *right])[1]
            return SparseTensor(indices, apply(type, [of_a, of_b]), sizes)

    function.__name__ = function.__qualname__ = f"sparse_{api}"
    function.__doc__ = f"The {api} of two sparse tensors of one shape, element by element; what one has not is 0."


_declare_extreme("maximum", "Maximum")
_declare_extreme("minimum", "Minimum")
