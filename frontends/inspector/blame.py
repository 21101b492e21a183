"""The verb `blame`: the user's source, and what each line computes, moves, and holds when most memory is in use, and
how long it takes."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from diptych.backends.measuring import Measurement
from diptych.ir import Dim, DiptychError, Equation, Function, Location, ops
from diptych.passes.aliasing import VIEWS
from diptych.passes.costs import Cost, cost_of
from diptych.passes.provenance import equations_of

from .inputs import add_inputs
from .options import add_json, add_target, programs
from .profile import add_runs, microseconds, profiled
from .roofline import moved
from .shares import Shares
from .subjects import FINAL, Subject
from .tables import aligned, counted, plain
from .targets import parted, read_text


@dataclass(slots=True)
class Line:
    """What the programs have of one line. `held`: bytes at the peak of the program whose peak is the highest.
    `seconds`: of a run of each program, where they were measured; `is_estimated` as a `Share` has it."""

    equations: int = 0
    cost: Cost = field(default_factory=Cost)
    bytes: Dim = 0
    held: int = 0
    seconds: float = 0.0
    is_estimated: bool = False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    add_target(parser)
    parser.add_argument("--file", metavar="FILE.py", help="whose lines; by default the target's own")
    parser.add_argument("--profile", action="store_true", help="run the programs, and say how long each line takes")
    add_runs(parser)
    add_inputs(parser)
    add_json(parser)


def command(options: argparse.Namespace) -> tuple[str, int]:
    """The text, and the exit status."""
    if not options.profile and (options.runs or options.inputs):
        raise DiptychError("blame: --runs and --inputs are for --profile, which is not given")
    found = programs(options, keep_inputs=options.profile)
    measured = [profiled(subject, options) for subject in found] if options.profile else None
    path = parted(options.target)[0]
    file = options.file or (path if path.endswith(".py") else None)
    return blame(found, file, measured, as_json=options.json), 0


def blame(
    subjects: Sequence[Subject],
    file: str | None,
    measured: Sequence[tuple[Subject, Measurement]] | None = None,
    *,
    as_json: bool = False,
) -> str:
    """The lines of a file, by default of the one that made most, with their share in all programs, as written; memory
    as numpy's plan has it, time as it was `measured` of what runs. Raises DiptychError for a file that cannot be read,
    or that no program was made by."""
    wanted = _file_of(subjects, file)
    lines: dict[int, Line] = {}
    elsewhere = Line()

    def of(place: Location | None) -> Line:
        if place is not None and place.file == wanted:
            return lines.setdefault(place.line, Line())
        return elsewhere

    for subject in subjects:
        for equation, runs in _with_runs(subject.function):
            if equation.op in VIEWS or equation.op is ops.constant or equation.op.has_functions:
                continue
            found = of(equation.location)
            found.equations += 1
            found.cost += cost_of(equation) * runs
            found.bytes = found.bytes + moved(equation) * runs
    peak = 0
    held: list[tuple[Location | None, int]] = []
    for subject in subjects:
        own = subject.peak
        if own is not None and own.bytes > peak:
            moment, peak = own.moment(), own.bytes
            held = [(moment.origins.get(each.value), each.size) for each in moment.there]
    for place, size in held:
        of(place).held += size
    for subject, measurement in measured or ():
        elsewhere.seconds += measurement.entry + measurement.reading
        shares = Shares(subject.at(FINAL), measurement.times)
        for place, share in shares.by(lambda equation: equation.location, spread=True).items():
            line = of(place)
            line.seconds += share.seconds
            line.is_estimated |= share.is_estimated
    if as_json:
        return _as_json(wanted, lines, elsewhere, peak, is_measured=measured is not None)
    recorded = next(filter(None, (subject.source_of(wanted) for subject in subjects)), None)
    source = recorded if recorded is not None else read_text(Path(wanted))
    return _text(source.splitlines(), lines, elsewhere, peak, is_measured=measured is not None)


def _with_runs(function: Function, runs: Dim = 1) -> Iterator[tuple[Equation, Dim]]:
    """The equations of a function and of those nested in it, and how often each runs; of loops that end when they will,
    one round."""
    for equation in function.equations:
        yield equation, runs
        rounds = equation.attributes["length"] if equation.op is ops.scan else 1
        for _, nested in equation.functions():
            yield from _with_runs(nested, runs * rounds)


def _file_of(subjects: Sequence[Subject], file: str | None) -> str:
    """The file that programs were made by, as they call it: one by this path, or that ends so, as those of bundles may
    lie elsewhere."""
    files = Counter(e.location.file for s in subjects for e in equations_of(s.function) if e.location)
    if file is None and files:
        return files.most_common(1)[0][0]
    for found in files:
        if file is not None and (Path(found).resolve() == Path(file).resolve() or f"/{found}".endswith(f"/{file}")):
            return found
    if not files:
        raise DiptychError("blame: nobody knows which lines these programs were made by")
    raise DiptychError(f"blame: no program was made by {file}, but by {', '.join(sorted(files))}")


def _text(source: Sequence[str], lines: dict[int, Line], elsewhere: Line, peak: int, *, is_measured: bool) -> str:
    rows: list[tuple[str, ...]] = [("line", "ops", "FLOP", "bytes", "memory", "time", "source")]
    for number, text in enumerate(source, 1):
        rows.append(_row(str(number), lines.get(number), peak, text.replace("\t", "    ")))
    if elsewhere.equations or elsewhere.held or elsewhere.seconds:
        rows.append(_row("", elsewhere, peak, "(other files, parameters, and places that are not known)"))
    return aligned(rows if is_measured else [(*row[:-2], row[-1]) for row in rows])


def _row(number: str, line: Line | None, peak: int, text: str) -> tuple[str, ...]:
    if line is None:
        return number, "", "", "", "", "", text
    share = f"{100 * line.held / peak:.0f}%" if line.held and peak else ""
    time = f"{'~' if line.is_estimated else ''}{microseconds(line.seconds)}" if line.seconds else ""
    return number, str(line.equations), counted(line.cost.flops), counted(line.bytes), share, time, text


def _as_json(file: str, lines: dict[int, Line], elsewhere: Line, peak: int, *, is_measured: bool) -> str:
    def described(line: Line) -> dict[str, Any]:
        numbers = {"flops": line.cost.flops, "bytes": line.bytes}
        exact = {name: plain(dim) for name, dim in numbers.items()}
        seconds = line.seconds if is_measured else None
        return {"equations": line.equations, **exact, "held": line.held, "seconds": seconds}

    found = {number: described(line) for number, line in sorted(lines.items())}
    return json.dumps({"file": file, "peak": peak, "lines": found, "elsewhere": described(elsewhere)}) + "\n"
