"""Random choices of transforms, from the default generator of the eager front end."""

from __future__ import annotations

from diptych.eager.host_random import random_words


def uniform(low: float, high: float) -> float:
    """A number in [low, high)."""
    return low + (high - low) * ((random_words()[0] >> 8) * 2.0**-24)


def integer(low: int, high: int) -> int:
    """An integer in [low, high). Raises RuntimeError for an empty range."""
    if low >= high:
        raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
    first, second = random_words()
    return low + (first | second << 32) % (high - low)


def chance(p: float) -> bool:
    """True with probability p."""
    return uniform(0, 1) < p
