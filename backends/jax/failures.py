"""What a host function raises inside a compiled program, on its way out: jax itself passes on a text alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import count

from diptych.ir import DiptychError
from jax.errors import JaxRuntimeError

_NAME = re.compile(r"diptych host failure ([0-9]+)")

_numbers = count()
_waiting: dict[int, DiptychError] = {}


def leaving(error: DiptychError) -> Exception:
    """What to raise in the program's place for `error`: jax's error will have its text somewhere."""
    number = next(_numbers)
    _waiting[number] = error
    return RuntimeError(f"diptych host failure {number}: {error}")


_noting: ContextVar[list[DiptychError]] = ContextVar("diptych_failures")


@contextmanager
def noting(found: list[DiptychError]) -> Iterator[None]:
    """Programs that are traced within the block for a mesh note here what their host functions raise."""
    token = _noting.set(found)
    try:
        yield
    finally:
        _noting.reset(token)


def noting_here() -> list[DiptychError]:
    """Where a program that is being traced notes what its host functions raise."""
    return _noting.get()


@contextmanager
def arriving() -> Iterator[None]:
    """Raises in place of jax's error, where a program is run inside, the one that left."""
    try:
        yield
    except JaxRuntimeError as error:
        name = _NAME.search(str(error))
        own = None if name is None else _waiting.pop(int(name[1]), None)
        if own is None:
            raise
        raise own from own.__cause__
