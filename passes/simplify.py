"""Applies rewrite rules, and folds constants, until nothing more applies: one forward replay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from diptych.ir import Builder, Function, Op, Rewrite, Value

from .fold import Evaluate, folder
from .pattern import Rule, rewriter
from .provenance import Fired
from .replay import replay
from .rules import EXACT


def simplify(
    function: Function,
    rules: Iterable[Rule] = EXACT,
    *,
    evaluate: Evaluate | None = None,
    fired: Fired | None = None,
) -> Function:
    """`function` simplified by `rules`; with `evaluate`, equations of constants become constants too.

    `fired` counts what was applied, by the rule's name; a folded equation counts as `fold_<op>`.
    """
    counter: Fired = Fired() if fired is None else fired
    rewrite = rewriter(rules, counter)
    if evaluate is not None:
        rewrite = _first(folder(evaluate, counter), rewrite)
    return replay(function, rewrite=rewrite)


def _first(first: Rewrite, second: Rewrite) -> Rewrite:
    """What `first` answers, or `second`."""

    def rewrite(
        b: Builder, op: Op, operands: tuple[Value, ...], attributes: Mapping[str, Any]
    ) -> tuple[Value, ...] | None:
        replaced = first(b, op, operands, attributes)
        return second(b, op, operands, attributes) if replaced is None else replaced

    return rewrite
