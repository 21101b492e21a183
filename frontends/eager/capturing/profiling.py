"""The function that Python tells of every call: another one for a while, and then the one before again."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


@contextmanager
def profiling(function: Callable[[FrameType, str, Any], None] | None) -> Iterator[None]:
    """Tells `function` of the calls within the block, or nobody."""
    before: Any = sys.getprofile()
    sys.setprofile(function)
    try:
        yield
    finally:
        is_function = before is None or callable(before)
        sys.setprofile(before if is_function else None)
        if not is_function:  # a profiler of Python's own, which is written in C
            before.enable()
