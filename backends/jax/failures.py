"""What a host function raises inside a compiled program, on its way out: jax itself passes on a text alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
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
