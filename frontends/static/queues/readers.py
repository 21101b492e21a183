"""tf.TextLineReader and its kin: records of the files whose names a queue has; and what takes lines apart."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from diptych.ir import Unsupported

from ..exports import export
from ..graphs.apply import apply_operation
from ..graphs.definitions import host_operation
from ..graphs.errors import NotFoundError
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


def parts_of(path: str, size: int, header: int, footer: int, hop: int) -> Records:
    """Parts of a file, `size` bytes each, that begin `hop` bytes after one another between a header and a footer."""
    with _file(path) as file:
        end = file.seek(0, os.SEEK_END) - footer
        for number, begin in enumerate(range(header, end - size + 1, hop)):
            file.seek(begin)
            yield f"{path}:{number}".encode(), file.read(size)


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


@export("FixedLengthRecordReader")
class FixedLengthRecordReader(ReaderBase):
    """Reads parts of files, `record_bytes` bytes each, between a header and a footer; each begins `hop_bytes` bytes
    after the one before, none of them (None, or 0) one behind the other. Raises ValueError for sizes out of range."""

    def __init__(
        self,
        record_bytes: int,
        header_bytes: int | None = None,
        footer_bytes: int | None = None,
        hop_bytes: int | None = None,
        name: str | None = None,
        encoding: str | None = None,
    ) -> None:
        sizes = {"header_bytes": header_bytes or 0, "footer_bytes": footer_bytes or 0, "hop_bytes": hop_bytes or 0}
        if record_bytes <= 0:
            raise ValueError(f"record_bytes must be > 0 got {record_bytes}")
        for what, size in sizes.items():
            if size < 0:
                raise ValueError(f"{what} must be >= 0 got {size}")
        if encoding:
            raise Unsupported(f"tf.FixedLengthRecordReader: encoding {encoding!r} is not there", hint="files unpacked")
        header, footer, hop = sizes.values()
        super().__init__(lambda path: parts_of(path, record_bytes, header, footer, hop or record_bytes), name)


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
