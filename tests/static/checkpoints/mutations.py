"""Damaged checkpoints: bytes changed anywhere, and entries changed under checksums that are right."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from diptych.static.checkpoints.tables import decode_table, encode_table


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Some bytes changed, cut, doubled or put in."""
    found = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 5))):
        place = chance.randrange(len(found) + 1)
        kind = chance.randrange(4)
        if kind == 0 and place < len(found):
            found[place] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, found[place] ^ 1 << chance.randrange(8)))
        elif kind == 1:
            del found[place : place + chance.choice((1, 1, 4, 1000))]
        elif kind == 2:
            found[place:place] = bytes(chance.randrange(256) for _ in range(chance.choice((1, 2, 9))))
        else:
            found[place:place] = found[: chance.choice((1, 16))]
    return bytes(found)


def damaged(folder: Path, prefix: str, seed: int, count: int) -> Iterator[str]:
    """Puts `count` damaged copies of a checkpoint into `folder`, one after another; the prefix of each."""
    chance = random.Random(seed)
    index = Path(f"{prefix}.index").read_bytes()
    shard = Path(f"{prefix}.data-00000-of-00001").read_bytes()
    table = decode_table(index, prefix)
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
