"""Writes through `.data`, which no version counts: gradients that are taken later see them."""

from __future__ import annotations

from ..tapes.lazy import Lazy, Storage
from ..tapes.tape import tape


class _Rewrites:
    """Whether there were any, and where the last one was: on the tape `serial`, behind so many of its calls."""

    def __init__(self) -> None:
        self.any = False
        self.serial = self.calls = 0


rewrites = _Rewrites()


def note_rewritten(old: Lazy, storage: Storage) -> None:
    """A value of which a storage shows something else from now on."""
    old.rewritten = storage
    rewrites.any = True
    rewrites.serial, rewrites.calls = tape.serial, len(tape.calls)
