"""Tables of words and their numbers, with buckets for words that are not in them."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable
from functools import partial
from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import DType, as_dtype, int64, string
from ..graphs.operation import Operation
from ..graphs.scopes import name_scope
from ..graphs.tensor import Tensor
from ..operations.arrays import size
from ..operations.casting import cast
from ..operations.control import no_op
from ..operations.ranges import range as range_of
from ..operations.selection import where
from ..operations.sparse_tensors import SparseTensor
from ..operations.string_hashing import (
    string_to_hash_bucket,
    string_to_hash_bucket_fast,
    string_to_hash_bucket_strong,
)
from ..operations.strings import as_string
from .initializers import (
    KeyValueTensorInitializer,
    TextFileIdTableInitializer,
    TextFileStringTableInitializer,
)
from .operations import LINE_NUMBER, WHOLE_LINE
from .tables import LookupInterface, StaticHashTable

HasherSpec = namedtuple("HasherSpec", ["hasher", "key"])
export("contrib.lookup.HasherSpec")(HasherSpec)
FastHashSpec = HasherSpec("fasthash", None)
export("contrib.lookup.FastHashSpec")(FastHashSpec)


@export("contrib.lookup.StrongHashSpec")
class StrongHashSpec(HasherSpec):
    """A keyed hash, of a key of two integers. Raises ValueError, TypeError."""

    __slots__ = ()

    def __new__(cls, key: Any) -> StrongHashSpec:
        if len(key) != 2:
            raise ValueError(f"key must have size 2, got {len(key)}.")
        if not all(isinstance(part, int) for part in key):
            raise TypeError(f"Invalid key {key}. Must be unsigned integer values.")
        return super().__new__(cls, "stronghash", key)


def _hash_of(spec: Any) -> Callable[..., Tensor]:
    if not isinstance(spec, HasherSpec):
        raise TypeError(f"hasher_spec must be of type HasherSpec, got {spec}")
    if spec.hasher == "fasthash":
        return string_to_hash_bucket_fast
    if spec.hasher == "legacy":
        return string_to_hash_bucket
    if spec.hasher == "stronghash":
        return partial(string_to_hash_bucket_strong, key=spec.key)
    raise ValueError(f"Unknown hasher {spec.hasher}")


@export("contrib.lookup.IdTableWithHashBuckets")
class IdTableWithHashBuckets(LookupInterface):
    """A table from words to numbers, behind which come `num_oov_buckets` for words that it has not, chosen by a hash.
    Raises TypeError, ValueError."""

    def __init__(
        self, table: Any, num_oov_buckets: int, hasher_spec: Any = FastHashSpec, name: str | None = None,
        key_dtype: Any = None,
    ) -> None:  # fmt: skip
        name = name.rstrip("/") if name else name
        if table:
            key_dtype = as_dtype(key_dtype or table.key_dtype)
            _check_table(table.key_dtype, table.value_dtype, key_dtype)
            name = name or table.name
        else:
            if num_oov_buckets <= 0:
                raise ValueError("oov_buckets must be > 0 if no table is supplied.")
            key_dtype, name = as_dtype(key_dtype or string), name or "hash_bucket"
        if not key_dtype.is_integer and key_dtype is not string:
            raise TypeError(f"Invalid key_dtype, expected integer or string, got {key_dtype}.")
        self._table = table or None
        self._num_oov_buckets = num_oov_buckets
        self._hash = _hash_of(hasher_spec)
        self._table_name = name.rpartition("/")[2]
        super().__init__(key_dtype, int64)

    @property
    def initializer(self) -> Operation:
        """The operation that fills the table."""
        if self._table is not None:
            return self._table.initializer
        with name_scope(None, "init"):
            return no_op()

    @property
    def init(self) -> Operation:
        """The operation that fills the table."""
        return self.initializer

    @property
    def resource_handle(self) -> Any:
        """The tensor that stands for the table, or None."""
        return None if self._table is None else self._table.resource_handle

    @property
    def name(self) -> str:
        return self._table_name

    def size(self, name: str | None = None) -> Tensor:
        with name_scope(name, f"{self.name}_Size"):
            count = convert_to_tensor(0, dtype=int64) if self._table is None else self._table.size()
            return count + self._num_oov_buckets

    def lookup(self, keys: Any, name: str | None = None) -> Any:
        self._check_keys(keys)
        values = keys.values if isinstance(keys, SparseTensor) else keys
        if self._table is not None and self._table.key_dtype is int64:
            values = cast(values, int64)
        if self._num_oov_buckets == 0:
            ids = self._table.lookup(values, name=name)
        else:
            with name_scope(name, f"{self.name}_Lookup"):
                ids = self._with_buckets(values)
        return keys._with_values(ids) if isinstance(keys, SparseTensor) else ids

    def _with_buckets(self, values: Tensor) -> Tensor:
        text = values if values.dtype.base_dtype is string else as_string(values)
        buckets = self._hash(text, num_buckets=self._num_oov_buckets, name="hash_bucket")
        if self._table is None:
            return buckets
        ids = self._table.lookup(values)
        buckets = apply("Add", [buckets, self._table.size()])
        return where(apply("NotEqual", [ids, self._table.default_value]), ids, buckets)


def _check_table(table_keys: DType, table_values: DType, key_dtype: DType) -> None:
    supported = (int64, string)
    if table_keys not in supported:
        raise TypeError(f"Invalid key dtype, expected one of {supported}, but got {key_dtype}.")
    if table_keys.is_integer != key_dtype.is_integer:
        wanted = "integer" if key_dtype.is_integer else "non-integer"
        raise TypeError(f"Invalid key dtype, expected {wanted} but got {table_keys}.")
    if table_values is not int64:
        raise TypeError(f"Invalid value dtype, expected {int64} but got {table_values}.")


@export("lookup.StaticVocabularyTable")
class StaticVocabularyTable(IdTableWithHashBuckets):
    """A table from words to numbers, and buckets for other words. Raises TypeError, ValueError."""

    def __init__(
        self, initializer: Any, num_oov_buckets: int, lookup_key_dtype: Any = None, name: str | None = None
    ) -> None:
        if num_oov_buckets <= 0:
            raise ValueError("oov_buckets must be > 0.")
        table = None
        if initializer:
            key_dtype = as_dtype(lookup_key_dtype or initializer.key_dtype)
            _check_table(initializer.key_dtype, initializer.value_dtype, key_dtype)
            table = StaticHashTable(initializer, default_value=-1)
        super().__init__(table, num_oov_buckets, name=name, key_dtype=lookup_key_dtype if initializer else string)


def _check_file(vocabulary_file: Any) -> None:
    if vocabulary_file is None or (isinstance(vocabulary_file, str) and not vocabulary_file):
        raise ValueError("vocabulary_file must be specified and must not be empty.")


@export("contrib.lookup.index_table_from_file")
def index_table_from_file(
    vocabulary_file: Any = None, num_oov_buckets: int = 0, vocab_size: int | None = None, default_value: Any = -1,
    hasher_spec: Any = FastHashSpec, key_dtype: Any = string, name: str | None = None,
    key_column_index: int = WHOLE_LINE, value_column_index: int = LINE_NUMBER, delimiter: str = "\t",
) -> Any:  # fmt: skip
    """A table from the lines of a file to their numbers. Raises ValueError, TypeError."""
    _check_file(vocabulary_file)
    if num_oov_buckets < 0:
        raise ValueError(f"num_oov_buckets must be greater or equal than 0, got {num_oov_buckets}.")
    if vocab_size is not None and vocab_size < 1:
        raise ValueError(f"vocab_size must be greater than 0, got {vocab_size}. vocabulary_file: {vocabulary_file}")
    key_dtype = as_dtype(key_dtype)
    if not key_dtype.is_integer and key_dtype.base_dtype is not string:
        raise TypeError("Only integer and string keys are supported.")
    with name_scope(name, "string_to_index"):
        with name_scope(None, "hash_table"):
            kept = int64 if key_dtype.is_integer else key_dtype
            first = TextFileIdTableInitializer(
                vocabulary_file, key_column_index, value_column_index, vocab_size, delimiter, "table_init", kept
            )
            table = StaticHashTable(first, default_value)
        return _with_buckets(table, num_oov_buckets, hasher_spec, key_dtype)


def _with_buckets(table: Any, num_oov_buckets: int, hasher_spec: Any, key_dtype: DType) -> Any:
    if not num_oov_buckets:
        return table
    return IdTableWithHashBuckets(table, num_oov_buckets, hasher_spec, key_dtype=key_dtype)


@export("contrib.lookup.index_table_from_tensor")
def index_table_from_tensor(
    mapping: Any, num_oov_buckets: int = 0, default_value: Any = -1, hasher_spec: Any = FastHashSpec,
    dtype: Any = string, name: str | None = None,
) -> Any:  # fmt: skip
    """A table from the elements of a vector to their places. Raises ValueError, TypeError."""
    if mapping is None:
        raise ValueError("mapping must be specified.")
    if num_oov_buckets < 0:
        raise ValueError(f"num_oov_buckets must be greater or equal than 0, got {num_oov_buckets}.")
    dtype = as_dtype(dtype)
    if not dtype.is_integer and dtype.base_dtype is not string:
        raise TypeError("Only integer and string keys are supported.")
    with name_scope(name, "string_to_index"):
        keys = convert_to_tensor(mapping)
        if keys.dtype.is_integer != dtype.is_integer:
            raise ValueError(f"Expected {'integer' if dtype.is_integer else 'non-integer'}, got {keys.dtype}.")
        if not dtype.is_integer and keys.dtype.base_dtype is not dtype:
            raise ValueError(f"Expected {dtype}, got {keys.dtype}.")
        values = cast(range_of(size(keys)), int64)
        with name_scope(None, "hash_table"):
            kept = cast(keys, int64) if keys.dtype.is_integer else keys
            table = StaticHashTable(KeyValueTensorInitializer(kept, values, name="table_init"), default_value)
        return _with_buckets(table, num_oov_buckets, hasher_spec, dtype)


@export("contrib.lookup.index_to_string_table_from_file")
def index_to_string_table_from_file(
    vocabulary_file: Any, vocab_size: int | None = None, default_value: Any = "UNK", name: str | None = None,
    key_column_index: int = LINE_NUMBER, value_column_index: int = WHOLE_LINE, delimiter: str = "\t",
) -> StaticHashTable:  # fmt: skip
    """A table from the numbers of a file's lines to the lines. Raises ValueError."""
    _check_file(vocabulary_file)
    if vocab_size is not None and vocab_size < 1:
        raise ValueError(f"vocab_size must be greater than 0, got {vocab_size}.")
    with name_scope(name, "index_to_string"):
        first = TextFileStringTableInitializer(
            vocabulary_file, key_column_index, value_column_index, vocab_size, delimiter, "table_init"
        )
        return StaticHashTable(first, default_value)


@export("contrib.lookup.index_to_string_table_from_tensor")
def index_to_string_table_from_tensor(
    mapping: Any, default_value: Any = "UNK", name: str | None = None
) -> StaticHashTable:  # fmt: skip
    """A table from places in a vector of strings to its elements. Raises ValueError."""
    if mapping is None:
        raise ValueError("mapping must be specified.")
    with name_scope(name, "index_to_string"):
        words = convert_to_tensor(mapping, string)
        keys = cast(range_of(size(words)), int64)
        return StaticHashTable(KeyValueTensorInitializer(keys, words, name="table_init"), default_value)


@export("contrib.lookup.string_to_index_table_from_file")
def string_to_index_table_from_file(
    vocabulary_file: Any = None, num_oov_buckets: int = 0, vocab_size: int | None = None, default_value: Any = -1,
    hasher_spec: Any = FastHashSpec, name: str | None = None,
) -> Any:  # fmt: skip
    """As index_table_from_file, of strings."""
    return index_table_from_file(
        vocabulary_file, num_oov_buckets, vocab_size, default_value, hasher_spec, string, name
    )  # fmt: skip


@export("contrib.lookup.string_to_index_table_from_tensor")
def string_to_index_table_from_tensor(
    mapping: Any, num_oov_buckets: int = 0, default_value: Any = -1, hasher_spec: Any = FastHashSpec,
    name: str | None = None,
) -> Any:  # fmt: skip
    """As index_table_from_tensor, of strings. Raises ValueError."""
    mapping = convert_to_tensor(mapping)
    if mapping.dtype.base_dtype is not string:
        raise ValueError("string_to_index_table_from_tensor requires string.")
    return index_table_from_tensor(mapping, num_oov_buckets, default_value, hasher_spec, name=name)


@export("contrib.lookup.string_to_index")
def string_to_index(tensor: Any, mapping: Any, default_value: Any = -1, name: str | None = None) -> Any:
    """The places of strings in a vector."""
    return index_table_from_tensor(mapping, default_value=default_value, name=name).lookup(tensor)


@export("contrib.lookup.index_to_string")
def index_to_string(tensor: Any, mapping: Any, default_value: Any = "UNK", name: str | None = None) -> Any:
    """The strings at places of a vector."""
    return index_to_string_table_from_tensor(mapping, default_value=default_value, name=name).lookup(tensor)
