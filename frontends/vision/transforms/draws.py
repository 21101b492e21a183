"""Random choices of transforms, from the default generator of the eager front end."""

from __future__ import annotations

import diptych.eager as torch


def uniform(low: float, high: float) -> float:
    """A number in [low, high)."""
    return low + (high - low) * torch.rand(1).item()


def integer(low: int, high: int) -> int:
    """An integer in [low, high). Raises RuntimeError for an empty range."""
    if low >= high:
        raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
    # Not by randint, whose bounds are part of a program: every size would compile one.
    return low + int(torch.rand(1, dtype=torch.float64).item() * (high - low))


def chance(p: float) -> bool:
    """True with probability p."""
    return torch.rand(1).item() < p
