"""Processes that have unlike numbers of batches: who is through with his takes part in what is shared, with zeros."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from diptych.backends.joining import all_numbers
from diptych.backends.processes import process_count, process_rank

from .joining import JoinHook

if TYPE_CHECKING:
    from .distributed import DistributedDataParallel


class Uneven(JoinHook):
    """What the processes of a module know of each other in a block of `join`. Before each call all tell whether they
    make one, whether it takes the buffers of one of them, and whether gradients are shared behind it."""

    def __init__(self, module: DistributedDataParallel, *, by_all: bool) -> None:
        self.module = module
        self.by_all = by_all  # whether gradients are divided by the number of all processes
        self.active: list[int] = list(range(process_count()))

    def told(self, own: tuple[bool, bool, bool]) -> tuple[bool, bool]:
        """What those that make a call do."""
        found = all_numbers(np.array(own))
        self.active = [rank for rank, (is_active, _, _) in enumerate(found.tolist()) if is_active]
        _, takes_buffers, shares = found[self.active[0]].tolist()
        return takes_buffers, shares

    @property
    def source(self) -> int:
        """The process whose tensors are those of all."""
        return max(self.active)

    @property
    def factor(self) -> float:
        """What the means of all processes are times."""
        return 1.0 if self.by_all else process_count() / len(self.active)

    def main_hook(self) -> None:
        """Takes part in a call of others."""
        takes_buffers, shares = self.told((False, False, False))
        if takes_buffers:
            self.module._from_one(list(self.module.module.buffers()), self.source)
        if shares:
            self.module._share_zeros()

    def post_hook(self, is_last_joiner: bool) -> None:
        """Gives all the module of the last process that made most calls."""
        if process_count() == 1:
            return
        source = all_numbers(np.array(process_rank() if is_last_joiner else -1)).max()
        self.module._from_one([*self.module.module.parameters(), *self.module.module.buffers()], int(source))
