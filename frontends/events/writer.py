"""Writing event files: events wait in a queue, and a thread brings them to the disk."""

from __future__ import annotations

import itertools
import os
import socket
import threading
import time
import weakref
from io import FileIO

from .event import FILE_VERSION, Event, SourceMetadata
from .records import check_size, framed

MAX_WAITING = 1 << 26  # bytes; whoever adds more waits for the disk
_COUNT = itertools.count()


class EventFileWriter:
    """Appends events to a new file in a folder, which is made where it is missing.

    `max_queue` events, or `flush_secs` seconds, are how long events wait before they are in the file; `flush`, `close`,
    the end of the program and that of the writer bring all of them there. Threads may share a writer; a forked process
    must open one of its own.
    """

    def __init__(
        self,
        logdir: str | os.PathLike[str],
        max_queue: int = 10,
        flush_secs: float = 120,
        filename_suffix: str = "",
        writer: str = "diptych.events.writer",
    ) -> None:
        self._logdir = os.fspath(logdir)
        self._options = (max_queue, flush_secs, filename_suffix, writer)
        self._open()

    def _open(self) -> None:
        max_queue, flush_secs, suffix, writer = self._options
        os.makedirs(self._logdir, exist_ok=True)
        file = _new_file(self._logdir, suffix)
        self._queue = _Queue(file, max_queue, flush_secs)
        self._finish = weakref.finalize(self, self._queue.close)  # at the end of the program too
        self.add_event(
            Event(wall_time=time.time(), file_version=FILE_VERSION, source_metadata=SourceMetadata(writer=writer))
        )
        self.flush()

    def get_logdir(self) -> str:
        """The folder that the file is in."""
        return self._logdir

    @property
    def path(self) -> str:
        """The file that is written, or that was last."""
        return self._queue.file.name

    @property
    def closed(self) -> bool:
        """Whether `close` was called, and `reopen` not since."""
        return self._queue.closed

    def add_event(self, event: Event) -> None:
        """Adds an event as it is now. Raises TypeError for what is none, OSError after `close`, and what the disk
        refused of earlier events."""
        if not isinstance(event, Event):
            raise TypeError(f"Expected an event_pb2.Event proto,  but got {type(event)}")
        self._queue.add(event.SerializeToString())

    def add_serialized(self, event: bytes) -> None:
        """Adds the bytes of an event's message."""
        self._queue.add(event)

    def flush(self) -> None:
        """Waits until all events added are in the file. Raises OSError after `close`, and what the disk refused."""
        self._queue.flush()

    def close(self) -> None:
        """Flushes and closes the file; again does nothing. Raises what the disk refused."""
        self._finish.detach()
        self._queue.close()

    def reopen(self) -> None:
        """Starts another file in the same folder, where the writer is closed."""
        if self.closed:
            self._open()


def _new_file(logdir: str, suffix: str) -> FileIO:
    """A file of a name that TensorBoard looks for, and that nobody has: machines may share a folder."""
    while True:
        parts = (f"{int(time.time()):010d}", socket.gethostname(), str(os.getpid()), str(next(_COUNT)))
        path = os.path.join(logdir, "events.out.tfevents." + ".".join(parts) + suffix)
        try:
            return open(path, "xb", buffering=0)  # so that a fork inherits nothing to write
        except FileExistsError:
            continue


class _Queue:
    """Records that wait, and the thread that writes them."""

    def __init__(self, file: FileIO, max_queue: int, flush_secs: float) -> None:
        self.file = file
        self.closed = False
        self._process = os.getpid()
        self._max_queue = max(max_queue, 1)
        self._flush_secs = flush_secs
        self._waiting: list[bytes] = []
        self._size = 0
        self._busy = False
        self._hurry = False
        self._failure: OSError | None = None
        lock = threading.Lock()
        self._work = threading.Condition(lock)  # for the thread
        self._done = threading.Condition(lock)  # for whoever waits for the thread
        self._thread = threading.Thread(target=self._run, name="diptych.events", daemon=True)
        self._thread.start()

    def add(self, record: bytes) -> None:
        check_size(record)
        with self._work:
            self._check()
            while self._size > MAX_WAITING:
                self._wait()
                self._check()
            self._waiting.append(record)
            self._size += len(record)
            if len(self._waiting) == self._max_queue or self._size > MAX_WAITING:
                self._work.notify()

    def flush(self) -> None:
        with self._work:
            self._check()
            self._drain()
            self._check()

    def close(self) -> None:
        if self._process != os.getpid():
            return  # the file and what waits are the other process's
        if threading.current_thread() is self._thread:  # where garbage is collected: it cannot wait for itself
            threading.Thread(target=self.close, name="diptych.events").start()
            return
        with self._work:
            if self.closed:
                return
            self._drain()
            self.closed = True
            self._work.notify()
        self._thread.join()
        try:
            self.file.close()
        except OSError as error:
            self._failure = self._failure or error
        if self._failure is not None:
            raise self._failure

    def _check(self) -> None:
        if self._process != os.getpid():
            raise OSError("diptych.events: the writer is another process's but must be opened after the fork")
        if self._failure is not None:
            raise self._failure
        if self.closed:
            raise OSError("Writer is closed")

    def _wait(self) -> None:
        """Until the thread has written once more."""
        self._hurry = True
        self._work.notify()
        self._done.wait()

    def _drain(self) -> None:
        while (self._waiting or self._busy) and self._failure is None:
            self._wait()

    def _run(self) -> None:
        try:
            self._write_until_closed()
        finally:
            with self._work:
                if not self.closed and self._failure is None:
                    self._failure = OSError("diptych.events: the thread that writes has ended but must run")
                self._busy = False
                self._done.notify_all()

    def _write_until_closed(self) -> None:
        while True:
            with self._work:
                if not (self._ready() or self.closed):
                    self._work.wait_for(lambda: self._ready() or self.closed, self._flush_secs)
                if self.closed:
                    return
                records, self._waiting, self._size, self._hurry = self._waiting, [], 0, False
                self._busy = True
            try:
                if records and self._failure is None:
                    left = memoryview(b"".join(map(framed, records)))
                    while left:
                        left = left[self.file.write(left) :]
            except OSError as error:
                self._failure = error
            with self._work:
                self._busy = False
                self._done.notify_all()

    def _ready(self) -> bool:
        return self._hurry or len(self._waiting) >= self._max_queue or self._size > MAX_WAITING
