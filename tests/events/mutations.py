"""Event files with faults in them: what reading them must come to is events or DamagedData, soon.

    python -m tests.events.mutations 100000

reads as many, for longer than the tests do.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
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


def mutated(data: bytes, random: random.Random) -> bytes:
    """Data with one to four faults: bytes turned, left out, doubled, or put in between."""
    found = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 4))):
        place = random.randrange(len(found) + 1)
        kind = random.randrange(6)
        if kind == 0 and place < len(found):
            found[place] ^= 1 << random.randrange(8)
        elif kind == 1 and place < len(found):
            found[place] = random.choice((0, 1, 0x7F, 0x80, 0xFF, random.randrange(256)))
        elif kind == 2:
            del found[place : place + random.randint(1, 8)]
        elif kind == 3:
            found[place:place] = random.choice((b"\xff" * 9 + b"\x01", b"\x12\x80\x80\x80\x80\x08", b"\x0a\x00"))
        elif kind == 4:
            found[place:place] = found[place : place + random.randint(1, 30)]
        else:
            found[place:place] = random.randbytes(random.randint(1, 6))
    return bytes(found)


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


def count_outcomes(seed: int, count: int, path: Path) -> dict[str, int]:
    """How many of `count` files were read and refused."""
    source = random.Random(seed)
    found = {"read": 0, "refused": 0}
    for _ in range(count):
        found[outcome(path, faulty_file(source))] += 1
    return found


if __name__ == "__main__":
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        result = count_outcomes(int(time.time()), int(sys.argv[1]), Path(folder) / "x.tfevents")
    print(result, f"{time.perf_counter() - start:.1f} s")
