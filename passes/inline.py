"""Calls replaced by what they call."""

from __future__ import annotations

from collections import Counter

from diptych.ir import Function, ops

from .pattern import P, Rest, Rule, Var, inlined, rewriter
from .replay import replay

INLINE = [Rule(f"{op.name}_inline", P.of(op, Rest("xs"), body=Var("body")), inlined) for op in (ops.call, ops.fused)]


def inline(function: Function, *, fired: Counter[str] | None = None) -> Function:
    """`function` without call and fused equations, at any depth; `fired` counts them by the rule's name."""
    return replay(function, rewrite=rewriter(INLINE, Counter() if fired is None else fired))
