"""FileWriter: times, steps, and files one after another."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
from diptych.eager.utils.tensorboard import FileWriter
from diptych.events import Event, Summary, read
from diptych.events.graph import GraphDef, NodeDef, RunMetadata


def test_events_get_time_and_step(tmp_path: Path) -> None:
    writer = FileWriter(tmp_path / "a", filename_suffix=".x")
    assert writer.get_logdir() == str(tmp_path / "a")
    event = Event(wall_time=1.0, step=3)
    start = time.time()
    writer.add_event(event)
    assert (event.step, start <= event.wall_time <= time.time()) == (3, True)
    writer.add_event(Event(step=3), np.int32(4), 2.5)
    writer.add_summary(Summary(value=[Summary.Value(tag="a")]), 5, 3.5)
    writer.flush()
    _, first, second, third = read(writer.event_writer.path)
    assert first == event
    assert (second.step, second.wall_time) == (4, 2.5)
    assert (third.step, third.wall_time, third.summary.value[0].tag) == (5, 3.5, "a")
    writer.close()


def test_graphs_are_bytes_of_their_messages(tmp_path: Path) -> None:
    writer = FileWriter(tmp_path)
    graph = GraphDef(node=[NodeDef(name="a", op="Add")])
    writer.add_graph((graph, RunMetadata()), 2.5)
    writer.close()
    _, drawn, measured = read(writer.event_writer.path)
    assert (GraphDef.FromString(drawn.graph_def), drawn.wall_time) == (graph, 2.5)
    assert (measured.tagged_run_metadata.tag, measured.tagged_run_metadata.run_metadata) == ("step1", b"")


def test_reopen_starts_another_file(tmp_path: Path) -> None:
    writer = FileWriter(tmp_path)
    writer.close()
    writer.reopen()
    writer.reopen()
    writer.close()
    assert len(list(tmp_path.iterdir())) == 2
