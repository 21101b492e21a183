"""Files of tensors with faults in them: read, or refused in the words for that; see tests/mutations.py."""

from __future__ import annotations

import io
import pathlib
import pickle
import pickletools
import random
from collections.abc import Iterator

import diptych.eager as torch
import numpy as np
from diptych.ir import Unsupported

from tests.faulty_archives import faulty_archive
from tests.faulty_pickles import faulty_pickle
from tests.mutations import mutated, read_all

FILES = pathlib.Path(__file__).parent / "files"
NAMES = ("archive.pt", "stream.pt", "protocol4.pt", "words.pt", "module.pt", "sparse.pt")
SOUND = [(FILES / name).read_bytes() for name in NAMES if (FILES / name).exists()]
REFUSALS = (pickle.UnpicklingError, RuntimeError, EOFError, Unsupported)


def _spoiled(name: str, content: bytes, chance: random.Random) -> bytes:
    if not name.endswith(".pkl"):
        return content
    return (faulty_pickle if chance.random() < 0.7 else mutated)(content, chance)


def _faulty_stream(content: bytes, chance: random.Random) -> bytes:
    """A stream, one of whose pickles has faults."""
    begins = [0]
    file = io.BytesIO(content)
    for _ in range(4):
        list(pickletools.genops(file))
        begins.append(file.tell())
    begin = chance.choice((*begins, begins[3], begins[3]))
    return content[:begin] + faulty_pickle(content[begin:], chance)


def faulty_files(seed: int, count: int) -> Iterator[tuple[bytes, bool]]:
    """As many files, and whether weights alone are wanted."""
    chance = random.Random(seed)
    for _ in range(count):
        content = chance.choice(SOUND)
        if chance.random() < 0.2:
            damaged = mutated(content, chance)
        elif content.startswith(b"PK"):
            damaged = faulty_archive(content, chance, _spoiled)
        else:
            damaged = _faulty_stream(content, chance)
        yield damaged, chance.random() < 0.7


def outcome(given: tuple[bytes, bool]) -> str:
    """What reading it comes to. Raises whatever else comes up."""
    data, weights_only = given
    try:
        found = torch.load(io.BytesIO(data), weights_only=weights_only)
    except REFUSALS:
        return "refused"
    _touch(found, 0)
    return "read"


def _touch(found: object, depth: int) -> None:
    """Reads all tensors, which must lie in memory that is theirs."""
    if depth > 5:
        return
    if isinstance(found, torch.Tensor):
        if found.numel() < 1 << 16:
            np.asarray((found.to_dense() if found.is_sparse else found.detach())._array()).copy()
    elif isinstance(found, dict):
        for each in found.values():
            _touch(each, depth + 1)
    elif isinstance(found, (list, tuple)):
        for each in found:
            _touch(each, depth + 1)


if __name__ == "__main__":
    read_all(faulty_files, outcome)
