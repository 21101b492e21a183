"""What all feature columns are, and the cache that computes each of them once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import DType, int64, string
from ..graphs.scopes import name_scope
from ..graphs.shapes import TensorShape
from ..graphs.tensor import Tensor
from ..operations.arrays import expand_dims, shape
from ..operations.casting import cast
from ..operations.gathering import gather_nd
from ..operations.selection import where_v2
from ..operations.sparse_places import sparse_reshape
from ..operations.sparse_tensors import SparseTensor, convert_to_tensor_or_sparse_tensor
from .lookups import sparse_strings

Variables = Callable[..., Any]  # makes or finds a column's variable: variables(column, name, shape, initializer, ...)


class FeatureColumn:
    """One feature, or what is made of several. Subclasses are named tuples: equal ones are one column."""

    name: str

    @property
    def parse_example_spec(self) -> dict[str, Any]:
        """What of an Example message it is read from."""
        raise NotImplementedError

    def transformed(self, cache: Transformations) -> Any:
        """What the features make of it."""
        raise NotImplementedError

    @property
    def scope_name(self) -> str:
        """The name of the scope of its variables."""
        return self.name

    def __lt__(self, other: Any) -> bool:
        return str(self) < str(other)

    def __gt__(self, other: Any) -> bool:
        return str(self) > str(other)


class DenseColumn(FeatureColumn):
    """A column that is a tensor [batch, *variable_shape]."""

    @property
    def variable_shape(self) -> TensorShape:
        """The shape for one example."""
        raise NotImplementedError

    def dense_tensor(self, cache: Transformations, variables: Variables) -> Tensor:
        """The tensor."""
        raise NotImplementedError


class Ids(NamedTuple):
    """Integers, and how much each counts: two sparse tensors [batch, n]."""

    id_tensor: Any
    weight_tensor: Any


class CategoricalColumn(FeatureColumn):
    """A column that is any number of integers below `num_buckets` in each example."""

    @property
    def num_buckets(self) -> int:
        """How many values there are."""
        raise NotImplementedError

    def sparse_tensors(self, cache: Transformations) -> Ids:
        """The integers."""
        return Ids(cache.get(self), None)


class Transformations:
    """Features by name, and what columns made of them."""

    def __init__(self, features: Mapping[str, Any]) -> None:
        self._features = dict(features)
        self._found: dict[Any, Any] = {}

    def get(self, key: Any) -> Any:
        """A feature as a tensor or sparse tensor of two axes at least, or what a column makes of it. Raises
        ValueError."""
        if key not in self._found:
            self._found[key] = self._made(key)
        return self._found[key]

    def _made(self, key: Any) -> Any:
        if key in self._features:
            return _with_two_axes(key, self._features[key])
        if isinstance(key, str):
            raise ValueError(f"Feature {key} is not in features dictionary.")
        if not isinstance(key, FeatureColumn):
            raise TypeError(f'"key" must be either a "str" or "FeatureColumn". Provided: {key}')
        return key.transformed(self)


def _with_two_axes(key: str, feature: Any) -> Any:
    found = convert_to_tensor_or_sparse_tensor(feature)
    rank = found.shape.ndims
    if rank == 0:
        raise ValueError(f"Feature (key: {key}) cannot have rank 0. Given: {found}")
    if rank is None:
        raise ValueError(f"Feature (key: {key}) is {found} but must have a known rank")
    if rank > 1:
        return found
    if isinstance(found, SparseTensor):
        return sparse_reshape(found, [found.dense_shape[0], 1])
    return expand_dims(found, -1)


def as_sparse(tensor: Any, ignored: Any = None) -> SparseTensor:
    """A dense tensor as a sparse one without what stands for nothing: "", -1, 0.0, or the value given."""
    found = convert_to_tensor_or_sparse_tensor(tensor)
    if isinstance(found, SparseTensor):
        return found
    with name_scope(None, "to_sparse_input", [found]):
        dtype = found.dtype.base_dtype
        if dtype is string:
            return sparse_strings(found, "" if ignored is None else ignored)
        if ignored is None:
            ignored = -1 if dtype.is_integer else 0
        kept = apply("NotEqual", [found, cast(convert_to_tensor(ignored), found.dtype)])
        indices = where_v2(kept, name="indices")
        values = gather_nd(found, indices, name="values")
        return SparseTensor(indices, values, shape(found, out_type=int64, name="dense_shape"))


# -- checks ----


def normalized(columns: Any) -> list[FeatureColumn]:
    """The columns by their names. Raises ValueError for none, for what is no column, and for a name twice."""
    if isinstance(columns, FeatureColumn):
        columns = [columns]
    if isinstance(columns, Iterator):
        columns = list(columns)
    if isinstance(columns, Mapping):
        raise ValueError("Expected feature_columns to be iterable, found dict.")
    found: dict[str, FeatureColumn] = {}
    for column in columns:
        if not isinstance(column, FeatureColumn):
            raise ValueError(
                f"Items of feature_columns must be a _FeatureColumn. Given (type {type(column)}): {column}."
            )
        if column.name in found:
            raise ValueError(
                f"Duplicate feature column name found for columns: {column} and {found[column.name]}. This usually "
                "means that these columns refer to same base feature. Either one must be discarded or a duplicated but "
                "renamed item must be inserted in features dict."
            )
        found[column.name] = column
    if not found:
        raise ValueError("feature_columns must not be empty.")
    return sorted(found.values(), key=lambda column: column.name)


def check_key(key: Any) -> None:
    """Raises ValueError for a feature whose name is no string."""
    if not isinstance(key, str):
        raise ValueError(f"key must be a string. Got: type {type(key)}. Given key: {key}.")


def check_string_or_integer(dtype: DType, prefix: str) -> None:
    """Raises ValueError for a type whose values are no categories."""
    if dtype.base_dtype is not string and not dtype.is_integer:
        raise ValueError(f"{prefix} dtype must be string or integer. dtype: {dtype}.")


def check_batch_sizes(tensors: Sequence[Tensor], columns: Iterable[FeatureColumn]) -> None:
    """Raises ValueError where the first sizes differ."""
    known: tuple[str, int] | None = None
    for tensor, column in zip(tensors, columns, strict=True):
        size = tensor.shape[0].value if tensor.shape.ndims else None
        if size is None:
            continue
        if known is not None and known[1] != size:
            raise ValueError(
                "Batch size (first dimension) of each feature must be same. Batch size of columns "
                f"({known[0]}, {column.name}): ({known[1]}, {size})"
            )
        known = known or (column.name, size)
