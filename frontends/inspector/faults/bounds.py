"""How far two ways to compute a program may lie apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from diptych.backends.tolerances import SUMMED, disagreement, tolerance
from diptych.ir import Equation, Function, dtypes
from diptych.passes.costs import cost_of
from diptych.passes.provenance import equations_of

from .arrays import Difference, difference
from .values import Arrays

# Of a whole program, by the narrowest float in it: what roundings add up to, as a part of the largest element.
_PARTS = {dtypes.f64: 2.0**-42, dtypes.f32: 2.0**-13, dtypes.f16: 2.0**-6, dtypes.bf16: 2.0**-3}
_OF_ONE = 1 / 16  # of that part is allowed of 1, for what cancels to nearly nothing

Pairs = Iterable[tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True, slots=True)
class Bound:
    """The sum of two parts: of an array's largest element, and of 1. `given`: what is allowed on top of what a single
    op may differ by. Integers and bools must be equal. `in_any_order`: elements may lie otherwise."""

    largest: float
    one: float
    given: float
    in_any_order: bool = False

    def excess(self, found: Difference) -> float:
        """How far two arrays lie apart as a part of what is allowed: above 1 is too far."""
        is_exact = isinstance(found.left, (np.integer, np.bool_))
        allowed = 0.0 if is_exact else self.largest * found.largest + self.one
        return 0.0 if not found.amount else found.amount / allowed if allowed else np.inf

    def allows(self, found: Difference) -> bool:
        """Whether two arrays lie no further apart."""
        return self.excess(found) <= 1

    def agree(self, left: Arrays, right: Arrays) -> bool:
        """Whether all arrays do."""
        return all(map(self.allows, map(difference, left, right)))

    def furthest(self, pairs: Pairs) -> Difference:
        """Of the arrays that lie furthest apart, as parts of what is allowed; there must be some."""
        return max((difference(*pair) for pair in pairs), key=self.excess)

    def of_op(self, equation: Equation, found: np.ndarray, wanted: np.ndarray) -> bool:
        """Whether two results of one equation, of the same operands, lie no further apart than its op may."""
        if equation.op.has_functions:
            return self.allows(difference(found, wanted))
        allowed = tolerance(equation.op, wanted.dtype)
        if allowed is SUMMED and wanted.size:  # of few terms
            terms = int(cost_of(equation).flops) / wanted.size
            allowed = replace(allowed, largest=allowed.largest + 4 * terms**0.5)
        return disagreement(found, wanted, allowed, relative=self.given) is None


def bound_of(function: Function, given: float | None) -> Bound:
    """What is allowed of a program: a given part of the largest element, or what its floats suggest."""
    if given is not None:
        return Bound(given, 0.0, given)
    values = [*function.parameters, *(result for equation in equations_of(function) for result in equation.results)]
    part = max((_PARTS.get(value.dtype.real, 0.0) for value in values), default=0.0)
    return Bound(part, part * _OF_ONE, 0.0)
