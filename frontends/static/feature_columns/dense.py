"""Columns that are tensors: numbers, indicators and embeddings."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from diptych.ir import Constant, Value

from ..checkpoints.initializing import init_from_checkpoint
from ..exports import export
from ..graphs.apply import apply
from ..graphs.collections import add_to_collection, get_collection
from ..graphs.definitions import operation, shape_of_input
from ..graphs.dtypes import REALS, DType, float32, int32, int64
from ..graphs.scopes import name_scope
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
from ..variables.initializers import TruncatedNormal
from .columns import CategoricalColumn, DenseColumn, FeatureColumn, Ids, Transformations, Variables, check_key
from .embeddings import safe_embedding_lookup_sparse
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
    raise TypeError(
        f"default_value must be compatible with dtype. default_value: {given}, dtype: {dtype!r}, key: {key}"
    )


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
        raise ValueError(f"dtype must be convertible to float. dtype: {dtype!r}, key: {key}")
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


# -- embeddings ----


class _EmbeddingFields(NamedTuple):
    categorical_column: Any
    dimension: int
    combiner: str
    initializer: Any
    ckpt_to_load_from: str | None
    tensor_name_in_ckpt: str | None
    max_norm: float | None
    trainable: bool


class EmbeddingColumn(DenseColumn, _EmbeddingFields):
    """A row of numbers for each value, put together for each example."""

    @property
    def name(self) -> str:
        return f"{self.categorical_column.name}_embedding"

    @property
    def parse_example_spec(self) -> dict[str, Any]:
        return self.categorical_column.parse_example_spec

    def transformed(self, cache: Transformations) -> Any:
        return cache.get(self.categorical_column)

    @property
    def variable_shape(self) -> TensorShape:
        return TensorShape([self.dimension])

    def dense_tensor(self, cache: Transformations, variables: Variables) -> Tensor:
        ids = self.categorical_column.sparse_tensors(cache)
        weights = variables(
            self, "embedding_weights", (self.categorical_column.num_buckets, self.dimension), self.initializer,
            self.trainable,
        )  # fmt: skip
        return _looked_up(self, weights, ids)


def _looked_up(column: Any, weights: Any, ids: Ids) -> Tensor:
    if column.ckpt_to_load_from is not None:
        init_from_checkpoint(column.ckpt_to_load_from, {column.tensor_name_in_ckpt: weights})
    return safe_embedding_lookup_sparse(
        weights, ids.id_tensor, ids.weight_tensor, column.combiner, name=f"{column.name}_weights",
        max_norm=column.max_norm,
    )  # fmt: skip


def _check_embedding(dimension: Any, initializer: Any, path: Any, name: Any, what: str = "") -> Any:
    if dimension is None or dimension < 1:
        raise ValueError(f"Invalid dimension {dimension}.")
    if (path is None) != (name is None):
        raise ValueError("Must specify both `ckpt_to_load_from` and `tensor_name_in_ckpt` or none of them.")
    if initializer is not None and not callable(initializer):
        raise ValueError(f"initializer must be callable if specified.{what}")
    return TruncatedNormal(mean=0.0, stddev=1 / math.sqrt(dimension)) if initializer is None else initializer


@export("feature_column.embedding_column")
def embedding_column(
    categorical_column: Any, dimension: int, combiner: str = "mean", initializer: Any = None,
    ckpt_to_load_from: str | None = None, tensor_name_in_ckpt: str | None = None, max_norm: float | None = None,
    trainable: bool = True,
) -> EmbeddingColumn:  # fmt: skip
    """`dimension` numbers for each value of a categorical column, of a variable that is trained; those of an example
    put together by `combiner`. Raises ValueError."""
    what = f" Embedding of column_name: {categorical_column.name}"
    made = _check_embedding(dimension, initializer, ckpt_to_load_from, tensor_name_in_ckpt, what)
    return EmbeddingColumn(
        categorical_column, dimension, combiner, made, ckpt_to_load_from, tensor_name_in_ckpt, max_norm, trainable
    )


class _SharedFields(NamedTuple):
    categorical_column: Any
    dimension: int
    combiner: str
    initializer: Any
    shared_embedding_collection_name: str
    ckpt_to_load_from: str | None
    tensor_name_in_ckpt: str | None
    max_norm: float | None
    trainable: bool


class SharedEmbeddingColumn(DenseColumn, _SharedFields):
    """As an embedding, of a variable that columns share."""

    @property
    def name(self) -> str:
        return f"{self.categorical_column.name}_shared_embedding"

    @property
    def scope_name(self) -> str:
        return self.shared_embedding_collection_name

    @property
    def parse_example_spec(self) -> dict[str, Any]:
        return self.categorical_column.parse_example_spec

    def transformed(self, cache: Transformations) -> Any:
        return cache.get(self.categorical_column)

    @property
    def variable_shape(self) -> TensorShape:
        return TensorShape([self.dimension])

    def dense_tensor(self, cache: Transformations, variables: Variables) -> Tensor:
        with name_scope(None, self.name):
            return _looked_up(self, self._weights(variables), self.categorical_column.sparse_tensors(cache))

    def _weights(self, variables: Variables) -> Any:
        """The variable in the collection that the columns share, made by the first. Raises ValueError."""
        key = self.shared_embedding_collection_name
        wanted = (self.categorical_column.num_buckets, self.dimension)
        fix = (
            "Suggested fix A: Choose a unique name for this collection. Suggested fix B: Do not add any variables to "
            "this collection. The feature_column library already adds a variable under the hood."
        )
        found = get_collection(key)
        if len(found) > 1:
            raise ValueError(f"Collection {found} can only contain one variable. {fix}")
        if not found:
            made = variables(self, "embedding_weights", wanted, self.initializer, self.trainable)
            add_to_collection(key, made)
            return made
        if found[0].shape.as_list() != list(wanted):
            raise ValueError(
                f"Shared embedding collection {key} contains variable {found[0].name} of unexpected shape "
                f"{found[0].shape}. Expected shape is {wanted}. {fix}"
            )
        return found[0]


def _kind(column: FeatureColumn) -> FeatureColumn:
    """The column that a weighted one weighs."""
    return getattr(column, "categorical_column", column)


@export("feature_column.shared_embedding_columns")
def shared_embedding_columns(
    categorical_columns: Sequence[Any], dimension: int, combiner: str = "mean", initializer: Any = None,
    shared_embedding_collection_name: str | None = None, ckpt_to_load_from: str | None = None,
    tensor_name_in_ckpt: str | None = None, max_norm: float | None = None, trainable: bool = True,
) -> list[SharedEmbeddingColumn]:  # fmt: skip
    """As embedding_column, a column for each, all of one variable. Raises ValueError where they have not the same
    values."""
    made = _check_embedding(dimension, initializer, ckpt_to_load_from, tensor_name_in_ckpt)
    ordered = sorted(categorical_columns, key=lambda column: column.name)
    first = ordered[0]
    if not isinstance(first, CategoricalColumn):
        raise ValueError(
            f"All categorical_columns must be subclasses of _CategoricalColumn. Given: {first}, of type: {type(first)}"
        )
    for column in ordered[1:]:
        if type(_kind(column)) is not type(_kind(first)):
            raise ValueError(
                "To use shared_embedding_column, all categorical_columns must have the same type, or be "
                "weighted_categorical_column of the same type. Given column: "
                f"{_kind(first)} of type: {type(_kind(first))} does not match given column: {_kind(column)} of type: "
                f"{type(_kind(column))}"
            )
        if column.num_buckets != first.num_buckets:
            raise ValueError(
                "To use shared_embedding_column, all categorical_columns must have the same number of buckets. Given "
                f"column: {_kind(first)} with buckets: {first.num_buckets} does  not match column: {_kind(column)} "
                f"with buckets: {column.num_buckets}"
            )
    key = shared_embedding_collection_name or "_".join(column.name for column in ordered) + "_shared_embedding"
    return [
        SharedEmbeddingColumn(
            column, dimension, combiner, made, key, ckpt_to_load_from, tensor_name_in_ckpt, max_norm, trainable
        )
        for column in categorical_columns
    ]
