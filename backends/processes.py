"""The processes that compute one program together: how many there are, and which one this is. jax connects them."""

from __future__ import annotations

from diptych.ir import DiptychError

_joined = (1, 0)


def process_count() -> int:
    """How many processes there are: 1, unless this one has joined others."""
    return _joined[0]


def process_rank() -> int:
    """Which of them this one is, from 0 on."""
    return _joined[1]


def join(address: str, count: int, rank: int) -> None:
    """Makes this process number `rank` of `count`, which meet at `address`, a host and port of process 0's. Nothing may
    have run on jax before. Raises DiptychError where that is so, for numbers that make no sense, and where others do
    not come; Unsupported where jax is missing."""
    global _joined
    if count < 1 or not 0 <= rank < count:
        raise DiptychError(f"join: rank is {rank} and count {count}, but rank must be from 0 to count - 1")
    if _joined[0] > 1:
        raise DiptychError(f"join: this process is number {_joined[1]} of {_joined[0]} already")
    if count > 1:
        from .jax import require_jax

        require_jax()
        from .jax.processes import connect

        connect(address, count, rank)
    _joined = count, rank


def leave() -> None:
    """Ends what `join` began."""
    global _joined
    if _joined[0] > 1:
        from .jax.processes import disconnect

        disconnect()
    _joined = 1, 0
