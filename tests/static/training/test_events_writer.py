"""Event files that are written event by event."""

import diptych.static as tf
import pytest
from diptych.static.training.events_writer import EventsWriter


def test_events_stand_in_a_file_of_the_prefix(tmp_path):
    writer = EventsWriter(str(tmp_path / "events").encode())
    writer.InitWithSuffix(".end")
    event = tf.Event(wall_time=1.0, step=3, summary=tf.Summary(value=[tf.Summary.Value(tag="a", simple_value=2.0)]))
    writer.WriteEvent(event)
    assert writer.Flush()
    (path,) = tmp_path.iterdir()
    assert writer.FileName() == str(path).encode()
    assert path.name.startswith("events.out.tfevents.") and path.name.endswith(".end")
    assert writer.Close() and writer.Close()
    first, second = tf.train.summary_iterator(str(path))
    assert (first.file_version, second) == ("brain.Event:2", event)
    with pytest.raises(TypeError) as error:
        writer.WriteEvent(b"")
    assert str(error.value) == "Expected an event_pb2.Event proto,  but got <class 'bytes'>"
