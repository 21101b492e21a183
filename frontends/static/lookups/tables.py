"""tf.lookup.StaticHashTable and its kin: tables from keys to values."""

from __future__ import annotations

from typing import Any

from ..exports import export
from ..graphs.apply import apply, apply_operation
from ..graphs.collections import GraphKeys, get_collection
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import DType, as_dtype
from ..graphs.operation import Operation
from ..graphs.scopes import name_scope
from ..graphs.shapes import TensorShape
from ..graphs.tensor import Tensor
from ..operations.control import group, no_op
from ..operations.sparse_tensors import SparseTensor


@export("tables_initializer", "initializers.tables_initializer")
def tables_initializer(name: str = "init_all_tables") -> Operation:
    """The operation that fills all tables of the graph."""
    found = get_collection(GraphKeys.TABLE_INITIALIZERS)
    return group(*found, name=name) if found else no_op(name=name)


@export("initialize_all_tables")
def initialize_all_tables(name: str = "init_all_tables") -> Operation:
    """As tables_initializer."""
    return tables_initializer(name)


@export("contrib.lookup.LookupInterface")
class LookupInterface:
    """A table from keys to values."""

    def __init__(self, key_dtype: Any, value_dtype: Any) -> None:
        self._key_dtype = as_dtype(key_dtype)
        self._value_dtype = as_dtype(value_dtype)

    @property
    def key_dtype(self) -> DType:
        """The dtype of keys."""
        return self._key_dtype

    @property
    def value_dtype(self) -> DType:
        """The dtype of values."""
        return self._value_dtype

    @property
    def name(self) -> Any:
        """The name of the table."""
        raise NotImplementedError

    def size(self, name: str | None = None) -> Tensor:
        """How many entries there are, as int64."""
        raise NotImplementedError

    def lookup(self, keys: Any, name: str | None = None) -> Any:
        """The values of keys, which may be a tf.SparseTensor."""
        raise NotImplementedError

    def _check_keys(self, keys: Any) -> None:
        if keys.dtype.base_dtype is not self._key_dtype:
            raise TypeError(f"Signature mismatch. Keys must be dtype {self._key_dtype}, got {keys.dtype}.")


class _Kept(LookupInterface):
    """A table with a handle."""

    _handle: Tensor
    _table_name: str
    _default_value: Tensor

    @property
    def resource_handle(self) -> Tensor:
        """The tensor that stands for the table."""
        return self._handle

    @property
    def name(self) -> str:
        return self._table_name

    def _made(self, type: str, inputs: Any = (), **attributes: Any) -> None:
        self._handle = apply(
            type, list(inputs), key_dtype=self._key_dtype, value_dtype=self._value_dtype, **attributes
        )  # fmt: skip
        self._table_name = self._handle.op.name.rpartition("/")[2]

    def size(self, name: str | None = None) -> Tensor:
        with name_scope(name, f"{self.name}_Size", [self._handle]):
            return apply("LookupTableSizeV2", [self._handle])

    def export(self, name: str | None = None) -> tuple[Tensor, Tensor]:
        """All keys, and all values."""
        with name_scope(name, f"{self.name}{self._export_scope}", [self._handle]):
            keys, values = apply(
                "LookupTableExportV2", [self._handle], Tkeys=self._key_dtype, Tvalues=self._value_dtype
            )
        values.set_shape(TensorShape([None]).concatenate(self._default_value.shape))
        return keys, values

    _export_scope = "_lookup_table_export_values"


@export("contrib.lookup.InitializableLookupTableBase")
class InitializableLookupTableBase(_Kept):
    """A table that an initializer fills; keys without an entry have the default value."""

    _export_scope = "_Export"

    def __init__(self, default_value: Any, initializer: Any, shared_name: str | None, name: str | None) -> None:
        super().__init__(initializer.key_dtype, initializer.value_dtype)
        self._default_value = convert_to_tensor(default_value, dtype=self._value_dtype)
        self._default_value.shape.merge_with(TensorShape([]))
        self._made("HashTableV2", shared_name=shared_name or "", name=name or "hash_table")
        self._init_op = initializer.initialize(self)

    @property
    def default_value(self) -> Tensor:
        """What keys without an entry have."""
        return self._default_value

    @property
    def initializer(self) -> Operation:
        """The operation that fills the table."""
        return self._init_op

    @property
    def init(self) -> Operation:
        """The operation that fills the table."""
        return self._init_op

    def lookup(self, keys: Any, name: str | None = None) -> Any:
        given = keys.values if isinstance(keys, SparseTensor) else keys
        self._check_keys(keys)
        with name_scope(name, f"{self.name}_Lookup", [self._handle, given]):
            values = apply("LookupTableFindV2", [self._handle, given, self._default_value])
        values.set_shape(given.shape)
        return keys._with_values(values) if isinstance(keys, SparseTensor) else values


@export("lookup.StaticHashTable")
class StaticHashTable(InitializableLookupTableBase):
    """A table that is filled once. Tables filled from the same columns of a file are one."""

    def __init__(self, initializer: Any, default_value: Any, name: str | None = None) -> None:
        super().__init__(default_value, initializer, initializer._shared_name, name)


@export("contrib.lookup.HashTable")
class HashTable(InitializableLookupTableBase):
    """A table that is filled once. Tables of one `shared_name` are one."""

    def __init__(
        self, initializer: Any, default_value: Any, shared_name: str | None = None, name: str | None = None
    ) -> None:
        super().__init__(default_value, initializer, shared_name, name)


class _Changing(_Kept):
    """A table whose entries change."""

    def lookup(self, keys: Any, name: str | None = None) -> Tensor:
        """The values of keys."""
        with name_scope(name, f"{self.name}_lookup_table_find", [self._handle]):
            keys = convert_to_tensor(keys, dtype=self._key_dtype, name="keys")
            return apply("LookupTableFindV2", [self._handle, keys, self._default_value])

    def insert(self, keys: Any, values: Any, name: str | None = None) -> Operation:
        """Adds entries, or replaces those of the same keys."""
        with name_scope(name, f"{self.name}_lookup_table_insert", [self._handle]):
            keys = convert_to_tensor(keys, dtype=self._key_dtype, name="keys")
            values = convert_to_tensor(values, dtype=self._value_dtype, name="values")
            return apply_operation("LookupTableInsertV2", [self._handle, keys, values])

    def remove(self, keys: Any, name: str | None = None) -> Operation:
        """Drops the entries of keys. Raises TypeError."""
        if keys.dtype.base_dtype is not self._key_dtype:
            raise TypeError(f"Signature mismatch. Keys must be dtype {self._key_dtype}, got {keys.dtype}.")
        with name_scope(name, f"{self.name}_lookup_table_remove", [self._handle]):
            return apply_operation("LookupTableRemoveV2", [self._handle, keys])


@export("contrib.lookup.MutableHashTable")
class MutableHashTable(_Changing):
    """A table whose entries change: values are scalars, or vectors as the default value is. Checkpoints do not hold
    it."""

    def __init__(
        self, key_dtype: Any, value_dtype: Any, default_value: Any, name: str = "MutableHashTable",
        checkpoint: bool = True,
    ) -> None:  # fmt: skip
        super().__init__(key_dtype, value_dtype)
        self._default_value = convert_to_tensor(default_value, dtype=self._value_dtype)
        shape = self._default_value.shape
        if shape.ndims == 0:
            self._made("MutableHashTableV2", name=name)
        else:
            self._made("MutableHashTableOfTensorsV2", name=name, value_shape=shape)


@export("contrib.lookup.MutableDenseHashTable", "lookup.experimental.DenseHashTable")
class DenseHashTable(_Changing):
    """A table whose entries change, and whose keys are never `empty_key` nor `deleted_key`. Checkpoints do not hold
    it."""

    def __init__(
        self, key_dtype: Any, value_dtype: Any, default_value: Any, empty_key: Any, deleted_key: Any,
        initial_num_buckets: int | None = None, name: str = "MutableDenseHashTable", checkpoint: bool = True,
    ) -> None:  # fmt: skip
        super().__init__(key_dtype, value_dtype)
        self._default_value = convert_to_tensor(default_value, dtype=self._value_dtype, name="default_value")
        keys = [
            convert_to_tensor(key, dtype=self._key_dtype, name=what)
            for what, key in (("empty_key", empty_key), ("deleted_key", deleted_key))
        ]
        self._made("MutableDenseHashTableV2", keys, name=name, value_shape=self._default_value.shape)

    def insert_or_assign(self, keys: Any, values: Any, name: str | None = None) -> Operation:
        """As insert."""
        return self.insert(keys, values, name)

    def erase(self, keys: Any, name: str | None = None) -> Operation:
        """As remove."""
        return self.remove(keys, name)
