"""What computes nothing goes: what only differentiation needs, once no gradient will be taken any more, and what only
says how values are split over a mesh, where there is none."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from diptych.ir import Function, Op

from .pattern import Rule
from .provenance import Fired
from .rules import MARKS, PLACES
from .simplify import simplify


def erase_marks(function: Function, *, fired: Fired | None = None) -> Function:
    """`function` without marks, at any depth; itself where it has none. `fired` counts them by the rule's name."""
    return _erased(function, [*MARKS, *PLACES], fired)


def erase_gradient_marks(function: Function, *, fired: Fired | None = None) -> Function:
    """The same, but for what says how values are split over a mesh."""
    return _erased(function, MARKS, fired)


def _erased(function: Function, rules: Sequence[Rule], fired: Fired | None) -> Function:
    wanted = frozenset(rule.pattern.op for rule in rules)
    return simplify(function, rules, fired=fired) if _has_any(function, wanted) else function


def _has_any(function: Function, wanted: Collection[Op]) -> bool:
    pending, seen = [function], {id(function)}
    while pending:
        for equation in pending.pop().equations:
            if equation.op in wanted:
                return True
            for _, nested in equation.functions():
                if id(nested) not in seen:
                    seen.add(id(nested))
                    pending.append(nested)
    return False
