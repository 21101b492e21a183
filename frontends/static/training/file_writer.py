"""tf.summary.FileWriter: puts summaries and graphs into event files, which TensorBoard shows."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Any, ClassVar

from diptych.ir import Unsupported, user_location

from ...events.event import Event, LogMessage, SessionLog, TaggedRunMetadata
from ...events.graph import GraphDef
from ...events.reader import read
from ...events.summary import HistogramProto, Summary, SummaryDescription, SummaryMetadata
from ...events.summary_scan import scanned
from ...events.wire import DELIMITED, encode_delimited, encode_varint
from ...events.writer import EventFileWriter
from ..exports import export
from ..graphs.defaults import get_default_graph
from ..graphs.graph import Graph
from ..platform.logs import warning
from ..serialization.graph_writer import graph_def_of
from ..serialization.messages import MetaGraphDef
from ..serialization.meta_graphs import export_meta_graph

for _message in (Event, SessionLog, Summary, SummaryDescription, TaggedRunMetadata):
    export(f"summary.{_message.__name__}")(_message)
for _message in (Event, HistogramProto, LogMessage, SessionLog, Summary, SummaryMetadata):
    export(_message.__name__)(_message)

_SUMMARY = encode_varint(Event._BY_NAME["summary"].number << 3 | DELIMITED)  # the key of an event's summary


@export("summary.FileWriter")
class FileWriter:
    """Writes events into a new file in `logdir`. Threads may share it; `close`, or the end of the program, brings what
    waits to the disk."""

    def __init__(
        self,
        logdir: Any,
        graph: Graph | None = None,
        max_queue: int = 10,
        flush_secs: float = 120,
        graph_def: Any = None,
        filename_suffix: str | None = None,
        session: Any = None,
    ) -> None:
        if session is not None:
            raise Unsupported(
                "tf.summary.FileWriter with a session is not supported",
                location=user_location(),
                hint="tf.summary.FileWriter without one",
            )
        self.event_writer = EventFileWriter(logdir, max_queue, flush_secs, filename_suffix or "")
        self._session_run_tags: set[str] = set()
        self._seen_summary_tags: set[str] = set()
        if graph is not None or graph_def is not None:
            self.add_graph(graph, graph_def=graph_def)
            self.add_meta_graph(MetaGraphDef(graph_def=graph_def) if graph is None else export_meta_graph(graph=graph))

    def __enter__(self) -> FileWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def get_logdir(self) -> str:
        """The folder that the file is in."""
        return self.event_writer.get_logdir()

    def add_summary(self, summary: Any, global_step: Any = None) -> None:
        """Adds a Summary message, or its bytes as a run gives them. What is said of a tag is written once."""
        if isinstance(summary, bytes) and not any(has_metadata for _, has_metadata in scanned(summary)):
            self._add_bytes(global_step, summary)
            return
        message = Summary.FromString(summary) if isinstance(summary, bytes) else summary
        for value in message.value:
            if not value.HasField("metadata"):
                continue
            if value.tag in self._seen_summary_tags:
                value.ClearField("metadata")
            else:
                self._seen_summary_tags.add(value.tag)
        self._add(global_step, summary=message)

    def add_session_log(self, session_log: SessionLog, global_step: Any = None) -> None:
        """Adds a SessionLog message."""
        self._add(global_step, session_log=session_log)

    def add_graph(self, graph: Any = None, global_step: Any = None, graph_def: Any = None) -> None:
        """Adds a graph. Raises ValueError for none or two, TypeError for what is none."""
        if graph is not None and graph_def is not None:
            raise ValueError("Please pass only graph, or graph_def (deprecated), but not both.")
        if isinstance(graph, Graph):
            message = graph_def_of(graph, add_shapes=True)
        elif isinstance(graph, GraphDef) or isinstance(graph_def, GraphDef):
            warning("Passing a `GraphDef` to the SummaryWriter is deprecated. Pass a `Graph` object instead.")
            message = graph if isinstance(graph, GraphDef) else graph_def
        else:
            raise TypeError("The passed graph must be an instance of `Graph` or the deprecated `GraphDef`")
        self._add(global_step, graph_def=message.SerializeToString())

    def add_meta_graph(self, meta_graph_def: Any, global_step: Any = None) -> None:
        """Adds a MetaGraphDef. Raises TypeError for what is none."""
        if not isinstance(meta_graph_def, MetaGraphDef):
            raise TypeError(f"meta_graph_def must be type MetaGraphDef, saw type: {type(meta_graph_def)}")
        self._add(global_step, meta_graph_def=meta_graph_def.SerializeToString())

    def add_run_metadata(self, run_metadata: Any, tag: str, global_step: Any = None) -> None:
        """Adds that a run was measured: diptych has no measurements. Raises ValueError for a tag that was used."""
        if tag in self._session_run_tags:
            raise ValueError("The provided tag was already used for this event type")
        self._session_run_tags.add(tag)
        self._add(global_step, tagged_run_metadata=TaggedRunMetadata(tag=tag))

    def add_event(self, event: Event) -> None:
        """Adds an event as it is."""
        self.event_writer.add_event(event)

    def _add(self, global_step: Any, **content: Any) -> None:
        step = None if global_step is None else int(global_step)
        self.event_writer.add_event(Event(wall_time=time.time(), step=step, **content))

    def _add_bytes(self, global_step: Any, summary: bytes) -> None:
        """Adds an event with the bytes of a Summary as they are."""
        event = Event(wall_time=time.time(), step=None if global_step is None else int(global_step))
        self.event_writer.add_serialized(event.SerializeToString() + _SUMMARY + encode_delimited(summary))

    def flush(self) -> None:
        """Waits until all that was added is in the file."""
        self.event_writer.flush()

    def close(self) -> None:
        """Flushes and closes the file."""
        self.event_writer.close()

    def reopen(self) -> None:
        """Goes on in a new file of the folder, where this one is closed."""
        self.event_writer.reopen()


@export("summary.FileWriterCache")
class FileWriterCache:
    """One writer for each folder, shared by all who ask."""

    _cache: ClassVar[dict[str, FileWriter]] = {}
    _lock = threading.RLock()

    @staticmethod
    def clear() -> None:
        """Closes and forgets all writers."""
        with FileWriterCache._lock:
            for writer in FileWriterCache._cache.values():
                writer.close()
            FileWriterCache._cache.clear()

    @staticmethod
    def get(logdir: Any) -> FileWriter:
        """The writer of a folder."""
        path = os.fspath(logdir)
        with FileWriterCache._lock:
            if path not in FileWriterCache._cache:
                FileWriterCache._cache[path] = FileWriter(path, graph=get_default_graph())
            return FileWriterCache._cache[path]


@export("train.summary_iterator")
def summary_iterator(path: Any) -> Iterator[Event]:
    """The events of a file, one by one."""
    return read(path)
