"""Products that BLAS computes with several threads, where that changes no bit, pays, and a core is free.

Each place in a program where a product stands finds out for itself: it takes the time of its first runs with one
thread, and of the next with several. One that takes longer than it should has waited for a core that something else
has: a number of products take one thread then, and twice as many the next time. So a busy machine costs a product that
waits now and then. Programs with parts of their own leave the cores to these.
"""

from __future__ import annotations

from functools import cache
from time import perf_counter

import numpy as np
from diptych.ir import Function, ops
from numpy import dot

from ..settings import thread_count
from . import blas

LEAST = 700_000  # multiplications of a product that is worth it
SINGLE, SEVERAL = 4, 8  # first runs of a place that are timed, with one thread and with several
GAIN = 0.9  # of the time with one thread, that several must not exceed
LATE, LEAST_LATE = 0.5, 1e-4  # of the time with one thread, and seconds, beyond it after which a product has waited
FIRST_PAUSE, LAST_PAUSE = 64, 1 << 14  # products


class _Pause:
    """How many products are left that take one thread, and how many it will be the next time; of the process."""

    left = 0
    next = FIRST_PAUSE


def threads_of(function: Function) -> int:
    """How many threads products of `function` may take: one, where it has parts that run at the same time."""
    return 1 if _has_parts(function) else thread_count()


def _has_parts(function: Function) -> bool:
    return any(
        equation.op is ops.parallel or any(_has_parts(nested) for _, nested in equation.functions())
        for equation in function.equations
    )


class Paired:
    """`np.dot` of two matrices at one place of a program, by up to `threads`."""

    __slots__ = ("_best", "_is_off", "_runs", "_several", "_threads")

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._is_off = False
        self._runs = 0
        self._best = float("inf")  # seconds with one thread
        self._several = float("inf")

    def __call__(self, lhs: np.ndarray, rhs: np.ndarray, out: np.ndarray) -> np.ndarray:
        if self._is_off:
            return dot(lhs, rhs, out)
        if self._runs < SINGLE:
            begin = perf_counter()
            dot(lhs, rhs, out)
            self._best = min(self._best, perf_counter() - begin)
            self._runs += 1
            return out
        if _Pause.left:
            _Pause.left -= 1
            return dot(lhs, rhs, out)
        layouts = _is_turned(lhs), _is_turned(rhs)
        if self._runs == SINGLE and not _is_same(lhs.shape, rhs.shape, lhs.dtype.str, layouts, self._threads):
            self._is_off = True
            return dot(lhs, rhs, out)
        return self._with_several(lhs, rhs, out)

    def _with_several(self, lhs: np.ndarray, rhs: np.ndarray, out: np.ndarray) -> np.ndarray:
        begin = perf_counter()
        is_taken = blas.take_several_threads(self._threads)
        dot(lhs, rhs, out)
        if not is_taken:
            return out
        blas.leave_one_thread()
        seconds = perf_counter() - begin
        if seconds > self._best + max(LATE * self._best, LEAST_LATE):
            _Pause.left = _Pause.next
            _Pause.next = min(2 * _Pause.next, LAST_PAUSE)
        elif _Pause.next > FIRST_PAUSE and seconds < GAIN * self._best:
            _Pause.next -= 1
        if self._runs < SINGLE + SEVERAL:
            self._runs += 1
            self._several = min(self._several, seconds)
            self._is_off = self._runs == SINGLE + SEVERAL and self._several > GAIN * self._best
        return out


class PairedProducts:
    """`np.matmul` of matrices, or stacks of them, in one equation that takes several, by up to `threads`."""

    __slots__ = ("_known", "_threads")

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._known: dict[tuple[int, ...], Paired] = {}  # by the sizes

    def __call__(self, lhs: np.ndarray, rhs: np.ndarray, out: np.ndarray) -> np.ndarray:
        rows, inner = lhs.shape[-2:]
        sizes = rows, inner, rhs.shape[-1]
        if out.size != rows * sizes[2] or out.size * inner < LEAST:
            return np.matmul(lhs, rhs, out)
        found = self._known.get(sizes)
        if found is None:
            found = self._known[sizes] = Paired(self._threads)
        return found(lhs.reshape(rows, inner), rhs.reshape(inner, sizes[2]), out.reshape(rows, sizes[2]))


def _is_turned(x: np.ndarray) -> bool:
    """Whether BLAS reads a matrix turned round: of a slice of one, which lies side by side nowhere, too."""
    return x.strides[0] < x.strides[1]


@cache
def _is_same(
    left: tuple[int, int], right: tuple[int, int], dtype: str, are_turned: tuple[bool, bool], threads: int
) -> bool:
    """Whether products of such matrices have the same bits with one thread and with several: BLAS may cut the axis that
    is summed otherwise. Tried on random numbers."""
    random = np.random.default_rng(0)
    lhs, rhs = (
        np.asarray(random.standard_normal(shape).astype(dtype), order="F" if is_turned else "C")
        for shape, is_turned in zip((left, right), are_turned, strict=True)
    )
    one = dot(lhs, rhs)
    if not blas.take_several_threads(threads):
        return False
    several = dot(lhs, rhs)
    blas.leave_one_thread()
    return one.tobytes() == several.tobytes()
