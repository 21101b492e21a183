"""What a gradient rule is.

A rule is `(b, ct, out, *operands, **attributes) -> one cotangent or None per operand`. `ct` and `out` are
a Value each where the op has a single result; otherwise tuples, `ct` with None where no gradient arrived.
None stands for zero, and nothing is computed with it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from diptych.ir import Op, Value

Cotangents = tuple[Value | None, ...]
Rule = Callable[..., Cotangents]
Rules = dict[Op, Rule]
Reasons = dict[Op, str]  # why an op has no rule
Attributes = dict[str, Any]
