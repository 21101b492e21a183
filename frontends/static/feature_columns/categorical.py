"""Columns that are integers: identities, vocabularies, buckets of hashes, and crossed ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..exports import export
from ..graphs.apply import apply
from ..graphs.dtypes import DType, as_dtype, float32, int64, string
from ..graphs.scopes import control_dependencies
from ..lookups.vocabularies import index_table_from_file, index_table_from_tensor
from ..operations.arrays import identity, shape
from ..operations.casting import cast
from ..operations.checks import assert_greater_equal, assert_less
from ..operations.ranges import fill
from ..operations.selection import where_v2
from ..operations.sparse_tensors import SparseTensor, convert_to_tensor_or_sparse_tensor
from ..operations.string_hashing import string_to_hash_bucket_fast
from ..operations.strings import as_string
from ..platform.files import GFile, exists
from ..platform.logs import info
from .columns import CategoricalColumn, Ids, Transformations, as_sparse, check_key, check_string_or_integer
from .lookups import places, sparse_cross_hashed
from .parsing import VarLenFeature


class _OfKey(CategoricalColumn):
    """A column of one feature."""

    key: str
    dtype: Any

    @property
    def name(self) -> str:
        return self.key

    @property
    def parse_example_spec(self) -> dict[str, Any]:
        return {self.key: VarLenFeature(self.dtype)}

    def transformed(self, cache: Transformations) -> SparseTensor:
        found = as_sparse(cache.get(self.key))
        return self._ids(found)

    def _ids(self, found: SparseTensor) -> SparseTensor:
        raise NotImplementedError

    def _check_dtype(self, found: SparseTensor) -> None:
        if self.dtype.is_integer != found.dtype.is_integer:
            raise ValueError(
                f"Column dtype and SparseTensors dtype must be compatible. key: {self.key}, column dtype: "
                f"{self.dtype}, tensor dtype: {found.dtype}"
            )
        check_string_or_integer(found.dtype, f"column_name: {self.key} input_tensor")


# -- identities ----


class _IdentityFields(NamedTuple):
    key: str
    number_buckets: int
    default_value: int | None


class IdentityCategoricalColumn(_OfKey, _IdentityFields):
    """Integers as they are."""

    dtype = int64

    @property
    def num_buckets(self) -> int:
        return self.number_buckets

    def _ids(self, found: SparseTensor) -> SparseTensor:
        if not found.dtype.is_integer:
            raise ValueError(f"Invalid input, not integer. key: {self.key} dtype: {found.dtype}")
        values = cast(found.values, int64, name="values")
        most, zero = cast(self.number_buckets, int64, name="num_buckets"), cast(0, int64, name="zero")
        if self.default_value is None:
            below = assert_less(
                values, most, data=(values, most), name="assert_less_than_num_buckets",
                message=f'Bucket index for categorical column "{self.name}" exceeds number of buckets',
            )  # fmt: skip
            above = assert_greater_equal(
                values, zero, data=(values,), name="assert_greater_or_equal_0",
                message=f'Negative bucket index for categorical column "{self.name}"',
            )  # fmt: skip
            with control_dependencies([below, above]):
                values = identity(values)
        else:
            outside = apply("LogicalOr", [values < zero, values >= most], name="out_of_range")
            default = fill(shape(values), cast(self.default_value, int64), name="default_values")
            values = where_v2(outside, default, values)
        return SparseTensor(found.indices, values, found.dense_shape)


@export("feature_column.categorical_column_with_identity")
def categorical_column_with_identity(
    key: str, num_buckets: int, default_value: int | None = None
) -> IdentityCategoricalColumn:
    """Integers from 0 on, below `num_buckets`; others are the default, or a run raises InvalidArgumentError. Raises
    ValueError."""
    if num_buckets < 1:
        raise ValueError(f"num_buckets {num_buckets} < 1, column_name {key}")
    if default_value is not None and not 0 <= default_value < num_buckets:
        raise ValueError(f"default_value {default_value} not in range [0, {num_buckets}), column_name {key}")
    check_key(key)
    return IdentityCategoricalColumn(key, num_buckets, default_value)


# -- hashes ----


class _HashedFields(NamedTuple):
    key: str
    hash_bucket_size: int
    dtype: Any


class HashedCategoricalColumn(_OfKey, _HashedFields):
    """Strings, or integers as text, by their fingerprints."""

    @property
    def num_buckets(self) -> int:
        return self.hash_bucket_size

    def _ids(self, found: SparseTensor) -> SparseTensor:
        check_string_or_integer(found.dtype, f"column_name: {self.key} input_tensor")
        self._check_dtype(found)
        texts = found.values if self.dtype is string else as_string(found.values)
        ids = string_to_hash_bucket_fast(texts, self.hash_bucket_size, name="lookup")
        return SparseTensor(found.indices, ids, found.dense_shape)


@export("feature_column.categorical_column_with_hash_bucket")
def categorical_column_with_hash_bucket(
    key: str, hash_bucket_size: int, dtype: DType = string
) -> HashedCategoricalColumn:
    """Strings or integers in so many buckets, by a fingerprint. Raises ValueError."""
    if hash_bucket_size is None:
        raise ValueError(f"hash_bucket_size must be set. key: {key}")
    if hash_bucket_size < 1:
        raise ValueError(f"hash_bucket_size must be at least 1. hash_bucket_size: {hash_bucket_size}, key: {key}")
    check_key(key)
    check_string_or_integer(dtype, f"column_name: {key}")
    return HashedCategoricalColumn(key, hash_bucket_size, dtype)


# -- vocabularies ----


class _ListFields(NamedTuple):
    key: str
    vocabulary_list: tuple[Any, ...]
    dtype: Any
    default_value: int
    num_oov_buckets: int


class VocabularyListCategoricalColumn(_OfKey, _ListFields):
    """Places in a list."""

    @property
    def num_buckets(self) -> int:
        return len(self.vocabulary_list) + self.num_oov_buckets

    def _ids(self, found: SparseTensor) -> SparseTensor:
        self._check_dtype(found)
        table = index_table_from_tensor(
            list(self.vocabulary_list), self.num_oov_buckets, self.default_value,
            dtype=int64 if self.dtype.is_integer else self.dtype,
            name=f"{self.key}_lookup",
        )  # fmt: skip
        return places(found, table)


@export("feature_column.categorical_column_with_vocabulary_list")
def categorical_column_with_vocabulary_list(
    key: str, vocabulary_list: Sequence[Any], dtype: DType | None = None, default_value: int = -1,
    num_oov_buckets: int = 0,
) -> VocabularyListCategoricalColumn:  # fmt: skip
    """Strings or integers by their places in a list; others are the default, or one of `num_oov_buckets` behind it.
    Raises ValueError."""
    if vocabulary_list is None or len(vocabulary_list) < 1:
        raise ValueError(f"vocabulary_list {vocabulary_list} must be non-empty, column_name: {key}")
    if len(set(vocabulary_list)) != len(vocabulary_list):
        raise ValueError(f"Duplicate keys in vocabulary_list {vocabulary_list}, column_name: {key}")
    array = np.array(vocabulary_list)
    found = string if array.dtype.kind in "SUO" else as_dtype(array.dtype)
    if num_oov_buckets:
        if default_value != -1:
            raise ValueError(f"Can't specify both num_oov_buckets and default_value in {key}.")
        if num_oov_buckets < 0:
            raise ValueError(f"Invalid num_oov_buckets {num_oov_buckets} in {key}.")
    check_string_or_integer(found, f"column_name: {key} vocabulary")
    if dtype is None:
        dtype = found
    elif dtype.is_integer != found.is_integer:
        raise ValueError(f"dtype {dtype} and vocabulary dtype {found} do not match, column_name: {key}")
    check_string_or_integer(dtype, f"column_name: {key}")
    check_key(key)
    return VocabularyListCategoricalColumn(key, tuple(vocabulary_list), dtype, default_value, num_oov_buckets)


class _FileFields(NamedTuple):
    key: str
    vocabulary_file: str
    vocabulary_size: int
    num_oov_buckets: int
    dtype: Any
    default_value: int


class VocabularyFileCategoricalColumn(_OfKey, _FileFields):
    """Lines of a file."""

    @property
    def num_buckets(self) -> int:
        return self.vocabulary_size + self.num_oov_buckets

    def _ids(self, found: SparseTensor) -> SparseTensor:
        self._check_dtype(found)
        table = index_table_from_file(
            self.vocabulary_file, self.num_oov_buckets, self.vocabulary_size, self.default_value,
            key_dtype=int64 if self.dtype.is_integer else self.dtype, name=f"{self.key}_lookup",
        )  # fmt: skip
        return places(found, table)


def _lines(path: str) -> list[bytes]:
    with GFile(path, "rb") as file:
        return file.read().splitlines()


@export("feature_column.categorical_column_with_vocabulary_file")
def categorical_column_with_vocabulary_file(
    key: str, vocabulary_file: str, vocabulary_size: int | None = None, num_oov_buckets: int = 0,
    default_value: int | None = None, dtype: DType = string,
) -> VocabularyFileCategoricalColumn:  # fmt: skip
    """As categorical_column_with_vocabulary_list, with the first `vocabulary_size` lines of a file. Raises
    ValueError."""
    if not vocabulary_file:
        raise ValueError(f"Missing vocabulary_file in {key}.")
    if vocabulary_size is None:
        if not exists(vocabulary_file):
            raise ValueError(f"vocabulary_file in {key} does not exist.")
        vocabulary_size = len(_lines(vocabulary_file))
        info(
            "vocabulary_size = %d in %s is inferred from the number of elements in the vocabulary_file %s.",
            vocabulary_size, key, vocabulary_file,
        )  # fmt: skip
    if vocabulary_size < 1:
        raise ValueError(f"Invalid vocabulary_size in {key}.")
    if num_oov_buckets:
        if default_value is not None:
            raise ValueError(f"Can't specify both num_oov_buckets and default_value in {key}.")
        if num_oov_buckets < 0:
            raise ValueError(f"Invalid num_oov_buckets {num_oov_buckets} in {key}.")
    check_string_or_integer(dtype, f"column_name: {key}")
    check_key(key)
    return VocabularyFileCategoricalColumn(
        key, vocabulary_file, vocabulary_size, num_oov_buckets or 0, dtype,
        -1 if default_value is None else default_value,
    )  # fmt: skip


# -- weights ----


class _WeightedFields(NamedTuple):
    categorical_column: Any
    weight_feature_key: str
    dtype: Any


class WeightedCategoricalColumn(CategoricalColumn, _WeightedFields):
    """A column whose values count as much as another feature says."""

    @property
    def name(self) -> str:
        return f"{self.categorical_column.name}_weighted_by_{self.weight_feature_key}"

    @property
    def parse_example_spec(self) -> dict[str, Any]:
        found = self.categorical_column.parse_example_spec
        key = self.weight_feature_key
        if key in found:
            raise ValueError(f"Parse config {found[key]} already exists for {key}.")
        return {**found, key: VarLenFeature(self.dtype)}

    @property
    def num_buckets(self) -> int:
        return self.categorical_column.num_buckets

    def transformed(self, cache: Transformations) -> Ids:
        weights = convert_to_tensor_or_sparse_tensor(cache.get(self.weight_feature_key))
        if self.dtype is not weights.dtype.base_dtype:
            raise ValueError(f"Bad dtype, expected {self.dtype}, but got {weights.dtype}.")
        weights = as_sparse(weights, 0.0)
        if not weights.dtype.is_floating:
            weights = SparseTensor(weights.indices, cast(weights.values, float32), weights.dense_shape)
        return Ids(cache.get(self.categorical_column), weights)

    def sparse_tensors(self, cache: Transformations) -> Ids:
        return cache.get(self)


@export("feature_column.weighted_categorical_column")
def weighted_categorical_column(
    categorical_column: Any, weight_feature_key: str, dtype: DType = float32
) -> WeightedCategoricalColumn:
    """A categorical column whose values count as much as the feature `weight_feature_key` says. Raises ValueError."""
    if dtype is None or not (dtype.is_integer or dtype.is_floating):
        raise ValueError(f"dtype {dtype} is not convertible to float.")
    return WeightedCategoricalColumn(categorical_column, weight_feature_key, dtype)


# -- crossed ones ----


class _CrossedFields(NamedTuple):
    keys: tuple[Any, ...]
    hash_bucket_size: int
    hash_key: int | None


class CrossedColumn(CategoricalColumn, _CrossedFields):
    """Combinations of the values of several columns, by their fingerprints."""

    @property
    def name(self) -> str:
        return "_X_".join(sorted(key if isinstance(key, str) else key.name for key in _leaves(self)))

    @property
    def parse_example_spec(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key in self.keys:
            found.update({key: VarLenFeature(string)} if isinstance(key, str) else key.parse_example_spec)
        return found

    @property
    def num_buckets(self) -> int:
        return self.hash_bucket_size

    def transformed(self, cache: Transformations) -> SparseTensor:
        parts: list[Any] = []
        for key in _leaves(self):
            if isinstance(key, str):
                parts.append(cache.get(key))
                continue
            ids = key.sparse_tensors(cache)
            if ids.weight_tensor is not None:
                raise ValueError(
                    "crossed_column does not support weight_tensor, but the given column populates weight_tensor. "
                    f"Given column: {key.name}"
                )
            parts.append(ids.id_tensor)
        return sparse_cross_hashed(parts, self.hash_bucket_size, self.hash_key)


def _leaves(column: CrossedColumn) -> list[Any]:
    """What is crossed: columns and names of features."""
    found: list[Any] = []
    for key in column.keys:
        found.extend(_leaves(key) if isinstance(key, CrossedColumn) else [key])
    return found


@export("feature_column.crossed_column")
def crossed_column(keys: Sequence[Any], hash_bucket_size: int, hash_key: int | None = None) -> CrossedColumn:
    """Every combination of the values of features and categorical columns, in one of so many buckets. Raises
    ValueError."""
    if not hash_bucket_size or hash_bucket_size < 1:
        raise ValueError(f"hash_bucket_size must be > 1. hash_bucket_size: {hash_bucket_size}")
    if not keys or len(keys) < 2:
        raise ValueError(f"keys must be a list with length > 1. Given: {keys}")
    for key in keys:
        if not isinstance(key, str | CategoricalColumn):
            raise ValueError(
                "Unsupported key type. All keys must be either string, or categorical column except "
                f"HashedCategoricalColumn. Given: {key}"
            )
        if isinstance(key, HashedCategoricalColumn):
            raise ValueError(
                "categorical_column_with_hash_bucket is not supported for crossing. Hashing before crossing will "
                "increase probability of collision. Instead, use the feature name as a string. Given: "
                f"{key}"
            )
    return CrossedColumn(tuple(keys), hash_bucket_size, hash_key)
