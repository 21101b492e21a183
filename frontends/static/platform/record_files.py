"""tf.python_io: files of records, plain or compressed."""

from __future__ import annotations

import gzip
import io
import os
import zlib
from collections.abc import Iterator
from types import TracebackType
from typing import Any, BinaryIO

from ...events.checksums import masked_crc32c
from ...events.records import HEAD, HEAD_SIZE, MAX_RECORD, TAIL_SIZE, framed
from ..exports import export
from ..graphs.errors import DataLossError, NotFoundError


@export("python_io.TFRecordCompressionType", "io.TFRecordCompressionType")
class TFRecordCompressionType:
    """How a file is compressed."""

    NONE, ZLIB, GZIP = 0, 1, 2


@export("python_io.TFRecordOptions", "io.TFRecordOptions")
class TFRecordOptions:
    """How a file is compressed, by number or name; the other options are left to zlib."""

    compression_type_map = {0: "", 1: "ZLIB", 2: "GZIP"}  # noqa: RUF012 (TensorFlow's own name and kind)

    def __init__(self, compression_type: Any = None, compression_level: int | None = None, **_: Any) -> None:
        self.compression_type = compression_type
        self.compression_level = 6 if compression_level is None else compression_level

    @classmethod
    def get_compression_type_string(cls, options: Any) -> str:
        """ "", "ZLIB" or "GZIP". Raises ValueError for another."""
        kind = options.compression_type if isinstance(options, TFRecordOptions) else options
        name = cls.compression_type_map.get(kind, kind) if kind is not None else ""
        if name not in cls.compression_type_map.values():
            raise ValueError(f'Not a valid compression_type: "{kind}"')
        return name


class _Deflated:
    """Writes what zlib makes of the data into a file."""

    def __init__(self, file: BinaryIO, level: int) -> None:
        self._file = file
        self._packed = zlib.compressobj(level)

    def write(self, data: bytes) -> None:
        self._file.write(self._packed.compress(data))

    def flush(self) -> None:
        self._file.write(self._packed.flush(zlib.Z_SYNC_FLUSH))
        self._file.flush()

    def close(self) -> None:
        self._file.write(self._packed.flush())
        self._file.close()


class _Inflated(io.RawIOBase):
    """Reads what zlib made from a file."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._plain = zlib.decompressobj()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        found = b""
        while not found and not self._plain.eof:
            data = self._plain.unconsumed_tail or self._file.read(1 << 16)
            found = self._plain.decompress(data, len(buffer))
            if not data:
                break
        buffer[: len(found)] = found
        return len(found)


def inflated(file: BinaryIO) -> BinaryIO:
    """What zlib made into a file, to be read. Reading raises zlib.error."""
    return io.BufferedReader(_Inflated(file))


@export("python_io.TFRecordWriter", "io.TFRecordWriter")
class TFRecordWriter:
    """Writes records of bytes into a new file."""

    def __init__(self, path: Any, options: Any = None) -> None:
        kind = TFRecordOptions.get_compression_type_string(options)
        level = options.compression_level if isinstance(options, TFRecordOptions) else 6
        try:
            file = open(path, "wb")  # noqa: SIM115 (it is closed by `close`)
        except OSError as error:
            raise NotFoundError(None, None, f"{os.fspath(path)}; {error.strerror}") from error
        self._raw = file
        self._file: Any = file
        if kind == "GZIP":
            self._file = gzip.GzipFile(fileobj=file, mode="wb", compresslevel=level)
        elif kind == "ZLIB":
            self._file = _Deflated(file, level)

    def write(self, record: bytes) -> None:
        """Appends a record."""
        self._file.write(framed(bytes(record)))

    def flush(self) -> None:
        """Hands what was written to the system."""
        self._file.flush()

    def close(self) -> None:
        """Closes the file."""
        self._file.close()
        self._raw.close()

    def __enter__(self) -> TFRecordWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@export("python_io.tf_record_iterator", "io.tf_record_iterator")
def tf_record_iterator(path: Any, options: Any = None) -> Iterator[bytes]:
    """The records of a file, one by one. Raises NotFoundError, and DataLossError for what is none."""
    kind = TFRecordOptions.get_compression_type_string(options)
    try:
        raw = open(path, "rb")  # noqa: SIM115 (closed below)
    except OSError as error:
        raise NotFoundError(None, None, f"{os.fspath(path)}; {error.strerror}") from error
    with raw:
        file: Any = gzip.GzipFile(fileobj=raw) if kind == "GZIP" else inflated(raw) if kind == "ZLIB" else raw
        try:
            yield from _records(file)
        except (zlib.error, gzip.BadGzipFile, EOFError) as error:
            raise DataLossError(None, None, f"{os.fspath(path)}: {error}") from error


def _records(file: Any) -> Iterator[bytes]:
    place = 0
    while len(head := file.read(HEAD_SIZE)) == HEAD_SIZE:  # what is shorter ends a file without an error
        size, checksum = HEAD.unpack(head)
        if masked_crc32c(head[:8]) != checksum or size > MAX_RECORD:
            raise DataLossError(None, None, f"corrupted record at {place}")
        data, tail = file.read(size), file.read(TAIL_SIZE)
        if len(data) < size or len(tail) < TAIL_SIZE:
            raise DataLossError(None, None, f"truncated record at {place}")
        if masked_crc32c(data) != int.from_bytes(tail, "little"):
            raise DataLossError(None, None, f"corrupted record at {place}")
        yield data
        place += HEAD_SIZE + size + TAIL_SIZE
