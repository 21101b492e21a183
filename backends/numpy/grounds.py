"""The memory that programs compute in, which those that do not run at the same time share.

A ground is address space as large as the machine's memory, none of which is there before it is touched. It never
moves, so that a program's instance has its arrays there once and for all; and programs that run one after another on
one ground take together what the largest of them takes. A call has a ground for itself: a call within it, or in
another thread, takes another one.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import platform
import sys
from contextlib import suppress
from itertools import count
from pathlib import Path
from weakref import finalize

import numpy as np
from diptych.passes.plan import ALIGNMENT

HUGE = 1 << 21  # bytes of the pages that arenas lie in
FIRST = 1 << 18  # bytes in front of these: small programs, which need no more, take no large page
WORTH_GIVING_BACK = 1 << 20  # bytes of an arena
WORTH_TRIMMING = 1 << 23  # bytes of an arena that is new on a ground
SMALLEST = 1 << 30  # bytes of address space that are worth it
MACHINES = ("x86_64", "aarch64", "riscv64")
NOT_COUNTED = 0x4000  # MAP_NORESERVE on these: else a process of several grounds, which merge, could not be forked


class Ground:
    """Memory for one call at a time."""

    def __init__(self) -> None:
        self.mapping = _reserved()
        self.reached = 0  # bytes that arenas take
        self.huge = 0  # where large pages begin in the mapping
        self.memory = np.empty(0, np.uint8)
        if self.mapping is not None:
            whole = np.frombuffer(self.mapping, np.uint8)
            self.huge = FIRST + -(whole.ctypes.data + FIRST) % HUGE
            self.memory = whole[self.huge - FIRST :]
            with suppress(OSError):  # of systems without large pages
                self.mapping.madvise(mmap.MADV_HUGEPAGE, self.huge)

    def arena(self, size: int) -> np.ndarray:
        """The first `size` bytes, which begin at a multiple of the alignment; where address space cannot be reserved,
        or is not enough, bytes of their own."""
        if size > self.memory.size:
            raw = np.empty(size + ALIGNMENT, np.uint8)
            start = -raw.ctypes.data % ALIGNMENT
            return raw[start : start + size]
        self.reached = max(self.reached, size)
        if size >= WORTH_TRIMMING:
            _trim()
        return self.memory[:size]

    def give_back(self, beyond: int) -> None:
        """Gives the system back what lies `beyond` so many bytes. Only for who has taken the ground."""
        keep, end = (-(-max(0, size - FIRST) // HUGE) * HUGE for size in (beyond, self.reached))
        if self.mapping is not None and keep < end:
            length = min(end - keep, len(self.mapping) - self.huge - keep)
            self.mapping.madvise(mmap.MADV_DONTNEED, self.huge + keep, length)
            self.reached = FIRST + keep


idle: list[Ground] = []  # a call takes the last one, which is warm, or makes one, and appends it when it ends
_sizes: dict[int, int] = {}  # of the arenas of the programs that there are, of those worth it
_numbers = count()


def share(program: object, size: int) -> None:
    """Lets `program`, with an arena of that size, count among those that share the grounds, for as long as it is there:
    what no program needs any more is given back."""
    if size >= WORTH_GIVING_BACK:
        number = next(_numbers)
        _sizes[number] = size
        finalize(program, _forget, number, size).atexit = False


def _forget(number: int, size: int) -> None:
    """Grounds that calls have taken keep what they have: nobody else knows what is in use there."""
    _sizes.pop(number, None)
    if size <= max(list(_sizes.values()), default=0):
        return
    taken: list[Ground] = []
    with suppress(IndexError):
        while True:
            taken.append(idle.pop())
    needed = max(list(_sizes.values()), default=WORTH_GIVING_BACK)  # a program made from here on finds none of these
    for ground in taken:
        ground.give_back(needed)
    idle.extend(reversed(taken))


def _trim() -> None:
    """Gives the system back what was freed: what ran call by call, before this was compiled, may have left as much as
    an arena takes."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None  # glibc has it
    if trim is not None:
        trim(0)


def _reserved() -> mmap.mmap | None:
    """Address space for all memory that the machine has, which takes none of it; None where that is not to be had: on
    systems where we do not know it to be so, and where address space is limited or counted as memory."""
    if sys.platform != "linux" or platform.machine() not in MACHINES:
        return None
    import resource  # which other systems lack

    counting = Path("/proc/sys/vm/overcommit_memory")
    is_limited = resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY
    if is_limited or not counting.exists() or counting.read_text().strip() == "2":
        return None
    size = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // HUGE * HUGE
    while size > SMALLEST:
        try:
            return mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | NOT_COUNTED)
        except OSError:
            size //= 2
    return None
