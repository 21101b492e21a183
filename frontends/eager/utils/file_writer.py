"""One event file of the eager front end, with PyTorch's methods."""

from __future__ import annotations

import time
from typing import Any

from diptych.events import Event, EventFileWriter, Message, Summary, TaggedRunMetadata


class FileWriter:
    """One event file. `max_queue` events, or `flush_secs` seconds, wait at most before they are in it."""

    def __init__(self, log_dir: Any, max_queue: int = 10, flush_secs: float = 120, filename_suffix: str = "") -> None:
        self.event_writer = EventFileWriter(str(log_dir), max_queue, flush_secs, filename_suffix)

    def get_logdir(self) -> str:
        """The folder of the file."""
        return self.event_writer.get_logdir()

    def add_event(self, event: Event, step: Any = None, walltime: float | None = None) -> None:
        """Adds an event, which gets the time and the step."""
        event.wall_time = time.time() if walltime is None else walltime
        if step is not None:
            event.step = int(step)
        self.event_writer.add_event(event)

    def add_summary(self, summary: Summary, global_step: Any = None, walltime: float | None = None) -> None:
        """Adds a summary."""
        self.add_event(Event(summary=summary), global_step, walltime)

    def add_graph(self, graph_profile: tuple[Message, Message], walltime: float | None = None) -> None:
        """Adds a graph and what was measured of it."""
        graph, stats = graph_profile
        self.add_event(Event(graph_def=graph.SerializeToString()), None, walltime)
        measured = TaggedRunMetadata(tag="step1", run_metadata=stats.SerializeToString())
        self.add_event(Event(tagged_run_metadata=measured), None, walltime)

    def add_onnx_graph(self, graph: Message, walltime: float | None = None) -> None:
        """Adds a graph."""
        self.add_event(Event(graph_def=graph.SerializeToString()), None, walltime)

    def flush(self) -> None:
        """Waits until all is in the file."""
        self.event_writer.flush()

    def close(self) -> None:
        """Flushes and closes the file."""
        self.event_writer.close()

    def reopen(self) -> None:
        """After `close`, starts another file in the same folder."""
        self.event_writer.reopen()
