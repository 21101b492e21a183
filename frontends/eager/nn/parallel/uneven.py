"""Processes that have unlike numbers of batches: who is through with his takes part in what is shared, with zeros."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from diptych.backends.joining import all_numbers
from diptych.backends.processes import process_count, process_rank

if TYPE_CHECKING:
    from .distributed import DistributedDataParallel

_EARLY = "Detected at least one rank that exhausted inputs. Throwing across all ranks."


class Uneven:
    """What the processes of a module know of each other in a block of `join`. Before each call all tell whether they
    make one, whether it takes the buffers of one of them, and whether gradients are shared behind it."""

    def __init__(self, *, by_all: bool, throws: bool) -> None:
        self.by_all = by_all  # whether gradients are divided by the number of all processes
        self.throws = throws
        self.active: list[int] = list(range(process_count()))

    def told(self, own: tuple[bool, bool, bool]) -> tuple[bool, bool, bool]:
        """What those that make a call do. Raises RuntimeError in all where one makes none, if that is to be so."""
        found = all_numbers(np.array(own))
        active = [rank for rank, (is_active, _, _) in enumerate(found.tolist()) if is_active]
        if not active:
            return False, False, False
        if self.throws and len(active) < process_count():
            raise RuntimeError(_EARLY if own[0] else f"Rank {process_rank()} exhausted all inputs. {_EARLY}")
        self.active = active
        _, takes_buffers, shares = found[active[0]].tolist()
        return True, takes_buffers, shares

    @property
    def source(self) -> int:
        """The process whose tensors are those of all."""
        return max(self.active)

    @property
    def factor(self) -> float:
        """What the means of all processes are times."""
        return 1.0 if self.by_all else process_count() / len(self.active)

    def follow(self, module: DistributedDataParallel) -> None:
        """Takes part in the calls of others, until nobody makes any. Then all have the last one's module."""
        while True:
            makes_call, takes_buffers, shares = self.told((False, False, False))
            if not makes_call:
                break
            if takes_buffers:
                module._from_one(list(module.module.buffers()), self.source)
            if shares:
                module._share_zeros()
        module._from_one([*module.module.parameters(), *module.module.buffers()], self.source)
