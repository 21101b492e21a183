"""Files of tensors with faults in them: read, or refused in the words for that; see tests/mutations.py."""

from __future__ import annotations

import io
import pathlib
import pickle
import random
import zipfile
from collections.abc import Iterator

import diptych.eager as torch
from diptych.ir import Unsupported

from tests.mutations import mutated, read_all

FILES = pathlib.Path(__file__).parent / "files"
SOUND = [(FILES / name).read_bytes() for name in ("archive.pt", "stream.pt", "protocol4.pt", "words.pt", "module.pt")]
REFUSALS = (pickle.UnpicklingError, RuntimeError, EOFError, Unsupported)


def _with_faulty_pickle(content: bytes, chance: random.Random) -> bytes:
    """An archive whose pickle has faults, and the checksum for them."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(written, "w") as target:
        for info in source.infolist():
            part = source.read(info)
            target.writestr(info.filename, mutated(part, chance) if info.filename.endswith(".pkl") else part)
    return written.getvalue()


def faulty_files(seed: int, count: int) -> Iterator[tuple[bytes, bool]]:
    """As many files, and whether weights alone are wanted."""
    chance = random.Random(seed)
    for _ in range(count):
        content = chance.choice(SOUND)
        within = content.startswith(b"PK") and chance.random() < 0.7
        damaged = _with_faulty_pickle(content, chance) if within else mutated(content, chance)
        yield damaged, chance.random() < 0.7


def outcome(given: tuple[bytes, bool]) -> str:
    """What reading it comes to. Raises whatever else comes up."""
    data, weights_only = given
    try:
        torch.load(io.BytesIO(data), weights_only=weights_only)
    except REFUSALS:
        return "refused"
    return "read"


if __name__ == "__main__":
    read_all(faulty_files, outcome)
