"""Damaged files of tensors: python -m tests.eager.serialization.mutations COUNT [SEED]"""

from __future__ import annotations

import io
import pathlib
import pickle
import random
import sys
import zipfile

import diptych.eager as torch
from diptych.ir import Unsupported

FILES = pathlib.Path(__file__).parent / "files"
ALLOWED = (pickle.UnpicklingError, RuntimeError, EOFError, Unsupported)


def _sound() -> list[bytes]:
    return [
        (FILES / name).read_bytes() for name in ("archive.pt", "stream.pt", "protocol4.pt", "words.pt", "module.pt")
    ]


def _with_pickle(content: bytes, change: random.Random) -> bytes:
    """An archive with a damaged pickle, whose checksum is right."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(written, "w") as target:
        for info in source.infolist():
            part = source.read(info)
            target.writestr(info.filename, damaged(part, change) if info.filename.endswith(".pkl") else part)
    return written.getvalue()


def damaged(content: bytes, change: random.Random) -> bytes:
    """The content with bytes changed, cut out, doubled or cut off."""
    data = bytearray(content)
    for _ in range(change.randint(1, 4)):
        place = change.randrange(len(data))
        match change.randrange(5):
            case 0:
                data[place] = change.randrange(256)
            case 1:
                data[place] = change.choice(b"cR(tbeuhq.0Q\x81\x85\x86X]}KJ")
            case 2:
                del data[place : place + change.randint(1, 8)]
            case 3:
                data[place:place] = data[place : place + change.randint(1, 40)]
            case _:
                data[place] ^= 1 << change.randrange(8)
        if not data:
            data.append(0)
    return bytes(data)


def run(count: int, seed: int = 0) -> dict[str, int]:
    """Reads damaged files; how many were read, and how many refused. All other errors pass through."""
    change = random.Random(seed)
    sound = _sound()
    found = {"read": 0, "refused": 0}
    for _ in range(count):
        content = change.choice(sound)
        is_archive = content[:2] == b"PK"
        data = _with_pickle(content, change) if is_archive and change.random() < 0.7 else damaged(content, change)
        try:
            torch.load(io.BytesIO(data), weights_only=change.random() < 0.7)
            found["read"] += 1
        except ALLOWED:
            found["refused"] += 1
    return found


if __name__ == "__main__":
    print(run(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0))
