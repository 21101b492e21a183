"""The sizes for which a model with names for some is written down."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from diptych.ir import DiptychError
from diptych.passes.fitting import Sizes

MAX_NAMES = 4
# For each name two prime numbers, so that no two sizes, nor a size and a number of the model's own, are equal by
# chance; then others, so that all remainders by 2, 3 and 4 are there: roundings that differ in even sizes alone are
# told apart. A model may need sizes that are large, for a window to fit in, or small, for a table to have them.
SMALL = ((5, 7, 18), (11, 13, 30), (17, 19, 42), (29, 31, 54))
LARGE = ((211, 233, 222, 240), (227, 229, 246, 208), (239, 241, 258, 272), (251, 277, 270, 304))


def sets_of(names: Sequence[str], numbers: Sequence[Sequence[int]]) -> list[Sizes]:
    """The sets of sizes that a model is written down for: all pairs of the first two numbers of each name, then all
    third ones and so on. Raises DiptychError for too many names."""
    if len(names) > MAX_NAMES:
        raise DiptychError(f"export: {len(names)} sizes have names but at most {MAX_NAMES} may: {', '.join(names)}")
    own = numbers[: len(names)]
    corners = product(*(each[:2] for each in own))
    others = zip(*(each[2:] for each in own), strict=True)
    return [dict(zip(names, each, strict=True)) for each in (*corners, *others)]
