"""tf.feature_column.input_layer and linear_model: columns as the input of a model, and as a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..exports import export
from ..graphs.collections import GraphKeys, get_collection
from ..graphs.tensor import Tensor
from ..operations.arrays import reshape, shape
from ..operations.joining import concat
from ..operations.neural import bias_add
from ..operations.products import matmul
from ..operations.selection import add_n
from ..operations.sparse_places import sparse_reshape
from ..variables.initializers import ZEROS
from ..variables.scopes import get_variable, get_variable_scope, variable_scope
from .columns import CategoricalColumn, DenseColumn, FeatureColumn, Transformations, check_batch_sizes, normalized
from .embeddings import safe_embedding_lookup_sparse


def _collections(given: Any) -> list[Any]:
    found = list(given or [])
    for key in (GraphKeys.GLOBAL_VARIABLES, GraphKeys.MODEL_VARIABLES):
        if key not in found:
            found.append(key)
    return found


class _Scoped:
    """Variables of the present variable scope."""

    def __init__(self, collections: list[Any], trainable: bool) -> None:
        self._collections = collections
        self._trainable = trainable

    def __call__(self, column: FeatureColumn, name: str, shape: Any, initializer: Any, trainable: bool = True) -> Any:
        return get_variable(
            name, shape=shape, initializer=initializer, trainable=self._trainable and trainable,
            collections=self._collections,
        )  # fmt: skip


def check_dense(columns: list[FeatureColumn]) -> None:
    """Raises ValueError for a column that is no tensor."""
    for column in columns:
        if not isinstance(column, DenseColumn):
            raise ValueError(
                "Items of feature_columns must be a _DenseColumn. You can wrap a categorical column with an "
                f"embedding_column or indicator_column. Given: {column}"
            )


def flattened(column: Any, tensor: Tensor) -> Tensor:
    """[batch, elements] of a dense column."""
    return reshape(tensor, [shape(tensor)[0], column.variable_shape.num_elements()])


@export("feature_column.input_layer")
def input_layer(
    features: Mapping[str, Any], feature_columns: Any, weight_collections: Any = None, trainable: bool = True,
    cols_to_vars: dict[Any, Any] | None = None, cols_to_output_tensors: dict[Any, Any] | None = None,
) -> Tensor:  # fmt: skip
    """[batch, elements]: all dense columns side by side, by their names. Raises ValueError.

    `cols_to_vars` and `cols_to_output_tensors` take what each column made.
    """
    columns = normalized(feature_columns)
    check_dense(columns)
    variables = _Scoped(_collections(weight_collections), trainable)
    with variable_scope(None, default_name="input_layer", values=list(features.values())):
        cache = Transformations(features)
        found: list[Tensor] = []
        for column in columns:
            with variable_scope(None, default_name=column.scope_name):
                made = flattened(column, column.dense_tensor(cache, variables))
                found.append(made)
                if cols_to_vars is not None:
                    cols_to_vars[column] = get_collection(GraphKeys.GLOBAL_VARIABLES, get_variable_scope().name)
                if cols_to_output_tensors is not None:
                    cols_to_output_tensors[column] = made
        check_batch_sizes(found, columns)
        return concat(found, 1)


@export("feature_column.linear_model")
def linear_model(
    features: Mapping[str, Any], feature_columns: Any, units: int = 1, sparse_combiner: str = "sum",
    weight_collections: Any = None, trainable: bool = True, cols_to_vars: dict[Any, Any] | None = None,
) -> Tensor:  # fmt: skip
    """[batch, units]: weights for all columns, dense ones and categorical ones, and a bias. Raises ValueError.

    `cols_to_vars` takes the variables of each column, and under "bias" the bias.
    """
    columns = normalized(feature_columns)
    variables = _Scoped(_collections(weight_collections), trainable)
    for column in columns:
        if not isinstance(column, DenseColumn | CategoricalColumn):
            raise ValueError(
                f"Items of feature_columns must be either a _DenseColumn or _CategoricalColumn. Given: {column}"
            )
    with variable_scope(None, default_name="linear_model"):
        cache = Transformations(features)
        sums: list[Tensor] = []
        for column in columns:
            with variable_scope(None, default_name=column.scope_name):
                sums.append(weighted_sum(column, cache, variables, units, sparse_combiner))
                if cols_to_vars is not None:
                    cols_to_vars[column] = get_collection(GraphKeys.GLOBAL_VARIABLES, get_variable_scope().name)
        check_batch_sizes(sums, columns)
        bias = variables(None, "bias_weights", [units], ZEROS)
        if cols_to_vars is not None:
            cols_to_vars["bias"] = [bias]
        return bias_add(add_n(sums, name="weighted_sum_no_bias"), bias, name="weighted_sum")


def weighted_sum(column: Any, cache: Transformations, variables: Any, units: int, combiner: str) -> Tensor:
    """[batch, units]: a column's part of a linear model."""
    if isinstance(column, CategoricalColumn):
        weights = variables(column, "weights", (column.num_buckets, units), ZEROS)
        ids, factors = column.sparse_tensors(cache)
        ids = sparse_reshape(ids, [ids.dense_shape[0], -1]) if ids.shape.ndims != 2 else ids
        if factors is not None and factors.shape.ndims != 2:
            factors = sparse_reshape(factors, [factors.dense_shape[0], -1])
        return safe_embedding_lookup_sparse(weights, ids, factors, combiner, name="weighted_sum")
    weights = variables(column, "weights", (column.variable_shape.num_elements(), units), ZEROS)
    return matmul(flattened(column, column.dense_tensor(cache, variables)), weights, name="weighted_sum")


@export("feature_column.make_parse_example_spec")
def make_parse_example_spec(feature_columns: Any) -> dict[str, Any]:
    """What tf.parse_example must read for some columns. Raises ValueError."""
    found: dict[str, Any] = {}
    for column in feature_columns:
        if not isinstance(column, FeatureColumn):
            raise ValueError(f"All feature_columns must be _FeatureColumn instances. Given: {column}")
        for key, value in column.parse_example_spec.items():
            if key in found and found[key] != value:
                raise ValueError(
                    f"feature_columns contain different parse_spec for key {key}. Given {value} and {found[key]}"
                )
            found[key] = value
    return found
