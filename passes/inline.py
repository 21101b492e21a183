"""Calls replaced by what they call."""

from __future__ import annotations

from diptych.ir import Function, ops

from .pattern import P, Rest, Rule, Var, inlined, rewriter
from .provenance import Fired
from .replay import replay

INLINE = [Rule(f"{op.name}_inline", P.of(op, Rest("xs"), body=Var("body")), inlined) for op in (ops.call, ops.fused)]


def inline(function: Function, *, fired: Fired | None = None) -> Function:
    """`function` without call and fused equations, at any depth; `fired` counts them by the rule's name."""
    return replay(function, rewrite=rewriter(INLINE, Fired() if fired is None else fired))
