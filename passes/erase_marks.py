"""What only differentiation needs goes: it is applied once no gradient will be taken any more."""

from __future__ import annotations

from diptych.ir import Function

from .provenance import Fired
from .rules import MARKS
from .simplify import simplify

_MARKS = frozenset(rule.pattern.op for rule in MARKS)


def erase_marks(function: Function, *, fired: Fired | None = None) -> Function:
    """`function` without marks, at any depth; itself where it has none. `fired` counts them by the rule's name."""
    return simplify(function, MARKS, fired=fired) if _is_marked(function) else function


def _is_marked(function: Function) -> bool:
    pending, seen = [function], {id(function)}
    while pending:
        for equation in pending.pop().equations:
            if equation.op in _MARKS:
                return True
            for _, nested in equation.functions():
                if id(nested) not in seen:
                    seen.add(id(nested))
                    pending.append(nested)
    return False
