"""The processes that compute one program together: how many there are, and which one this is."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from hashlib import sha256
from itertools import count as counter

from diptych.ir import DiptychError

_joined = (1, 0)
_agreed = 0  # a random number that all have
_asked = {True: counter(), False: counter()}


class Ended(DiptychError):
    """Another process has come to the end of something that it does with this one, such as its input."""


class Uneven(DiptychError):
    """All are about to do the same with parts of batches that cannot be split over the devices as they come."""


class Left(DiptychError, RuntimeError):
    """Another process has come to the end of all that it does with this one, which was about to go on."""


has_left: set[int] = set()  # processes that this one has heard to have come to their end

meeting: list[Callable[[], object]] = []  # called before processes tell one another something outside of programs


def before_meeting() -> None:
    """Has what waits to be run in all processes be run, since each may have run it already."""
    for listener in meeting:
        listener()


def process_count() -> int:
    """How many processes there are: 1, unless this one has joined others."""
    return _joined[0]


def process_rank() -> int:
    """Which of them this one is, from 0 on."""
    return _joined[1]


def random_words(count: int, *, together: bool = False) -> list[int]:
    """So many random numbers of 32 bits: the same in all processes, which ask for them in the same order. What they
    compute `together` has numbers of its own, lest they differ where one has computed something alone before."""
    if _joined[0] == 1:
        return [secrets.randbits(32) for _ in range(count)]
    digest = sha256(f"{_agreed} {together} {next(_asked[together])}".encode()).digest()
    return [int.from_bytes(digest[4 * place : 4 * place + 4], "little") for place in range(count)]


def note_joined(count: int, rank: int, agreed: int) -> None:
    """Notes that this process is number `rank` of `count` from now on, which `agreed` on a random number."""
    global _joined, _agreed
    _joined, _agreed = (count, rank), agreed
