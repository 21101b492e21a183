"""Event files with faults in them: what reading them must come to is events or DamagedData; see tests/mutations.py."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from diptych.events import DamagedData, Event, SessionLog, Summary, read
from diptych.events.charts import custom_scalars
from diptych.events.histograms import tensorflow_histogram
from diptych.events.images import image
from diptych.events.records import framed
from diptych.events.scalars import scalar
from diptych.events.tensors import make_ndarray, tensor_proto
from diptych.events.texts import text

from tests.mutations import mutated, read_all

RECORDS = [
    event.SerializeToString()
    for event in (
        Event(wall_time=1.5, file_version="brain.Event:2"),
        Event(wall_time=2.5, step=3, summary=scalar("loss", 0.5)),
        Event(step=-1, summary=scalar("loss", 0.5, new_style=True)),
        Event(step=4, summary=text("größe", "ein Satz")),
        Event(step=5, summary=custom_scalars({"a": {"b": ["Multiline", ["c", "d"]]}})),
        Event(summary=Summary(value=[Summary.Value(tag="h", histo=tensorflow_histogram(np.arange(9)))])),
        Event(summary=Summary(value=[Summary.Value(tag="i", image=image(np.zeros((2, 3, 3), np.uint8)))])),
        Event(summary=Summary(value=[Summary.Value(tag="t", tensor=tensor_proto(np.eye(3)))])),
        Event(session_log=SessionLog(status=SessionLog.START, msg="x"), step=2**40),
        Event(graph_def=b"graph"),
    )
]


def faulty_file(random: random.Random) -> bytes:
    """A file with faults within records, whose checksums are right, or anywhere."""
    records = random.choices(RECORDS, k=random.randint(1, 4))
    if random.random() < 0.7:
        return b"".join(framed(mutated(record, random)) for record in records)
    return mutated(b"".join(map(framed, records)), random)


def outcome(path: Path, data: bytes) -> str:
    """What reading it comes to. Raises whatever else comes up."""
    path.write_bytes(data)
    try:
        for event in read(path):
            assert Event.FromString(event.SerializeToString()) == event
            assert len(repr(event)) < 10_000
            for value in event.summary.value:
                if value.HasField("tensor"):
                    try_array(value.tensor)
    except DamagedData as error:
        assert str(error) == f"diptych.events.read: {path}, byte {error.offset}: {error.reason}"
        assert 0 <= error.offset <= len(data)
        return "refused"
    return "read"


def try_array(tensor: object) -> None:
    """Its array, unless the message is refused in the words for that."""
    try:
        make_ndarray(tensor)
    except (TypeError, ValueError) as error:
        assert str(error).startswith("make_ndarray: ")


def faulty_files(seed: int, count: int) -> Iterator[bytes]:
    """As many of them."""
    source = random.Random(seed)
    return (faulty_file(source) for _ in range(count))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        read_all(faulty_files, lambda data: outcome(Path(folder) / "x.tfevents", data))
