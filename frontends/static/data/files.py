"""Datasets of the lines and records of files."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..exports import export
from ..graphs.conversion import convert_to_tensor
from ..graphs.definitions import host_operation, scalar_shape
from ..graphs.dtypes import DType, int64, string
from ..graphs.errors import DataLossError, InvalidArgumentError, NotFoundError
from ..graphs.tensor import Tensor
from ..operations.arrays import reshape
from ..operations.decoding import decode_csv
from ..platform.record_files import inflated, tf_record_iterator
from ..running.host import HostRun, handle
from .dataset import Dataset
from .functions import dataset_operation
from .pipelines.pipeline import Array, Element
from .pipelines.sources import Called
from .structure import TensorSpec

MAX_RECORD = 2**31 - 1  # bytes of a fixed-length record


@contextmanager
def _opened(at: HostRun, name: bytes, kind: str) -> Iterator[Any]:
    try:
        raw = open(name, "rb")  # noqa: SIM115 (closed below)
    except OSError as error:
        raise NotFoundError(at.operation.node_def, at.operation, f"{name.decode()}; {error.strerror}") from error
    with raw:
        yield gzip.GzipFile(fileobj=raw) if kind == "GZIP" else inflated(raw) if kind == "ZLIB" else raw


def _of_files(at: HostRun, names: Array, kind: Array, read: Callable[[bytes, str], Iterable[bytes]]) -> Array:
    """The dataset of what `read` gives of each file."""
    compression = kind[()].decode()
    if compression not in ("", "ZLIB", "GZIP"):
        raise InvalidArgumentError(at.operation.node_def, at.operation, f"Unsupported compression_type: {compression}.")

    def elements() -> Iterator[Element]:
        for name in names.reshape(-1):
            try:
                for record in read(name, compression):
                    found = np.empty((), object)
                    found[()] = record
                    yield (found,)
            except (zlib.error, gzip.BadGzipFile, EOFError) as error:
                raise DataLossError(at.operation.node_def, at.operation, f"{name.decode()}: {error}") from error

    return handle(Called(elements))


@host_operation(
    "TextLineDataset", "filenames: string, compression_type: string, buffer_size: int64 -> variant", shape=scalar_shape
)
def lines(at: HostRun, names: Array, kind: Array, buffer_size: Array) -> Array:
    """The lines of files, without their ends."""

    def read(name: bytes, compression: str) -> Iterator[bytes]:
        with _opened(at, name, compression) as file:
            for line in file:
                yield line.removesuffix(b"\n").removesuffix(b"\r")

    return _of_files(at, names, kind, read)


@host_operation(
    "TFRecordDataset", "filenames: string, compression_type: string, buffer_size: int64 -> variant", shape=scalar_shape
)
def records(at: HostRun, names: Array, kind: Array, buffer_size: Array) -> Array:
    """The records of files."""
    return _of_files(at, names, kind, lambda name, compression: tf_record_iterator(name.decode(), compression or None))


@host_operation(
    "FixedLengthRecordDatasetV2",
    "filenames: string, header_bytes: int64, record_bytes: int64, footer_bytes: int64, buffer_size: int64, "
    "compression_type: string -> variant",
    shape=scalar_shape,
)
def fixed_length(
    at: HostRun, names: Array, header: Array, size: Array, footer: Array, buffer_size: Array, kind: Array
) -> Array:
    """Parts of files, as many bytes each."""
    if not 0 < size <= MAX_RECORD:
        raise InvalidArgumentError(at.operation.node_def, at.operation, "`record_bytes` must be > 0")

    def read(name: bytes, compression: str) -> Iterator[bytes]:
        with _opened(at, name, compression) as file:
            data = file.read()
        end = len(data) - int(footer)
        if (end - int(header)) % int(size):
            raise InvalidArgumentError(
                at.operation.node_def, at.operation,
                f"Excess bytes found in file {name.decode()}: {end - int(header)} bytes are no multiple of {size}",
            )  # fmt: skip
        for place in range(int(header), end, int(size)):
            yield data[place : place + int(size)]

    return _of_files(at, names, kind, read)


def _names(filenames: Any) -> Any:
    """File names: a tensor, or what a dataset gives."""
    return filenames if isinstance(filenames, Dataset) else reshape(convert_to_tensor(filenames, dtype=string), [-1])


def _made(filenames: Any, make: Callable[[Any], Tensor], parallel: Any) -> tuple[Tensor, Any]:
    """The dataset of the records of files, which may be named by a dataset."""
    spec = TensorSpec([], string)
    if isinstance(filenames, Dataset):
        source = filenames.flat_map(lambda name: Dataset._of(make(reshape(name, [-1])), spec))
        return source._variant_tensor, spec
    if parallel is not None and parallel > 1:
        source = Dataset.from_tensor_slices(_names(filenames))
        made = source.interleave(lambda name: Dataset._of(make(reshape(name, [-1])), spec), parallel)
        return made._variant_tensor, spec
    return make(_names(filenames)), spec


def _text(value: Any, name: str) -> Tensor:
    return convert_to_tensor("" if value is None else value, dtype=string, name=name)


def _count(value: Any, name: str, default: int) -> Tensor:
    return convert_to_tensor(default if value is None else value, dtype=int64, name=name)


@export("data.TextLineDataset")
class TextLineDataset(Dataset):
    """The lines of text files, without their ends: scalar strings."""

    def __init__(
        self, filenames: Any, compression_type: Any = None, buffer_size: Any = None, num_parallel_reads: Any = None
    ) -> None:
        rest = [_text(compression_type, "compression_type"), _count(buffer_size, "buffer_size", 262144)]
        super().__init__(
            *_made(filenames, lambda names: dataset_operation("TextLineDataset", [names, *rest]), num_parallel_reads)
        )


@export("data.TFRecordDataset")
class TFRecordDataset(Dataset):
    """The records of TFRecord files: scalar strings. A run raises DataLossError for what is no such file."""

    def __init__(
        self, filenames: Any, compression_type: Any = None, buffer_size: Any = None, num_parallel_reads: Any = None
    ) -> None:
        rest = [_text(compression_type, "compression_type"), _count(buffer_size, "buffer_size", 262144)]
        super().__init__(
            *_made(filenames, lambda names: dataset_operation("TFRecordDataset", [names, *rest]), num_parallel_reads)
        )


@export("data.FixedLengthRecordDataset")
class FixedLengthRecordDataset(Dataset):
    """Parts of files, `record_bytes` bytes each, between a header and a footer: scalar strings."""

    def __init__(
        self, filenames: Any, record_bytes: Any, header_bytes: Any = None, footer_bytes: Any = None,
        buffer_size: Any = None, compression_type: Any = None, num_parallel_reads: Any = None,
    ) -> None:  # fmt: skip
        rest = [
            _count(header_bytes, "header_bytes", 0), _count(record_bytes, "record_bytes", 0),
            _count(footer_bytes, "footer_bytes", 0), _count(buffer_size, "buffer_size", 262144),
            _text(compression_type, "compression_type"),
        ]  # fmt: skip
        super().__init__(
            *_made(
                filenames, lambda names: dataset_operation("FixedLengthRecordDatasetV2", [names, *rest]),
                num_parallel_reads,
            )
        )  # fmt: skip


@export("data.experimental.CsvDataset", "contrib.data.CsvDataset")
class CsvDataset(Dataset):
    """The fields of the lines of CSV files: a tuple of scalars, one for each of `record_defaults`, which are dtypes of
    fields that must be there, or defaults. `select_cols` names the columns."""

    def __init__(
        self, filenames: Any, record_defaults: Sequence[Any], compression_type: Any = None, buffer_size: Any = None,
        header: bool = False, field_delim: str = ",", use_quote_delim: bool = True, na_value: str = "",
        select_cols: Sequence[int] | None = None,
    ) -> None:  # fmt: skip
        defaults = [
            convert_to_tensor([], dtype=each) if isinstance(each, DType) else reshape(convert_to_tensor(each), [-1])
            for each in record_defaults
        ]

        def lines_of(name: Tensor) -> Dataset:
            found = TextLineDataset(name, compression_type, buffer_size)
            return found.skip(1) if header else found

        parsed = Dataset.from_tensor_slices(_names(filenames)).flat_map(lines_of).map(
            lambda line: tuple(decode_csv(line, defaults, field_delim, use_quote_delim, na_value=na_value,
                                          select_cols=select_cols))
        )  # fmt: skip
        super().__init__(parsed._variant_tensor, parsed._structure)
