"""Damaged checkpoints: bytes changed anywhere, and entries changed under checksums that are right; see
tests/mutations.py."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import diptych.static as tf
from diptych.static.checkpoints.bundles import BundleReader
from diptych.static.checkpoints.tables import decode_table, encode_table

from tests.mutations import mutated, read_all

REAL = str(Path(__file__).parent / "model.ckpt-7")  # written by TensorFlow, by make_checkpoint.py
REFUSALS = (tf.errors.DataLossError, tf.errors.NotFoundError, tf.errors.UnimplementedError)


def damaged(folder: Path, seed: int, count: int) -> Iterator[str]:
    """Puts `count` damaged copies of a checkpoint into `folder`, one after another; the prefix of each."""
    chance = random.Random(seed)
    index = Path(f"{REAL}.index").read_bytes()
    shard = Path(f"{REAL}.data-00000-of-00001").read_bytes()
    table = decode_table(index, REAL)
    for _ in range(count):
        kind = chance.randrange(4)
        changed, other = index, shard
        if kind == 0:
            changed = mutated(index, chance)
        elif kind == 1:
            other = mutated(shard, chance)
        else:
            entries = dict(table)
            for key in chance.sample(sorted(entries), 3):
                value = entries.pop(key)
                entries[mutated(key, chance) if chance.random() < 0.2 else key] = mutated(value, chance)
            changed = encode_table(sorted(entries.items()))
        (folder / "x.index").write_bytes(changed)
        (folder / "x.data-00000-of-00001").write_bytes(other)
        yield str(folder / "x")


def outcome(prefix: str) -> str:
    """What reading a checkpoint comes to: "read", or the class of the error. Raises whatever else comes up."""
    try:
        reader = BundleReader(prefix)
        for name in reader.names():
            reader.read(name)
    except REFUSALS as error:
        return type(error).__name__
    return "read"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        read_all(lambda seed, count: damaged(Path(place), seed, count), outcome)
