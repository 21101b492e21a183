"""What fills tables: tensors, or the lines of a file."""

from __future__ import annotations

from typing import Any

from ..exports import export
from ..graphs.apply import apply_operation
from ..graphs.collections import GraphKeys, add_to_collection
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import DType, as_dtype, int64, string
from ..graphs.operation import Operation
from ..graphs.scopes import name_scope
from ..graphs.tensor import Tensor
from .operations import LINE_NUMBER, WHOLE_LINE


@export("contrib.lookup.TableInitializerBase")
class TableInitializerBase:
    """What `initialize` fills a table with."""

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
    def _shared_name(self) -> str:
        return ""

    def initialize(self, table: Any) -> Operation:
        """The operation that fills a table."""
        raise NotImplementedError


def _check_dtypes(table: Any, key_dtype: DType, value_dtype: DType) -> None:
    for what, found, wanted in (("key", key_dtype, table.key_dtype), ("value", value_dtype, table.value_dtype)):
        if found.base_dtype is not wanted:
            raise TypeError(f"Invalid {what} dtype, expected {wanted} but got {found}.")


@export("lookup.KeyValueTensorInitializer", "contrib.lookup.KeyValueTensorInitializer")
class KeyValueTensorInitializer(TableInitializerBase):
    """Fills a table with keys and values of as many elements."""

    def __init__(
        self, keys: Any, values: Any, key_dtype: Any = None, value_dtype: Any = None, name: str | None = None
    ) -> None:
        self._keys = convert_to_tensor(keys, dtype=key_dtype, name="keys")
        self._values = convert_to_tensor(values, dtype=value_dtype, name="values")
        self._name = name if name is not None else "key_value_init"
        super().__init__(self._keys.dtype, self._values.dtype)

    def initialize(self, table: Any) -> Operation:
        _check_dtypes(table, self._keys.dtype, self._values.dtype)
        with name_scope(self._name, values=[self._keys, self._values]):
            made = apply_operation("LookupTableImportV2", [table.resource_handle, self._keys, self._values])
        add_to_collection(GraphKeys.TABLE_INITIALIZERS, made)
        return made


@export("lookup.TextFileIndex", "contrib.lookup.TextFileIndex")
class TextFileIndex:
    """What a column may be besides its number: the whole line, or the line's number."""

    WHOLE_LINE = WHOLE_LINE
    LINE_NUMBER = LINE_NUMBER


@export("lookup.TextFileInitializer", "contrib.lookup.TextFileInitializer")
class TextFileInitializer(TableInitializerBase):
    """Fills a table with columns of a file's lines. Raises ValueError."""

    def __init__(
        self, filename: Any, key_dtype: Any, key_index: int, value_dtype: Any, value_index: int,
        vocab_size: int | None = None, delimiter: str = "\t", name: str | None = None,
    ) -> None:  # fmt: skip
        if not isinstance(filename, Tensor) and not filename:
            raise ValueError(f"Filename required for {name}.")
        key_dtype, value_dtype = as_dtype(key_dtype), as_dtype(value_dtype)
        whole = key_dtype.is_integer or key_dtype is string
        _check_index("key", key_index, key_dtype, whole, "Keys must be integer or string, got")
        wanted = f"Values must be dtype {string}, got"
        _check_index("value", value_index, value_dtype, value_dtype is string, wanted)
        if vocab_size is not None and vocab_size <= 0:
            raise ValueError(f"Invalid vocab_size {vocab_size}.")
        self._filename = filename
        self._key_index = key_index
        self._value_index = value_index
        self._vocab_size = vocab_size
        self._delimiter = delimiter
        self._name = name
        super().__init__(key_dtype, value_dtype)

    @property
    def _shared_name(self) -> str:
        size = f"{self._vocab_size}_" if self._vocab_size else ""
        return f"hash_table_{self._filename}_{size}{self._key_index}_{self._value_index}"

    def initialize(self, table: Any) -> Operation:
        _check_dtypes(table, self.key_dtype, self.value_dtype)
        with name_scope(self._name, "text_file_init"):
            filename = convert_to_tensor(self._filename, string, name="asset_filepath")
            made = apply_operation(
                "InitializeTableFromTextFileV2", [table.resource_handle, filename], key_index=self._key_index,
                value_index=self._value_index, vocab_size=-1 if self._vocab_size is None else self._vocab_size,
                delimiter=self._delimiter,
            )  # fmt: skip
        add_to_collection(GraphKeys.TABLE_INITIALIZERS, made)
        if filename.op.type == "Const":
            add_to_collection(GraphKeys.ASSET_FILEPATHS, filename)
        return made


def _check_index(what: str, index: int, dtype: DType, may_be_whole: bool, wanted: str) -> None:
    if index < WHOLE_LINE:
        raise ValueError(f"Invalid {what} index {index}.")
    if index == LINE_NUMBER and dtype is not int64:
        raise ValueError(f"Signature mismatch. {what.title()}s must be dtype {int64}, got {dtype}.")
    if index == WHOLE_LINE and not may_be_whole:
        raise ValueError(f"Signature mismatch. {wanted} {dtype}.")


@export("contrib.lookup.TextFileStringTableInitializer")
class TextFileStringTableInitializer(TextFileInitializer):
    """Fills a table from line numbers to lines."""

    def __init__(
        self, filename: Any, key_column_index: int = LINE_NUMBER, value_column_index: int = WHOLE_LINE,
        vocab_size: int | None = None, delimiter: str = "\t", name: str = "text_file_string_table_init",
    ) -> None:  # fmt: skip
        super().__init__(filename, int64, key_column_index, string, value_column_index, vocab_size, delimiter, name)


@export("contrib.lookup.TextFileIdTableInitializer")
class TextFileIdTableInitializer(TextFileInitializer):
    """Fills a table from lines to their numbers."""

    def __init__(
        self, filename: Any, key_column_index: int = WHOLE_LINE, value_column_index: int = LINE_NUMBER,
        vocab_size: int | None = None, delimiter: str = "\t", name: str = "text_file_id_table_init",
        key_dtype: Any = string,
    ) -> None:  # fmt: skip
        super().__init__(filename, key_dtype, key_column_index, int64, value_column_index, vocab_size, delimiter, name)
