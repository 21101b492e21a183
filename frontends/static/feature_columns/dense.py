"""Columns that are tensors: numbers, buckets of them, and indicators."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from diptych.ir import Constant, Value

from ..exports import export
from ..graphs.apply import apply
from ..graphs.definitions import operation, shape_of_input
from ..graphs.dtypes import REALS, DType, float32, int32, int64
from ..graphs.shapes import TensorShape
from ..graphs.site import Site
from ..graphs.tensor import Tensor
from ..operations.arrays import expand_dims, reshape, shape
from ..operations.casting import cast
from ..operations.joining import stack, tile
from ..operations.ranges import one_hot
from ..operations.ranges import range as range_of
from ..operations.reductions import reduced
from ..operations.sparse import sparse_tensor_to_dense
from ..operations.sparse_tensors import SparseTensor
from .columns import CategoricalColumn, DenseColumn, Ids, Transformations, Variables, check_key
from .merging import sparse_merge
from .parsing import FixedLenFeature

# -- numbers ----


class _NumericFields(NamedTuple):
    key: str
    shape: tuple[int, ...]
    default_value: Any
    dtype: Any
    normalizer_fn: Any


class NumericColumn(DenseColumn, _NumericFields):
    """Numbers as they are."""

    @property
    def name(self) -> str:
        return self.key

    @property
    def parse_example_spec(self) -> dict[str, Any]:
        return {self.key: FixedLenFeature(self.shape, self.dtype, self.default_value)}

    def transformed(self, cache: Transformations) -> Tensor:
        found = cache.get(self.key)
        if isinstance(found, SparseTensor):
            raise ValueError(
                "The corresponding Tensor of numerical column must be a Tensor. SparseTensor is not supported. key: "
                f"{self.key}"
            )
        return cast(found if self.normalizer_fn is None else self.normalizer_fn(found), float32)

    @property
    def variable_shape(self) -> TensorShape:
        return TensorShape(self.shape)

    def dense_tensor(self, cache: Transformations, variables: Variables) -> Tensor:
        return cache.get(self)


def _shape(given: Any, key: Any) -> tuple[int, ...]:
    sizes = tuple(given) if isinstance(given, list | tuple | TensorShape) else (given,)
    for size in sizes:
        if not isinstance(size, int):
            raise TypeError(f"shape dimensions must be integer. shape: {sizes}, key: {key}")
        if size < 1:
            raise ValueError(f"shape dimensions must be greater than 0. shape: {sizes}, key: {key}")
    return sizes


def _default(sizes: tuple[int, ...], value: Any, dtype: DType, key: Any) -> Any:
    """A default in nested tuples of the column's shape. Raises ValueError and TypeError."""
    if value is None:
        return None
    is_number = isinstance(value, int) or (isinstance(value, float) and dtype.is_floating)
    if is_number:
        return _tuples(np.full(sizes, value, object).tolist())
    given = value.tolist() if hasattr(value, "tolist") else value
    if isinstance(given, list | tuple):
        array = np.array(given)
        if array.shape != sizes:
            raise ValueError(
                "The shape of default_value must be equal to given shape. default_value: "
                f"{given}, shape: {sizes}, key: {key}"
            )
        if array.dtype.kind == "i" or (array.dtype.kind == "f" and dtype.is_floating):
            return _tuples(given)
    raise TypeError(f"default_value must be compatible with dtype. default_value: {given}, dtype: {dtype}, key: {key}")


def _tuples(nested: Any) -> Any:
    return tuple(_tuples(each) for each in nested) if isinstance(nested, list | tuple) else nested


@export("feature_column.numeric_column")
def numeric_column(
    key: str, shape: Any = (1,), default_value: Any = None, dtype: DType = float32,
    normalizer_fn: Callable[[Any], Any] | None = None,
) -> NumericColumn:  # fmt: skip
    """Numbers, as float32, after `normalizer_fn`. Raises ValueError and TypeError."""
    sizes = _shape(shape, key)
    if not (dtype.is_integer or dtype.is_floating):
        raise ValueError(f"dtype must be convertible to float. dtype: {dtype}, key: {key}")
    default = _default(sizes, default_value, dtype, key)
    if normalizer_fn is not None and not callable(normalizer_fn):
        raise TypeError(f"normalizer_fn must be a callable. Given: {normalizer_fn}")
    check_key(key)
    return NumericColumn(key, sizes, default, dtype, normalizer_fn)


# -- buckets of numbers ----


@operation("Bucketize", "input: T -> int32", shape=shape_of_input, blocks=True, T=REALS)
def lower_bucketize(at: Site, x: Value, *, boundaries: tuple[float, ...]) -> Value:
    """How many of the boundaries are not larger than each element."""
    b = at.b
    wide = b.cast(x, dtype=float32.ir) if x.dtype.is_integer else x
    limits = b.constant(value=Constant(np.array(boundaries, wide.dtype.numpy), wide.dtype))
    whole = (*x.shape, len(boundaries))
    spread = b.broadcast(wide, shape=whole, axes=tuple(range(x.rank)))
    reached = b.ge(spread, b.broadcast(limits, shape=whole, axes=(x.rank,)))
    return b.reduce_sum(b.cast(reached, dtype=int32.ir), axes=(x.rank,))


class _BucketizedFields(NamedTuple):
    source_column: Any
    boundaries: tuple[float, ...]


class BucketizedColumn(DenseColumn, CategoricalColumn, _BucketizedFields):
    """Between which boundaries numbers lie: as indicators, or as integers."""

    @property
    def name(self) -> str:
        return f"{self.source_column.name}_bucketized"

    @property
    def parse_example_spec(self) -> dict[str, Any]:
        return self.source_column.parse_example_spec

    def transformed(self, cache: Transformations) -> Tensor:
        return apply("Bucketize", [cache.get(self.source_column)], boundaries=self.boundaries)

    @property
    def variable_shape(self) -> TensorShape:
        return TensorShape([*self.source_column.shape, len(self.boundaries) + 1])

    def dense_tensor(self, cache: Transformations, variables: Variables) -> Tensor:
        return one_hot(cast(cache.get(self), int64), len(self.boundaries) + 1, 1.0, 0.0)

    @property
    def num_buckets(self) -> int:
        return (len(self.boundaries) + 1) * self.source_column.shape[0]

    def sparse_tensors(self, cache: Transformations) -> Ids:
        found = cache.get(self)
        batch, count = shape(found)[0], self.source_column.shape[0]
        rows = reshape(tile(expand_dims(range_of(0, batch), 1), [1, count]), [-1])
        places = tile(range_of(0, count), [batch])
        ids = reshape(found, [-1]) + (len(self.boundaries) + 1) * places
        indices = cast(stack([rows, places], axis=1), int64)
        return Ids(SparseTensor(indices, ids, cast(stack([batch, count]), int64)), None)


@export("feature_column.bucketized_column")
def bucketized_column(source_column: Any, boundaries: Sequence[float]) -> BucketizedColumn:
    """A numeric column by ranges: below the first of the boundaries, between two, from the last on. Raises
    ValueError."""
    if not isinstance(source_column, NumericColumn):
        raise ValueError(f"source_column must be a column generated with numeric_column(). Given: {source_column}")
    if len(source_column.shape) > 1:
        raise ValueError(f"source_column must be one-dimensional column. Given: {source_column}")
    if not boundaries:
        raise ValueError("boundaries must not be empty.")
    if not isinstance(boundaries, list | tuple) or any(low >= high for low, high in pairwise(boundaries)):
        raise ValueError("boundaries must be a sorted list.")
    return BucketizedColumn(source_column, tuple(boundaries))


# -- indicators ----


class _IndicatorFields(NamedTuple):
    categorical_column: Any


class IndicatorColumn(DenseColumn, _IndicatorFields):
    """How often each value is there."""

    @property
    def name(self) -> str:
        return f"{self.categorical_column.name}_indicator"

    @property
    def parse_example_spec(self) -> dict[str, Any]:
        return self.categorical_column.parse_example_spec

    def transformed(self, cache: Transformations) -> Tensor:
        ids, weights = self.categorical_column.sparse_tensors(cache)
        count = self.categorical_column.num_buckets
        if weights is not None:
            merged = sparse_merge(ids, weights, vocab_size=count)
            return apply("ScatterNd", [merged.indices, merged.values, merged.dense_shape])
        dense = sparse_tensor_to_dense(ids, default_value=-1)
        return reduced("Sum", one_hot(dense, count, 1.0, 0.0), [-2], False, None)

    @property
    def variable_shape(self) -> TensorShape:
        return TensorShape([1, self.categorical_column.num_buckets])

    def dense_tensor(self, cache: Transformations, variables: Variables) -> Tensor:
        return cache.get(self)


@export("feature_column.indicator_column")
def indicator_column(categorical_column: Any) -> IndicatorColumn:
    """How often each value of a categorical column is in an example."""
    return IndicatorColumn(categorical_column)
