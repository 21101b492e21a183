"""The processes that compute one program together: how many there are, and which one this is. jax connects them."""

from __future__ import annotations

import secrets
from hashlib import sha256
from itertools import count as counter

from diptych.ir import DiptychError

_joined = (1, 0)
_agreed = 0  # a random number that all have
_asked = counter()


def process_count() -> int:
    """How many processes there are: 1, unless this one has joined others."""
    return _joined[0]


def process_rank() -> int:
    """Which of them this one is, from 0 on."""
    return _joined[1]


def random_words(count: int) -> list[int]:
    """So many random numbers of 32 bits: the same in all processes, which ask for them in the same order."""
    if _joined[0] == 1:
        return [secrets.randbits(32) for _ in range(count)]
    digest = sha256(f"{_agreed} {next(_asked)}".encode()).digest()
    return [int.from_bytes(digest[4 * place : 4 * place + 4], "little") for place in range(count)]


def meet(what: str) -> None:
    """Waits until all processes have come here."""
    if _joined[0] > 1:
        from .jax.processes import meet as wait

        wait(what)


def join(address: str, count: int, rank: int) -> None:
    """Makes this process number `rank` of `count`, which meet at `address`, a host and port of process 0's. Nothing may
    have run on jax before. Raises DiptychError where that is so, for numbers that make no sense, and where others do
    not come; Unsupported where jax is missing."""
    global _joined, _agreed
    if count < 1 or not 0 <= rank < count:
        raise DiptychError(f"join: rank is {rank} and count {count}, but rank must be from 0 to count - 1")
    if _joined[0] > 1:
        raise DiptychError(f"join: this process is number {_joined[1]} of {_joined[0]} already")
    if count > 1:
        from .jax import require_jax

        require_jax()
        from .jax.processes import agreed, connect

        connect(address, count, rank)
        _agreed = agreed()
    _joined = count, rank


def leave() -> None:
    """Ends what `join` began."""
    global _joined
    if _joined[0] > 1:
        from .jax.processes import disconnect

        disconnect()
    _joined = 1, 0
