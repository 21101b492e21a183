"""What a gradient rule is.

A rule is `(b, ct, out, *operands, **attributes) -> one cotangent or None per operand`. `ct` and `out` are
a Value each where the op has a single result; otherwise tuples, `ct` with None where no gradient arrived.
None stands for zero, and nothing is computed with it.
"""

from __future__ import annotations

from collections.abc import Callable

from diptych.ir import Builder, Op, Value

Cotangents = tuple[Value | None, ...]
# The rule of an op with one result and no attributes may be a lambda, whose parameters get their types from here.
Rule = (
    Callable[[Builder, Value, Value, Value], Cotangents]
    | Callable[[Builder, Value, Value, Value, Value], Cotangents]
    | Callable[..., Cotangents]
)
Rules = dict[Op, Rule]
Reasons = dict[Op, str]  # why an op has no rule
