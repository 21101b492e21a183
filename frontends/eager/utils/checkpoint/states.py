"""Switches that a part of a model is computed again under, as they were at first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ...random import fork_rng, set_rng_state
from ...tapes.mode import enable_grad, mode


@contextmanager
def as_at_first(random: Any, casting: tuple[Any, ...]) -> Iterator[None]:
    """A block with gradients noted, in which numbers are drawn and types are cast as before."""
    now = mode.is_casting, dict(mode.casting), dict(mode.cast_dtypes)
    with fork_rng(enabled=random is not None), enable_grad():
        if random is not None:
            set_rng_state(random)
        try:
            mode.is_casting, mode.casting, mode.cast_dtypes = casting[0], dict(casting[1]), dict(casting[2])
            yield
        finally:
            mode.is_casting, mode.casting, mode.cast_dtypes = now


def casting() -> tuple[Any, ...]:
    return mode.is_casting, dict(mode.casting), dict(mode.cast_dtypes)
