"""The verb `profile`: how long a program takes on a backend, and how long its equations, ops, lines or scopes do."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from diptych.backends.measuring import Measurement, Spread, measure
from diptych.ir import Equation, Function, Location

from .inputs import add_inputs, with_inputs
from .memory import names_of
from .options import add_json, add_target, add_top, count, programs
from .roofline import row_of
from .shares import Share, Shares
from .subjects import FINAL, Subject
from .tables import OTHERS, aligned, counts, shortened

# What rows are of: a property of equations.
KEYS: dict[str, Callable[[Equation], str | Location | None]] = {
    "op": lambda equation: equation.op.name,
    "line": lambda equation: equation.location,
    "scope": lambda equation: equation.location.scope if equation.location is not None else None,
}
WITHOUT = "without its members"


@dataclass(frozen=True, slots=True)
class Row:
    """Equations that go by one `name`: `what` they are, where in the source, and what they have of a run. `depth`: how
    many others they stand in."""

    name: str
    what: str
    share: Share
    place: Location | None = None
    depth: int = 0

    def gflops(self) -> float | None:
        """GFLOP a second; None where that is not known, or nothing."""
        return self._rate(None if self.share.cost is None else int(self.share.cost.flops))

    def gigabytes(self) -> float | None:
        """The same of GB."""
        return self._rate(self.share.bytes)

    def _rate(self, count: int | None) -> float | None:
        return 1e-9 * count / self.share.seconds if count and self.share.seconds else None

    def cells(self, whole: float) -> tuple[str, ...]:
        """As people read it, beside the seconds of the `whole`."""
        share = self.share
        rates = ("" if rate is None else f"{rate:.1f}" for rate in (self.gflops(), self.gigabytes()))
        return (
            "  " * self.depth + shortened(self.name),
            f"{'~' if share.is_estimated else ''}{microseconds(share.seconds)}",
            f"{100 * share.seconds / whole:.1f}%",
            *rates,
            "" if share.estimate is None else microseconds(share.estimate),
            self.what,
        )

    def as_json(self, whole: float) -> dict[str, Any]:
        """The same as numbers."""
        return {
            "name": self.name,
            "what": self.what,
            "depth": self.depth,
            "seconds": self.share.seconds,
            "share": self.share.seconds / whole,
            "is_estimated": self.share.is_estimated,
            "gflops": self.gflops(),
            "gigabytes": self.gigabytes(),
            "estimated_seconds": self.share.estimate,
            "line": str(self.place) if self.place is not None else None,
        }


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    add_target(parser)
    parser.add_argument("--by", choices=("equation", *KEYS), default="equation", help="what a row is of")
    add_runs(parser)
    add_inputs(parser)
    add_top(parser)
    add_json(parser)


def add_runs(parser: argparse.ArgumentParser) -> None:
    """How often programs are run."""
    parser.add_argument(
        "--runs", type=count, metavar="N", help="how many count; by default as many as fit into a second, but 10"
    )


def command(options: argparse.Namespace) -> tuple[str, int]:
    """The text, and the exit status."""
    found = [profiled(subject, options) for subject in programs(options, keep_inputs=True)]
    write = _as_json if options.json else _text
    return ("" if options.json else "\n").join(write(*each, options.by, options.top) for each in found), 0


def profiled(subject: Subject, options: argparse.Namespace) -> tuple[Subject, Measurement]:
    """A program, for the sizes of its named dimensions, and what was measured of it. What functions on the host print
    meanwhile goes to the standard error. Raises DiptychError."""
    subject, arrays = with_inputs(subject.on(options.backend or subject.backend), options)
    with contextlib.redirect_stdout(sys.stderr):
        return subject, measure(subject.at(FINAL), subject.backend, subject.donate, arrays, options.runs)


def _rows(subject: Subject, measured: Measurement, by: str, top: int | None) -> tuple[list[Row], Row]:
    """Those of the equations and of what else a run takes, and the total."""
    function = subject.at(FINAL)
    shares = Shares(function, measured.times)
    rows = _of_equations(function, shares) if by == "equation" else _of_groups(shares, by)
    if top is not None:
        rows = _largest(rows, top)
    rows.append(Row("(entry)", "arguments in, results out", Share(seconds=measured.entry)))
    rows.append(Row("(measuring)", f"{measured.readings} times", Share(seconds=measured.reading)))
    total = Share(seconds=measured.split.median)
    for share in shares.by_equation().values():
        total.add(share.cost, share.bytes, share.equations)
    return rows, Row(f"@{function.name}", counts(total.equations, "equation"), total)


def _largest(rows: Sequence[Row], top: int) -> list[Row]:
    """So many rows, wherever they stand, and one for the rest."""
    ordered = sorted(rows, key=lambda row: row.share.seconds, reverse=True)
    found, rest = [replace(row, depth=0) for row in ordered[:top]], ordered[top:]
    if rest:
        found.append(Row(OTHERS, f"{len(rest)} rows", Share(seconds=sum(row.share.seconds for row in rest))))
    return found


def _of_equations(function: Function, shares: Shares) -> list[Row]:
    names = names_of(function)
    rows: list[Row] = []
    for path, share in shares.by_equation().items():
        row = row_of(path[-1], names)
        what = row.what if share.equations else f"{row.what} {WITHOUT}"
        rows.append(Row(row.name, f"{what}  {row.line}".rstrip(), share, path[-1].location, len(path) - 1))
    return rows


def _of_groups(shares: Shares, by: str) -> list[Row]:
    rows: list[Row] = []
    for key, share in shares.by(KEYS[by], spread=by != "op").items():
        what = counts(share.equations, "equation") if share.equations else WITHOUT
        if isinstance(key, Location):
            rows.append(Row(key.short(), f"{what}  {key.source()}".rstrip(), share, key))
        else:
            rows.append(Row(key or f"(no {by})", what, share))
    return rows


def _text(subject: Subject, measured: Measurement, by: str, top: int | None) -> str:
    whole, split = measured.whole, measured.split
    rows, total = _rows(subject, measured, by, top)
    lines = [
        f"{subject.title} on {subject.backend}: {microseconds(whole.median)} a run, {microseconds(split.median)} split "
        f"into equations: measuring costs {100 * measured.cost:.1f}%"
        + (", which is within the noise" if measured.is_within_noise else ""),
        f"  medians of {measured.runs} runs each, middle halves {_between(whole)} and {_between(split)}",
    ]
    if subject.backend == "jax":
        lines.append("  each equation is a program by itself here; as a whole XLA joins them, and shares may be others")
    if any(row.share.is_estimated for row in rows):
        lines.append("  ~ measured of several equations together, and divided by what each is estimated to cost")
    head = (by if by != "equation" else "result", "time", "share", "GFLOP/s", "GB/s", "estimate", "what")
    cells = [row.cells(split.median) for row in (*rows, total)]
    return "\n".join([*lines, aligned([head, *cells])])


def _as_json(subject: Subject, measured: Measurement, by: str, top: int | None) -> str:
    rows, total = _rows(subject, measured, by, top)
    found = {
        "program": subject.function.name,
        "number": subject.number,
        "backend": subject.backend,
        "runs": measured.runs,
        "whole": asdict(measured.whole),
        "split": asdict(measured.split),
        "measuring_costs": measured.cost,
        "is_within_noise": measured.is_within_noise,
        by: [row.as_json(measured.split.median) for row in rows],
        "total": total.as_json(measured.split.median),
    }
    return json.dumps(found) + "\n"


def microseconds(seconds: float) -> str:
    return f"{seconds * 1e6:.1f} us"


def _between(spread: Spread) -> str:
    return f"{spread.low * 1e6:.1f} to {microseconds(spread.high)}"
