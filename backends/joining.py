"""Joins processes, which jax connects, and leaves them."""

from __future__ import annotations

from diptych.ir import DiptychError

from .jax import require_jax
from .processes import note_joined, process_count, process_rank


def join(address: str, count: int, rank: int) -> None:
    """Makes this process number `rank` of `count`, which meet at `address`, a host and port of process 0's. Nothing may
    have run on jax before. Raises DiptychError where that is so, for numbers that make no sense, and where others do
    not come; Unsupported where jax is missing."""
    if count < 1 or not 0 <= rank < count:
        raise DiptychError(f"join: rank is {rank} and count {count}, but rank must be from 0 to count - 1")
    if process_count() > 1:
        raise DiptychError(f"join: this process is number {process_rank()} of {process_count()} already")
    if count > 1:
        require_jax()
        from .jax.processes import agreed, connect

        connect(address, count, rank)
        note_joined(count, rank, agreed())


def meet(what: str) -> None:
    """Waits until all processes have come here."""
    if process_count() > 1:
        from .jax.processes import meet as wait

        wait(what)


def leave() -> None:
    """Ends what `join` began."""
    if process_count() > 1:
        from .jax.processes import disconnect

        disconnect()
    note_joined(1, 0, 0)
