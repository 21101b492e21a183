"""What the host does with tables: the operations that make, fill, ask and list them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..graphs.definitions import host_operation, scalar_shape
from ..graphs.dtypes import DType, string
from ..graphs.errors import FailedPreconditionError, InvalidArgumentError, NotFoundError
from ..graphs.literals import array_of
from ..graphs.shapes import Dims, TensorShape
from ..graphs.tensor import Tensor
from ..running.host import HostRun, handle

Array = np.ndarray[Any, Any]
WHOLE_LINE, LINE_NUMBER = -2, -1  # in place of the number of a column


class Store:
    """A table. One that is not `mutable` is filled once."""

    def __init__(self, value_dtype: DType, *, mutable: bool) -> None:
        self.value_dtype = value_dtype
        self.mutable = mutable
        self.entries: dict[Any, Any] | None = {} if mutable else None

    def cancel(self) -> None:
        """Nothing: nobody waits for a table."""

    def fill(self, entries: dict[Any, Any]) -> None:
        """Fills a table that is filled once. Raises ValueError where it has other entries already."""
        if self.entries is not None and self.entries != entries:
            raise ValueError("Table was already initialized with different data.")
        self.entries = entries


def _kept(at: HostRun, shared_name: str, made: Callable[[], Store]) -> Array:
    key: Any = f"table {shared_name}" if shared_name else at.operation
    return handle(at.state.resource(key, made))


def _handles(inputs: Sequence[Tensor], **_: Any) -> list[Any]:
    return [()]


@host_operation("HashTableV2", "-> resource", shape=_handles)
def make_table(at: HostRun, *, key_dtype: DType, value_dtype: DType, shared_name: str = "") -> Array:
    """A table that is filled once."""
    return _kept(at, shared_name, lambda: Store(value_dtype, mutable=False))


@host_operation("MutableHashTableV2", "-> resource", shape=_handles)
def make_mutable(at: HostRun, *, key_dtype: DType, value_dtype: DType, shared_name: str = "") -> Array:
    """A table of scalars that changes."""
    return _kept(at, shared_name, lambda: Store(value_dtype, mutable=True))


@host_operation("MutableHashTableOfTensorsV2", "-> resource", shape=_handles)
def make_mutable_of_tensors(
    at: HostRun, *, key_dtype: DType, value_dtype: DType, value_shape: TensorShape, shared_name: str = ""
) -> Array:
    """A table of vectors that changes."""
    return _kept(at, shared_name, lambda: Store(value_dtype, mutable=True))


@host_operation("MutableDenseHashTableV2", "empty_key: key_dtype, deleted_key: key_dtype -> resource", shape=_handles)
def make_dense(
    at: HostRun, empty: Array, deleted: Array, *, key_dtype: DType, value_dtype: DType, value_shape: TensorShape,
    shared_name: str = "",
) -> Array:  # fmt: skip
    """A table that changes and whose keys are two others never."""
    return _kept(at, shared_name, lambda: Store(value_dtype, mutable=True))


def _keys(keys: Array) -> list[Any]:
    """The keys as things that a dictionary finds: numbers, bytes, or tuples for keys that are vectors."""
    return keys.reshape(-1).tolist()


def _entries(at: HostRun, keys: Array, values: Array) -> dict[Any, Any]:
    rows = values.reshape(keys.size, *values.shape[keys.ndim :])
    found: dict[Any, Any] = {}
    for key, value in zip(_keys(keys), rows, strict=True):
        value = value.item() if isinstance(value, np.generic) else value
        before = found.setdefault(key, value)
        if np.any(before != value):
            raise FailedPreconditionError(
                at.operation.node_def, at.operation,
                f"HashTable has different value for same key. Key {_text(key)} has {_text(before)} and trying to add "
                f"value {_text(value)}",
            )  # fmt: skip
    return found


def _text(item: Any) -> str:
    return item.decode() if isinstance(item, bytes) else str(item)


def _filled(at: HostRun, table: Store, entries: dict[Any, Any]) -> list[Any]:
    try:
        table.fill(entries)
    except ValueError as error:
        raise FailedPreconditionError(at.operation.node_def, at.operation, str(error)) from None
    return []


@host_operation("LookupTableImportV2", "table_handle: resource, keys: Tin, values: Tout ->")
def import_(at: HostRun, table: Array, keys: Array, values: Array) -> list[Any]:
    """Fills a table, one that changes with these entries alone."""
    if not table[()].mutable:
        return _filled(at, table[()], _entries(at, keys, values))
    table[()].entries = dict(_pairs(keys, values))
    return []


def _pairs(keys: Array, values: Array) -> Any:
    rows = values.reshape(keys.size, *values.shape[keys.ndim :])
    return zip(_keys(keys), rows, strict=True)


@host_operation("InitializeTableFromTextFileV2", "table_handle: resource, filename: string ->")
def initialize_from_file(
    at: HostRun, table: Array, filename: Array, *, key_index: int, value_index: int, vocab_size: int = -1,
    delimiter: str = "\t",
) -> list[Any]:  # fmt: skip
    """Fills a table with columns of a file, with whole lines, or with their numbers."""
    name = _text(filename.item())
    try:
        with open(name, "rb") as file:
            lines = file.read().split(b"\n")
    except OSError:
        raise NotFoundError(at.operation.node_def, at.operation, f"{name}; No such file or directory") from None
    if lines and not lines[-1]:
        lines.pop()
    if vocab_size != -1 and len(lines) < vocab_size:
        raise InvalidArgumentError(
            at.operation.node_def, at.operation,
            f"Invalid vocab_size in {name}: expected {vocab_size} but got {len(lines)}",
        )  # fmt: skip
    kinds = at.operation.inputs[0].op.attributes
    entries: dict[Any, Any] = {}
    for number, line in enumerate(lines[: vocab_size if vocab_size != -1 else None]):
        line = line.removesuffix(b"\r")
        key, value = (
            _field(at, line, number, index, delimiter, kind, name)
            for index, kind in ((key_index, kinds["key_dtype"]), (value_index, kinds["value_dtype"]))
        )
        if entries.setdefault(key, value) != value:
            raise FailedPreconditionError(
                at.operation.node_def, at.operation,
                f"HashTable has different value for same key. Key {_text(key)} has {_text(entries[key])} and trying to "
                f"add value {_text(value)}",
            )  # fmt: skip
    return _filled(at, table[()], entries)


def _field(
    at: HostRun, line: bytes, number: int, index: int, delimiter: str, dtype: DType, filename: str
) -> Any:  # fmt: skip
    if index == LINE_NUMBER:
        return number
    text = line
    if index != WHOLE_LINE:
        columns = line.split(delimiter.encode())
        if index >= len(columns):
            raise InvalidArgumentError(
                at.operation.node_def, at.operation,
                f"Invalid number of columns in {filename} line {number} ({_text(line)}) : expected at least "
                f"{index + 1} got {len(columns)}",
            )  # fmt: skip
        text = columns[index]
    if dtype is string:
        return text
    try:
        return float(text) if dtype.is_floating else int(text)
    except ValueError:
        raise InvalidArgumentError(
            at.operation.node_def, at.operation,
            f"Field {_text(text)} in line {number} is not a valid {dtype.name}.",
        ) from None  # fmt: skip


def _found_shape(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
    keys, default = inputs[1]._dims, inputs[2]._dims
    return [None if keys is None or default is None else (*keys, *default)]


@host_operation(
    "LookupTableFindV2", "table_handle: resource, keys: Tin, default_value: Tout -> Tout", shape=_found_shape
)
def find(at: HostRun, table: Array, keys: Array, default: Array) -> Array:
    """The values of keys, the default's where there is none."""
    entries = _present(at, table[()])
    missing: Any = default if default.ndim else default.item()
    values = [entries.get(key, missing) for key in _keys(keys)]
    return _as_array(values, default).reshape((*keys.shape, *default.shape))


def _as_array(values: Sequence[Any], like: Array) -> Array:
    if like.dtype == object:
        made = np.empty(len(values), object)
        made[:] = [value.item() if isinstance(value, np.ndarray) else value for value in values]
        return made
    return np.array(values, like.dtype).reshape(len(values), *like.shape)


def _present(at: HostRun, table: Store) -> dict[Any, Any]:
    if table.entries is None:
        raise FailedPreconditionError(
            at.operation.node_def, at.operation, "Table not initialized.", hint="run tf.tables_initializer() first"
        )
    return table.entries


@host_operation("LookupTableSizeV2", "table_handle: resource -> int64", shape=scalar_shape)
def size(at: HostRun, table: Array) -> int:
    """How many entries there are."""
    return len(table[()].entries or {})


@host_operation("LookupTableInsertV2", "table_handle: resource, keys: Tin, values: Tout ->")
def insert(at: HostRun, table: Array, keys: Array, values: Array) -> list[Any]:
    """Adds or replaces entries."""
    table[()].entries.update(_pairs(keys, values))
    return []


@host_operation("LookupTableRemoveV2", "table_handle: resource, keys: Tin ->")
def remove(at: HostRun, table: Array, keys: Array) -> list[Any]:
    """Drops entries."""
    for key in _keys(keys):
        table[()].entries.pop(key, None)
    return []


def _exported_shapes(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
    return [(None,), None]


@host_operation("LookupTableExportV2", "table_handle: resource -> Tkeys, Tvalues", shape=_exported_shapes)
def export_(at: HostRun, table: Array, *, Tkeys: DType, Tvalues: DType) -> list[Array]:
    """All keys, and all values."""
    entries = _present(at, table[()])
    shape = at.operation.inputs[0].op.attributes.get("value_shape")
    values = [np.asarray(value).item() if np.ndim(value) == 0 else value for value in entries.values()]
    if Tvalues.ir is None:
        made = np.empty(len(values), object)
        made[:] = values
    else:
        made = np.array(values, Tvalues.numpy).reshape(len(values), *(shape.as_list() if shape is not None else ()))
    return [array_of(list(entries)) if Tkeys.ir is None else np.array(list(entries), Tkeys.numpy), made]
