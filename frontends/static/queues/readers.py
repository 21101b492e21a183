"""tf.TextLineReader and its kin: records of the files whose names a queue has; and what takes lines apart."""

from __future__ import annotations

import csv
import itertools
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ..exports import export
from ..graphs.apply import apply, apply_operation
from ..graphs.conversion import convert_to_tensor
from ..graphs.definitions import host_operation, scalar_shape
from ..graphs.dtypes import DType, float32, float64, int32, int64, string
from ..graphs.errors import InvalidArgumentError, NotFoundError
from ..graphs.tensor import Tensor
from ..platform.record_files import tf_record_iterator
from ..running.host import HostRun
from .queue import QueueBase

Array = np.ndarray[Any, Any]
Records = Iterator[tuple[bytes, bytes]]  # keys and values


class FileRecords:
    """The records of one file after another."""

    def __init__(self, opened: Callable[[str], Records]) -> None:
        self._opened = opened
        self._lock = threading.Lock()
        self._current: Records | None = None

    def following(self, queue: Any) -> tuple[bytes, bytes]:
        """The next record; the queue is asked for a file where the present one has ended."""
        with self._lock:
            while True:
                if self._current is None:
                    ((name,),) = queue.dequeue(1)
                    self._current = self._opened(name[()].decode())
                found = next(self._current, None)
                if found is not None:
                    return found
                self._current = None

    def cancel(self) -> None:
        """What waits, waits for the queue."""


def lines_of(path: str, skipped: int) -> Records:
    """The lines of a file without their ends, behind as many as are skipped."""
    with _file(path) as file:
        for number, line in enumerate(file, 1):
            if number > skipped:
                yield f"{path}:{number}".encode(), line.removesuffix(b"\n").removesuffix(b"\r")


def whole_file(path: str) -> Records:
    """A file as one record."""
    with _file(path) as file:
        yield path.encode(), file.read()


def records_of(path: str) -> Records:
    """The records of a TFRecord file."""
    place = 0
    for record in tf_record_iterator(path):
        yield f"{path}:{place}".encode(), record
        place += len(record) + 16


def _file(path: str) -> Any:
    try:
        return open(path, "rb")
    except OSError as error:
        raise NotFoundError(None, None, f"{path}; {error.strerror}") from error


@host_operation("ReaderReadV2", "queue_handle: resource -> string, string", shape=lambda inputs, **_: [(), ()])
def read(at: HostRun, queue_handle: Array, *, reader: ReaderBase) -> list[Any]:
    """The key and the value of the next record."""
    return list(at.state.resource(reader, lambda: FileRecords(reader._records)).following(queue_handle[()]))


@export("ReaderBase")
class ReaderBase:
    """Reads records from files whose names are in a queue. Its place is kept by the session."""

    def __init__(self, records: Callable[[str], Records], name: str | None = None) -> None:
        self._records = records
        self._name = name or type(self).__name__

    def read(self, queue: QueueBase, name: str | None = None) -> tuple[Tensor, Tensor]:
        """The key and the value of the next record, as strings."""
        made = apply_operation("ReaderReadV2", [queue.queue_ref], name=name or f"{self._name}Read", reader=self)
        return made.outputs[0], made.outputs[1]


@export("TextLineReader")
class TextLineReader(ReaderBase):
    """Reads lines, but for the first `skip_header_lines` of each file."""

    def __init__(self, skip_header_lines: int | None = None, name: str | None = None) -> None:
        super().__init__(lambda path: lines_of(path, skip_header_lines or 0), name)


@export("WholeFileReader")
class WholeFileReader(ReaderBase):
    """Reads files whole; the key is the file's name."""

    def __init__(self, name: str | None = None) -> None:
        super().__init__(whole_file, name)


@export("TFRecordReader")
class TFRecordReader(ReaderBase):
    """Reads the records of TFRecord files."""

    def __init__(self, name: str | None = None, options: Any = None) -> None:
        super().__init__(records_of, name)


@host_operation("ReadFile", "filename: string -> string", shape=scalar_shape)
def lower_read_file(at: HostRun, filename: Array) -> bytes:
    """The bytes of a file."""
    try:
        with _file(filename[()].decode()) as file:
            return file.read()
    except NotFoundError as error:
        raise NotFoundError(at.operation.node_def, at.operation, error.message) from error


@export("read_file", "io.read_file")
def read_file(filename: Any, name: str | None = None) -> Tensor:
    """The bytes of a file, read when a run asks for them."""
    return apply("ReadFile", [filename], name=name)


# -- lines of values between commas ----


def _csv_shapes(inputs: Sequence[Tensor], *, OUT_TYPE: tuple[DType, ...], **_: Any) -> list[Any]:
    return [inputs[0]._dims] * len(OUT_TYPE)


@host_operation("DecodeCSV", "records: string, record_defaults: *OUT_TYPE -> *OUT_TYPE", shape=_csv_shapes)
def lower_csv(
    at: HostRun,
    records: Array,
    *defaults: Array,
    OUT_TYPE: tuple[DType, ...],
    field_delim: str = ",",
    use_quote_delim: bool = True,
    na_value: str = "",
    select_cols: tuple[int, ...] = (),
) -> list[Array]:
    """Each column of the records as a tensor of its default's dtype."""

    def refused(message: str) -> InvalidArgumentError:
        return InvalidArgumentError(at.operation.node_def, at.operation, message)

    quoting = csv.QUOTE_MINIMAL if use_quote_delim else csv.QUOTE_NONE
    columns: list[list[Any]] = [[] for _ in defaults]
    for number, record in enumerate(records.reshape(-1).tolist()):
        fields = next(csv.reader([record.decode()], delimiter=field_delim, quoting=quoting, strict=True), [""])
        chosen = [fields[column] for column in select_cols if column < len(fields)] if select_cols else fields
        if len(chosen) != len(defaults):
            raise refused(f"Expect {len(defaults)} fields but have {len(chosen)} in record {number}")
        for place, (text, default, dtype) in enumerate(zip(chosen, defaults, OUT_TYPE, strict=True)):
            if text in ("", na_value):
                if not default.size:
                    raise refused(f"Field {place} is required but missing in record {number}!")
                columns[place].append(default.reshape(-1)[0])
                continue
            try:
                columns[place].append(_parsed(text, dtype))
            except (ValueError, OverflowError):
                raise refused(f"Field {place} in record {number} is not a valid {dtype.name}: {text}") from None
    found: list[Array] = []
    for column, dtype in zip(columns, OUT_TYPE, strict=True):
        array = np.empty(len(column), dtype.numpy)
        array[:] = column
        found.append(array.reshape(records.shape))
    return found


def _parsed(text: str, dtype: DType) -> Any:
    if dtype is string:
        return text.encode()
    return dtype.numpy.type(int(text) if dtype.is_integer else float(text))


@export("decode_csv", "io.decode_csv")
def decode_csv(
    records: Any,
    record_defaults: Sequence[Any],
    field_delim: str = ",",
    use_quote_delim: bool = True,
    name: str | None = None,
    na_value: str = "",
    select_cols: Sequence[int] | None = None,
) -> list[Tensor]:
    """A tensor shaped as `records` for each column: numbers or strings of the dtype of the column's default, which
    stands for fields that are empty; an empty default makes a field required. Raises ValueError."""
    if select_cols is not None and any(a >= b for a, b in itertools.pairwise(select_cols)):
        raise ValueError("select_cols is not strictly increasing.")
    if select_cols is not None and len(select_cols) != len(record_defaults):
        raise ValueError("Length of select_cols and record_defaults do not match.")
    defaults = [convert_to_tensor(each) for each in record_defaults]
    for default in defaults:
        if default.dtype.base_dtype not in (float32, float64, int32, int64, string):
            raise TypeError(
                f"Value passed to parameter 'record_defaults' has DataType {default.dtype.name} not in list of allowed "
                "values: float32, float64, int32, int64, string"
            )
    made = apply_operation(
        "DecodeCSV", [records, defaults], name=name, field_delim=field_delim, use_quote_delim=use_quote_delim,
        na_value=na_value, select_cols=tuple(select_cols or ()),
    )  # fmt: skip
    return list(made.outputs)
