"""Runs of a session one behind the other that compute the same things twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from diptych.ir import Equation, Function
from diptych.ir.fingerprint import digests
from diptych.passes.aliasing import VIEWS
from diptych.passes.costs import Cost, cost_of

from ..tables import counted, plain
from .finding import Finding, by_line
from .looked import Looked
from .sessions import written_by

RULE = "repeated-run"
LEAST = 10  # times


def repeated_runs(looked: Looked) -> Iterator[Finding]:
    """Lines that run a session right behind another line, on the same feeds, and compute again what that did."""
    if looked.watched is None:
        return
    often = [pair for pair in looked.watched.sessions.pairs.values() if pair.count >= LEAST]
    for place, pairs in by_line((pair.second.place, pair) for pair in often):
        pair = max(pairs, key=lambda each: each.count)
        again, all = _shared(pair.first.programs, pair.second.programs)
        if not again:
            continue
        flops, of = (sum((cost_of(each) for each in group), Cost()).flops for group in (again, all))
        when = ", from before the variables change" if any(map(written_by, pair.first.programs)) else ""
        yield Finding(
            RULE,
            place,
            f"{pair.count} times this runs right behind line {pair.first.place.line}, on the same feeds, and computes "
            f"{len(again)} of its {len(all)} equations as that did: {counted(flops)} of {counted(of)} FLOP",
            f"fetch both in one run, session.run([..., ...], feed_dict){when}",
            pair.count,
            {"behind": pair.first.place.line, "equations": [len(again), len(all)], "flops": [plain(flops), plain(of)]},
        )


def _shared(first: Sequence[Function], second: Sequence[Function]) -> tuple[list[Equation], list[Equation]]:
    """The equations of the second programs that the first ones compute too, of parameters of the same names; and all of
    them that compute."""
    known = Counter(digest for function in first for digest, _ in _computed(function))
    found = [pair for function in second for pair in _computed(function)]
    again = Counter(digest for digest, _ in found) & known
    shared: list[Equation] = []
    for digest, equation in found:
        if again[digest]:
            again[digest] -= 1
            shared.append(equation)
    return shared, [equation for _, equation in found]


def _computed(function: Function) -> Iterator[tuple[bytes, Equation]]:
    texts = [f"{parameter.name} {parameter.type}".encode() for parameter in function.parameters]
    known, _ = digests(function, texts)
    for equation in function.equations:
        if equation.operands and equation.op not in VIEWS and equation.results:
            yield known[equation.results[0]], equation
