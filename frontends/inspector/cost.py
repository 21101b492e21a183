"""The verb `cost`: what a program computes and moves, by equation, op or line, and what bounds its speed; on jax also
what XLA counts of it, once it has compiled it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import Any

from diptych.backends import Figures
from diptych.ir import Dim, Function, ops
from diptych.ir.names import ValueNames
from diptych.passes.aliasing import VIEWS
from diptych.passes.costs import Cost
from diptych.passes.manager import equation_count

from .options import above_zero, add_json, add_stage, add_target, add_top, programs, together
from .roofline import Peak, Row, measured_peak, row_of
from .subjects import FRONTEND, Subject
from .tables import OTHERS, aligned, counted, counts, plain, shortened
from .xla import amount, difference, more, told_by_xla

GROUPINGS = ("equation", "op", "line")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    add_target(parser)
    add_stage(parser)
    parser.add_argument("--by", choices=GROUPINGS, default="equation", help="what a row is of")
    parser.add_argument("--peak", type=above_zero, metavar="GFLOP/S", help="of the machine; by default it is measured")
    parser.add_argument("--bandwidth", type=above_zero, metavar="GB/S", help="of its memory; with --peak")
    add_top(parser)
    add_json(parser)


def command(options: argparse.Namespace) -> tuple[str, int]:
    """The text, and the exit status."""
    together(options, "peak", "bandwidth")
    found = programs(options)
    peak = Peak(options.peak, options.bandwidth) if options.peak is not None else None
    return cost(found, options.stage, by=options.by, top=options.top, as_json=options.json, peak=peak), 0


def cost(
    subjects: Sequence[Subject],
    stage: str = FRONTEND,
    *,
    by: str = "equation",
    top: int | None = None,
    as_json: bool = False,
    peak: Peak | None = None,
) -> str:
    """A table for each program at a stage. `by` is one of GROUPINGS; equations come in order, others, and the `top`
    ones where only so many are wanted, with the largest first. Programs on jax are compiled, and have what XLA counts
    beside the total; XLA counts nothing where sizes have names."""
    peak = peak or measured_peak()
    tables: list[tuple[Subject, list[Row], Row, Figures | None]] = []
    for subject in subjects:
        rows, total = _rows(subject.at(stage), by)
        told = (Figures() if subject.function.names() else told_by_xla(subject)) if subject.backend == "jax" else None
        tables.append((subject, rows if top is None else _largest(rows, top), total, told))
    if as_json:
        found = [
            {
                "program": subject.function.name,
                "number": subject.number,
                "total": total.as_json(peak),
                by: [row.as_json(peak) for row in rows],
                "peak": {"gflops": peak.gflops, "gigabytes": peak.gigabytes},
                **({} if told is None else {"xla": _compared(total, told)}),
            }
            for subject, rows, total, told in tables
        ]
        return "".join(json.dumps(each) + "\n" for each in found)
    return "\n".join(
        _table(subject.title, rows, total, by, peak) + ("" if told is None else _beside(stage, total, told))
        for subject, rows, total, told in tables
    )


def _pairs(total: Row, told: Figures) -> list[tuple[str, float | None, Dim]]:
    """What XLA counts of the program that it compiled, and the same as it is counted here."""
    return [
        ("transcendentals", told.transcendentals, total.cost.transcendentals),
        ("other_flops", told.flops, total.cost.flops - total.cost.transcendentals),
        ("bytes", told.accessed, total.bytes),
    ]


def _compared(total: Row, told: Figures) -> dict[str, Any]:
    return {
        name: {"xla": theirs, "ours": plain(ours), "difference": more(theirs, ours)}
        for name, theirs, ours in _pairs(total, told)
    }


def _beside(stage: str, total: Row, told: Figures) -> str:
    rows = [("", "by XLA", f"at {stage}", "by XLA, more or less")]
    for name, theirs, ours in _pairs(total, told):
        rows.append((name.replace("_flops", " FLOP"), amount(theirs), counted(ours), difference(theirs, ours)))
    return aligned(rows)


def _largest(rows: Sequence[Row], top: int) -> list[Row]:
    """So many rows, and one for the rest."""
    ordered = sorted(rows, key=_weight, reverse=True)
    rest = ordered[top:]
    return [*ordered[:top], *([_sum(OTHERS, rest, f"{len(rest)} rows")] if rest else [])]


def _rows(function: Function, by: str) -> tuple[list[Row], Row]:
    names = ValueNames(function)
    each = [
        row_of(equation, names)
        for equation in function.equations
        if equation.op not in VIEWS and equation.op is not ops.constant
    ]
    count = equation_count(function)
    which = f"{len(each)} that compute, of " if len(each) < count else ""
    total = _sum(f"@{function.name}", each, f"{which}{counts(count, 'equation')}")
    if by == "equation":
        return each, total
    grouped: dict[str, list[Row]] = {}
    for row in each:
        key = row.line or "(no line)" if by == "line" else row.what.split()[0]
        grouped.setdefault(key, []).append(row)
    rows = [_sum(name, members, counts(len(members), "equation")) for name, members in grouped.items()]
    return sorted(rows, key=_weight, reverse=True), total


def _weight(row: Row) -> tuple[float, float]:
    return (row.seconds or 0.0, float(row.bytes) if isinstance(row.bytes, int) else 0.0)


def _sum(name: str, rows: Sequence[Row], what: str) -> Row:
    bytes: Dim = 0
    for row in rows:
        bytes = bytes + row.bytes
    return Row(name, what, sum((row.cost for row in rows), Cost()), bytes, "")


def _table(title: str, rows: Sequence[Row], total: Row, by: str, peak: Peak) -> str:
    heads = {"equation": ("result", "what", "line"), "op": ("op", "times", ""), "line": ("line", "what", "")}[by]
    lines: list[tuple[str, ...]] = [
        (heads[0], "FLOP", "bytes", "FLOP/byte", "bound", "estimate", f"{heads[1]}  {heads[2]}".rstrip())
    ]
    for row in [*rows, total]:
        intensity, seconds = row.intensity, row.seconds
        lines.append(
            (
                shortened(row.name),
                counted(row.cost.flops),
                counted(row.bytes),
                "" if intensity is None else f"{intensity:.2f}",
                row.bound(peak),
                "" if seconds is None else f"{seconds * 1e6:.1f} us",
                f"{row.what}  {row.line}".rstrip(),
            )
        )
    speeds = f"at {peak.gflops:.0f} GFLOP/s and {peak.gigabytes:.0f} GB/s"
    bound = f"memory bounds what has less than {peak.ridge:.1f} FLOP for a byte"
    return f"{title}: {speeds}, {bound}\n{aligned(lines)}"
