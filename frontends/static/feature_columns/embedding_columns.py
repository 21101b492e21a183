"""Columns of rows of numbers, one for each value, that are trained."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from ..checkpoints.initializing import init_from_checkpoint
from ..exports import export
from ..graphs.collections import add_to_collection, get_collection
from ..graphs.scopes import name_scope
from ..graphs.shapes import TensorShape
from ..graphs.tensor import Tensor
from ..variables.initializers import TruncatedNormal
from .columns import CategoricalColumn, DenseColumn, FeatureColumn, Ids, Transformations, Variables
from .embeddings import safe_embedding_lookup_sparse


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
