"""A function of single elements becomes one of batches: all elements at once, with no loop over them.

Rules stand in `batchers/`, one an op. What no operand with the batch axis leads to stays as it is, computed once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from diptych.ir import Builder, Dim, Function

from .batchers import REASONS, RULES, Batch


class Batched(NamedTuple):
    """A function of batches, and which of its results have the batch axis, in front: the others are the same for all
    elements."""

    function: Function
    is_batched: tuple[bool, ...]


def batch(function: Function, is_batched: Sequence[bool], size: Dim, *, draws: bool = True) -> Batched:
    """`function` for `size` elements, of whose parameters those that are batched have a first axis more.

    With `draws` each element draws random numbers of its own, the first ones those that the function draws by itself;
    else all draw the same. Raises BatchingError, with the user's line, at an equation that cannot be batched.
    """
    b = Builder(function.name, share=False)
    b.find_location = False
    work = Batch(b, size, draws=draws, rules=RULES, reasons=REASONS)
    operands = [work.parameter(each, flag) for each, flag in zip(function.parameters, is_batched, strict=True)]
    found = work.replay(function, operands)
    return Batched(b.finish(each.value for each in found), tuple(each.is_batched for each in found))
