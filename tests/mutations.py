"""Damaged data for readers: bytes with faults in them, and a long run of them with what became of each.

What readers must come to is data or the error that they document, soon, in little memory. The modules called `fuzz`
say what is damaged and what reading it comes to; their tests read some hundreds of files, and

    python -m tests.<folder>.fuzz COUNT [SEED]

as many as one likes.
"""

from __future__ import annotations

import collections
import random
import resource
import sys
import time
from collections.abc import Callable, Iterable
from typing import TypeVar

Given = TypeVar("Given")  # what is read: bytes, or the path of a file

_PARTS = (b"\xff" * 9 + b"\x01", b"\x12\x80\x80\x80\x80\x08", b"\x0a\x00")  # of wire formats: long numbers, nothing


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The data with one to four faults: bytes turned, left out, doubled, or put in between."""
    found = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        place = chance.randrange(len(found) + 1)
        kind = chance.randrange(7)
        if kind == 0 and place < len(found):
            found[place] ^= 1 << chance.randrange(8)
        elif kind == 1 and place < len(found):
            found[place] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
        elif kind == 2:
            del found[place : place + chance.choice((1, 1, 4, chance.randint(1, 8)))]
        elif kind == 3:
            found[place:place] = chance.choice(_PARTS)
        elif kind == 4:
            found[place:place] = found[place : place + chance.randint(1, 30)]
        elif kind == 5:
            found[place:place] = found[: chance.choice((1, 16))]
        else:
            found[place:place] = chance.randbytes(chance.randint(1, 9))
    return bytes(found)


def read_all(files: Callable[[int, int], Iterable[Given]], outcome: Callable[[Given], str]) -> None:
    """Reads `files(seed, count)` as the command line says, and prints how many became what, the longest time and the
    memory taken. What no damaged file may raise is raised, with the seed and the number of the file before it."""
    count, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else int(time.time())
    found: collections.Counter[str] = collections.Counter()
    longest = 0.0
    for given in files(seed, count):
        start = time.perf_counter()
        try:
            found[outcome(given)] += 1
        except Exception:
            print(f"seed {seed}, file {sum(found.values())}:")
            raise
        longest = max(longest, time.perf_counter() - start)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{count} files, the slowest took {longest:.2f} s, memory {memory} MiB", dict(found.most_common()))
