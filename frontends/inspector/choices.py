"""`memory --choices`: what may be kept for a backward, and what each choice takes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from diptych.backends.compiler import compile
from diptych.backends.executable import Executable
from diptych.backends.numpy.rates import RATES
from diptych.ir import DiptychError
from diptych.passes.costs import cost_of_function
from diptych.passes.keeping import choices, keeping

from .subjects import Subject
from .tables import aligned, counted


class Row(NamedTuple):
    """A choice: what is kept, bytes at most on numpy, arithmetic, and time as far as rates tell, in nanoseconds."""

    kept: str
    peak: int
    flops: int
    nanoseconds: float


def table(subjects: Sequence[Subject], *, as_json: bool = False) -> str:
    """For each program its choices, that which takes least time first. Raises DiptychError where sizes have names."""
    return ("" if as_json else "\n").join((_as_json if as_json else _text)(each, _rows(each)) for each in subjects)


def _rows(subject: Subject) -> list[Row]:
    if subject.function.names():
        names = ", ".join(sorted(subject.function.names()))
        raise DiptychError(f"memory: {subject.title} has sizes that nobody knows yet: {names}")
    rows: list[Row] = []
    for choice in choices(subject.function, RATES):
        changed = keeping(subject.function, choice.keeping)
        executable = compile(changed, backend="numpy", donate=subject.donate, memory_budget=0)
        assert isinstance(executable, Executable)
        flops = int(cost_of_function(changed).flops)
        rows.append(Row(str(choice.keeping), executable.peak_bytes or 0, flops, choice.nanoseconds))
    return rows


def _text(subject: Subject, rows: Sequence[Row]) -> str:
    first = rows[0]
    if len(rows) == 1:
        return f"{subject.title}: {counted(first.peak)}B at most; no choice of what is kept for a backward takes less\n"
    cells = [("kept for the backward", "bytes", "of all", "arithmetic", "time", "")]
    cells += [
        (each.kept, counted(each.peak), f"{100 * each.peak / first.peak:.0f}%", _more(each.flops, first.flops),
         _more(each.nanoseconds, first.nanoseconds), "")
        for each in rows
    ]  # fmt: skip
    told = "what numpy takes at most, and what is computed again; time as rates tell, not measured"
    return f"{subject.title}: {told}\n{aligned(cells)}"


def _more(mine: float, before: float) -> str:
    return f"+{100 * (mine / before - 1):.1f}%" if before else ""


def _as_json(subject: Subject, rows: Sequence[Row]) -> str:
    found = [each._asdict() for each in rows]
    return json.dumps({"program": subject.function.name, "number": subject.number, "choices": found}) + "\n"
