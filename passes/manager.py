"""Runs a list of passes and notes what each did."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

from diptych.ir import Function
from diptych.ir.verifier import verify

from .provenance import Fired, Provenance, traced

Transform = Callable[[Function, Fired], Function]


@dataclass(frozen=True, slots=True)
class Pass:
    """A named transformation. `transform` counts in its second argument the rules it applied, by name."""

    name: str
    summary: str
    transform: Transform


@dataclass(frozen=True, slots=True)
class PassRecord:
    """What one pass did: the functions before and after, how long it took, which rules fired how often, and, where that
    was asked for, what came from what."""

    name: str
    before: Function
    after: Function
    seconds: float
    fired: Fired
    provenance: Provenance | None = None

    @property
    def changed(self) -> bool:
        return self.before != self.after


def run_passes(
    function: Function, passes: Sequence[Pass], *, checked: bool = False, trace: bool = False
) -> tuple[Function, tuple[PassRecord, ...]]:
    """`function` after all passes, in order, and a record of each.

    With `checked`, the function is verified before the first pass and after each one; VerificationError then says
    which pass broke it. With `trace`, records say what came from what.
    """
    if checked:
        verify(function)
    records: list[PassRecord] = []
    for each in passes:
        fired, provenance = Fired(), None
        if trace:
            after, provenance, seconds = traced(each.transform, function, fired)
        else:
            start = perf_counter()
            after = each.transform(function, fired)
            seconds = perf_counter() - start
        records.append(PassRecord(each.name, function, after, seconds, fired, provenance))
        if checked:
            _verify_after(each, after)
        function = after
    return function, tuple(records)


def _verify_after(each: Pass, function: Function) -> None:
    from diptych.ir import VerificationError

    try:
        verify(function)
    except VerificationError as error:
        raise VerificationError(f"{function.name} after {each.name}", error.faults) from None


def equation_count(function: Function) -> int:
    """The equations of a function and of all functions nested in it."""
    total = 0
    pending = [function]
    while pending:
        current = pending.pop()
        total += len(current.equations)
        for equation in current.equations:
            pending.extend(nested for _, nested in equation.functions())
    return total
