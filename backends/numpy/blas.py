"""How many threads numpy's BLAS takes for a product, where its library lets us say.

Programs run with one, but for some products (`pairing.py`): it is parts of programs that threads share. On a machine
that does other things as well, a product of two threads may wait for a core a hundred times as long as it takes, and
how many threads there are changes how sums are rounded.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from functools import cache
from glob import escape, glob
from pathlib import Path
from threading import Lock

import numpy as np
from diptych.ir import Equation, Function, ops
from diptych.passes.costs import cost_of

# OpenBLAS as numpy's wheels bundle it, or as others build it: (set, get).
_NAMES = (
    ("scipy_openblas_set_num_threads64_", "scipy_openblas_get_num_threads64_"),
    ("openblas_set_num_threads64_", "openblas_get_num_threads64_"),
    ("openblas_set_num_threads", "openblas_get_num_threads"),
)

# Products of a matrix, or elements of one that is multiplied by a vector, above which OpenBLAS takes several threads.
MATRIX, VECTOR = 1 << 18, 9216

_lock = Lock()
_users = 0  # blocks that want one thread now
_before = 1  # how many threads there were outside of them
_is_several = False  # whether a product may be taking several


@cache
def _controls() -> tuple[Callable[[int], None], Callable[[], int]] | None:
    """The functions that set and tell the number of threads; None of a library that has none we know."""
    folder = escape(str(Path(np.__path__[0]).parent / "numpy.libs"))
    for path in sorted(glob(f"{folder}/*openblas*")):
        try:
            library = ctypes.CDLL(path)
        except OSError:
            continue
        for setter, getter in _NAMES:
            if hasattr(library, setter) and hasattr(library, getter):
                return getattr(library, setter), getattr(library, getter)
    return None


def may_take_threads(function: Function) -> bool:
    """Whether BLAS would take several threads for a product, sum or decomposition of `function`, or of those nested in
    it."""
    return any(map(_takes_threads, function.every_equation()))


def _takes_threads(equation: Equation) -> bool:
    if equation.op in (ops.matmul, ops.convolution) and cost_of(equation).products > MATRIX:
        return True
    if equation.op in (ops.matmul, ops.reduce_sum):
        return max(operand.type.bytes() for operand in equation.operands) > 4 * VECTOR
    return equation.op.group == "linalg"


def take_one_thread() -> None:
    """From here to `give_threads_back`, products take one thread, in whichever Python thread they are."""
    global _users, _before
    controls = _controls()
    if controls is None:
        return
    with _lock:
        if not _users:
            _before = controls[1]()
            if _before != 1:
                controls[0](1)
        elif _is_several:
            controls[0](1)
        _users += 1


def take_several_threads(count: int) -> bool:
    """Has products take so many threads, until `leave_one_thread`. False where something else wants one thread as well:
    nothing has changed then."""
    global _is_several
    controls = _controls()
    if controls is None:
        return False
    with _lock:
        if _users != 1:
            return False
        controls[0](count)
        _is_several = True
    return True


def leave_one_thread() -> None:
    """Ends that."""
    global _is_several
    controls = _controls()
    if controls is not None:
        controls[0](1)
    _is_several = False


def give_threads_back() -> None:
    global _users
    controls = _controls()
    if controls is None:
        return
    with _lock:
        _users = max(_users - 1, 0)  # a process forked within a program has begun anew
        if not _users and _before != 1:
            controls[0](_before)


def _forget() -> None:
    """In a forked process no other thread holds the lock, or BLAS."""
    global _lock, _users
    _lock, _users = Lock(), 0


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
