"""Common subexpressions: equal equations become one. The Builder does it; this pass only replays."""

from __future__ import annotations

from diptych.ir import Function

from .replay import replay


def share(function: Function) -> Function:
    """`function` without repeated or unneeded equations."""
    return replay(function)
