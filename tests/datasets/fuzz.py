"""Files of arrays and plain pickles with faults in them: read, or refused in the words for that; see
tests/mutations.py."""

from __future__ import annotations

import io
import pickle
import random
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from diptych.datasets import DamagedFile
from diptych.datasets.npz import read_npz
from diptych.pickles import Refused, read_plain

from tests.datasets.files import texts
from tests.faulty_archives import faulty_archive
from tests.faulty_pickles import faulty_pickle
from tests.mutations import mutated, read_all

_HEADS = (
    (b"'<i8'", (b"'|O'", b"'<f4'", b"'V8'", b"'>i8'", b"'<U9'", b"'M8[s]'", b"[('a', '<i4')]", b"'<c32'", b"8", b"''")),
    (b"False", (b"True", b"2", b"None", b"print")),
    (b"(6,)", (b"(7,)", b"(-6,)", b"(0,)", b"(2,3)", b"(1<<40,)", b"(9**99,)", b"()", b"6", b"(6.0,)", b"(True,)")),
    (b"'shape'", (b"'shapes'", b"shape", b"'shape': (1,), 'shape'")),
    (b"{", (b"[", b"{{", b"__import__('os').system('true') or {")),
)  # fmt: skip


def _sound() -> bytes:
    written = io.BytesIO()
    np.savez(written, x=np.arange(6), y=texts(4, 0), z=np.asfortranarray(np.eye(3)[:2]))
    return written.getvalue()


SOUND = _sound()
PLAIN = pickle.dumps({"data": np.arange(6, dtype=">i2"), "labels": [1, 2, 3], "names": ("a", b"b", None, 1.5)}, 2)


def _spoiled(name: str, content: bytes, chance: random.Random) -> bytes:
    """An array whose head, or whose pickle, has faults."""
    kind = chance.randrange(4)
    if kind == 0:
        return mutated(content, chance)
    if kind == 1 and b"\x80" in content[128:]:
        begin = content.index(b"\x80", 128)
        return content[:begin] + faulty_pickle(content[begin:], chance)
    old, others = chance.choice(_HEADS)
    new = chance.choice(others)
    head, size = content[:128], len(content[:128])
    return head.replace(old, new)[:size].ljust(size) + content[size:]


def faulty_files(seed: int, count: int) -> Iterator[tuple[str, bytes]]:
    """As many archives and pickles, and which of them it is."""
    chance = random.Random(seed)
    for _ in range(count):
        if chance.random() < 0.4:
            yield "pickle", (faulty_pickle if chance.random() < 0.8 else mutated)(PLAIN, chance)
        elif chance.random() < 0.8:
            yield "archive", faulty_archive(SOUND, chance, _spoiled)
        else:
            yield "archive", mutated(SOUND, chance)


def outcome(given: tuple[str, bytes]) -> str:
    """What reading it comes to. Raises whatever else comes up."""
    kind, data = given
    try:
        if kind == "pickle":
            read_plain(data)
        else:
            with tempfile.NamedTemporaryFile(suffix=".npz") as file, warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # numpy's, of heads as Python 2 wrote them
                file.write(data)
                file.flush()
                read_npz(Path(file.name), ("x", "y", "z"))
    except (DamagedFile, Refused):
        return "refused"
    return "read"


if __name__ == "__main__":
    read_all(faulty_files, outcome)
