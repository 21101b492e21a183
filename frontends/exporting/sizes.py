"""The sizes for which a model with names for some is written down."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from diptych.ir import DiptychError
from diptych.passes.fitting import Sizes

MAX_NAMES = 4
# Prime numbers, so that no two sizes, nor a size and a number of the model's own, are equal by chance. Three for each
# name; a model may need sizes that are large, for a window to fit in, or small, for a table to have them.
SMALL = ((5, 7, 11), (13, 17, 19), (23, 29, 31), (37, 41, 43))
LARGE = ((211, 223, 227), (229, 233, 239), (241, 251, 257), (263, 269, 271))


def sets_of(names: Sequence[str], primes: Sequence[tuple[int, int, int]]) -> list[Sizes]:
    """The sets of sizes that a model is written down for: all pairs of the first two numbers of each name, then all
    third ones. Raises DiptychError for too many names."""
    if len(names) > MAX_NAMES:
        raise DiptychError(f"export: {len(names)} sizes have names but at most {MAX_NAMES} may: {', '.join(names)}")
    corners = product(*(primes[place][:2] for place in range(len(names))))
    third = [primes[place][2] for place in range(len(names))]
    return [dict(zip(names, each, strict=True)) for each in (*corners, third)]
