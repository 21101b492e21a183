"""What a splitting rule is: the ways in which an equation can be computed in equal parts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from diptych.ir import Equation, Op

WHOLE = -1  # in place of an axis: every part sees all of the operand


@dataclass(frozen=True, slots=True)
class Way:
    """Parts of the operands along the axes `operands` (or WHOLE) give the results' parts along `results`; with
    `is_partial`, they give results of the whole shape, whose sum over the parts is the result."""

    operands: tuple[int, ...]
    results: tuple[int, ...]
    is_partial: bool = False


@dataclass(frozen=True, slots=True)
class Splitter:
    """`ways` are those of an equation, by no order. `attributes` are its attributes for one of `parts` parts along the
    result's `axis`, where they say sizes."""

    ways: Callable[[Equation], list[Way]]
    attributes: Callable[[Equation, int, int], dict[str, Any]] = lambda equation, axis, parts: dict(equation.attributes)


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


def shorter(shape: tuple[Any, ...], axis: int, parts: int) -> tuple[Any, ...]:
    """A shape whose `axis` is one of `parts` equal parts."""
    return (*shape[:axis], shape[axis] // parts, *shape[axis + 1 :])
