"""EventsWriter of tf.python.pywrap_tensorflow: one event file of a given beginning of its name."""

from __future__ import annotations

import os
import socket
import time
from typing import Any

from ...events.event import FILE_VERSION, Event
from ...events.records import RecordWriter


class EventsWriter:
    """Appends events to a file `PREFIX.out.tfevents.TIME.HOST`, which is made at the first."""

    def __init__(self, file_prefix: str | bytes) -> None:
        self._prefix = os.fsdecode(file_prefix)
        self._suffix = ""
        self._path = ""
        self._writer: RecordWriter | None = None

    def InitWithSuffix(self, suffix: str | bytes) -> None:
        """Opens the file, with an ending of its name."""
        self._suffix = os.fsdecode(suffix)
        self._opened()

    def FileName(self) -> bytes:
        """The name of the file."""
        self._opened()
        return os.fsencode(self._path)

    def WriteEvent(self, event: Event) -> None:
        """Appends an event. Raises TypeError for what is none."""
        if not isinstance(event, Event):
            raise TypeError(f"Expected an event_pb2.Event proto,  but got {type(event)}")
        self._opened().write(event.SerializeToString())

    def Flush(self) -> bool:
        """Brings what was written to the file."""
        if self._writer is not None:
            self._writer.flush()
        return True

    def Close(self) -> bool:
        """Closes the file."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        return True

    def _opened(self) -> RecordWriter:
        if self._writer is None:
            now = time.time()
            self._path = f"{self._prefix}.out.tfevents.{int(now):010d}.{socket.gethostname()}{self._suffix}"
            self._writer = RecordWriter(open(self._path, "wb"))  # noqa: SIM115 (Close closes it)
            first: Any = Event(wall_time=now, file_version=FILE_VERSION)
            self._writer.write(first.SerializeToString())
        return self._writer
