"""Damaged files of records, plain and compressed, with Examples in them; see tests/mutations.py."""

from __future__ import annotations

import random
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import diptych.static as tf
from diptych.events import DamagedData
from diptych.events.records import framed

from tests.mutations import mutated, read_all


def _example(name: str, **lists: object) -> bytes:
    features = tf.train.Features(feature={name: tf.train.Feature(**lists), "other": tf.train.Feature()})
    return tf.train.Example(features=features).SerializeToString()


EXAMPLES = (
    _example("bytes", bytes_list=tf.train.BytesList(value=[b"", b"abc", b"\xff" * 40])),
    _example("floats", float_list=tf.train.FloatList(value=[1.5, float("nan"), -2.0])),
    _example("integers", int64_list=tf.train.Int64List(value=[0, -1, 2**63 - 1])),
    b"",
)
PACKERS = {
    "": bytes,
    "ZLIB": zlib.compress,
    "GZIP": lambda data: zlib.compress(data, wbits=31),
}


class File(NamedTuple):
    """A damaged file, and how it is compressed."""

    compression: str
    data: bytes


def damaged(seed: int, count: int) -> Iterator[File]:
    """As many damaged files: records with faults under checksums that are right, or faults anywhere."""
    chance = random.Random(seed)
    for _ in range(count):
        compression = chance.choice(tuple(PACKERS))
        records = chance.choices(EXAMPLES, k=chance.randint(1, 4))
        if chance.random() < 0.5:
            records = [mutated(record, chance) for record in records]
        data = b"".join(map(framed, records))
        if chance.random() < 0.3:
            data = mutated(data, chance)
        packed = PACKERS[compression](data)
        yield File(compression, mutated(packed, chance) if chance.random() < 0.4 else packed)


def outcome(path: Path, file: File) -> str:
    """What reading comes to: "read", or the class of the error. Raises whatever else comes up."""
    path.write_bytes(file.data)
    try:
        for record in tf.python_io.tf_record_iterator(str(path), file.compression):
            example = tf.train.Example.FromString(record)
            assert tf.train.Example.FromString(example.SerializeToString()) == example
            assert str(example) == str(tf.train.Example.FromString(record))
    except (tf.errors.DataLossError, DamagedData) as error:
        return type(error).__name__
    return "read"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        read_all(damaged, lambda file: outcome(Path(folder) / "records", file))
