"""Python's garbage collection, which waits while programs are written.

Programs are made of many small objects that live on. Collections look at all of them again and again and find nothing:
they took a third of the time.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused_collections() -> Iterator[None]:
    """No collection begins by itself inside."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
