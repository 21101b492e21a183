"""How many threads numpy's BLAS takes for a product, where its library lets us say."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from glob import escape, glob
from pathlib import Path
from threading import Lock

import numpy as np

# OpenBLAS as numpy's wheels bundle it, or as others build it: (set, get).
_NAMES = (
    ("scipy_openblas_set_num_threads64_", "scipy_openblas_get_num_threads64_"),
    ("openblas_set_num_threads64_", "openblas_get_num_threads64_"),
    ("openblas_set_num_threads", "openblas_get_num_threads"),
)

_lock = Lock()
_users = 0  # blocks that want one thread now
_before = 1  # how many threads there were outside of them


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


def is_controlled() -> bool:
    """Whether `one_thread` has an effect."""
    return _controls() is not None


@contextmanager
def one_thread() -> Iterator[None]:
    """Products take one thread within the block, of whichever Python thread they are."""
    take_one_thread()
    try:
        yield
    finally:
        give_threads_back()


def take_one_thread() -> None:
    """From here to `give_threads_back`, products take one thread."""
    global _users, _before
    controls = _controls()
    if controls is None:
        return
    with _lock:
        if not _users:
            _before = controls[1]()
            if _before != 1:
                controls[0](1)
        _users += 1


def give_threads_back() -> None:
    global _users
    controls = _controls()
    if controls is None:
        return
    with _lock:
        _users -= 1
        if not _users and _before != 1:
            controls[0](_before)
