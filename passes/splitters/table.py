"""What a splitting rule is: the ways in which an equation can be computed in parts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from diptych.ir import Equation, Op

WHOLE = -1  # in place of an axis: every part sees all of the operand


class Share(NamedTuple):
    """How much of an axis a part has: so many of `of` equal pieces."""

    pieces: int
    of: int


@dataclass(frozen=True, slots=True)
class Way:
    """Parts of the operands along the axes `operands` (or WHOLE) give the results' parts along `results`; with
    `is_partial`, they give results of the whole shape, whose sum over the parts is the result."""

    operands: tuple[int, ...]
    results: tuple[int, ...]
    is_partial: bool = False


@dataclass(frozen=True, slots=True)
class Splitter:
    """`ways` are those of an equation, by no order. `attributes` are its attributes for a share of the result's `axis`,
    where they say sizes."""

    ways: Callable[[Equation], list[Way]]
    attributes: Callable[[Equation, int, Share], dict[str, Any]] = lambda equation, axis, share: dict(
        equation.attributes
    )


Splitters = dict[Op, Splitter]
Reasons = dict[Op, str]  # why an op is never split


def cut_alike(equation: Equation) -> list[Way]:
    """The ways of an op that computes every element from those at the same place, or from scalars."""
    are_scalars = tuple([not operand.rank for operand in equation.operands])
    return list(_ways_alike(are_scalars, len(equation.results), equation.results[0].rank))


@cache
def _ways_alike(are_scalars: tuple[bool, ...], results: int, rank: int) -> tuple[Way, ...]:
    return tuple(
        Way(tuple(WHOLE if is_scalar else axis for is_scalar in are_scalars), (axis,) * results) for axis in range(rank)
    )


def shorter(shape: tuple[Any, ...], axis: int, share: Share) -> tuple[Any, ...]:
    """A shape with a share of its `axis`, whose size is a multiple of what that is a share of."""
    return (*shape[:axis], shape[axis] // share.of * share.pieces, *shape[axis + 1 :])
