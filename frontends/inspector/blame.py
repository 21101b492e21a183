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

from .files import read_text
from .inputs import add_inputs
from .memory import REST
from .options import add_json, add_target, programs
from .profile import add_runs, microseconds, profiled
from .roofline import moved
from .shares import Shares
from .subjects import FINAL, Subject
from .tables import aligned, counted, counts, plain
from .targets import parted


@dataclass(slots=True)
class Line:
    """What the programs have of one line. `held`: bytes at the peak of the program that takes most. `seconds`: of a run
    of each program, where they were measured; `is_estimated` as a `Share` has it."""

    equations: int = 0
    cost: Cost = field(default_factory=Cost)
    bytes: Dim = 0
    held: int = 0
    seconds: float = 0.0
    is_estimated: bool = False

    def as_json(self, *, is_measured: bool) -> dict[str, Any]:
        """The same as numbers; polynomials as text."""
        return {
            "equations": self.equations,
            "flops": plain(self.cost.flops),
            "bytes": plain(self.bytes),
            "held": self.held,
            "seconds": self.seconds if is_measured else None,
        }


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
    found = _Blame(_file_of(subjects, file), is_measured=measured is not None)
    for subject in subjects:
        found.add_costs(subject)
    found.add_memory(subjects)
    for subject, measurement in measured or ():
        found.add_time(subject, measurement)
    if as_json:
        return found.as_json()
    recorded = next(filter(None, (subject.source_of(found.file) for subject in subjects)), None)
    source = recorded if recorded is not None else read_text(Path(found.file))
    return found.text(source.splitlines(), len(subjects))


class _Blame:
    """The lines of one file, and what is `elsewhere`. `peak`: the bytes of the program that takes `most` memory, with
    the `rest` that is no value's."""

    def __init__(self, file: str, *, is_measured: bool) -> None:
        self.file, self.is_measured = file, is_measured
        self.lines: dict[int, Line] = {}
        self.elsewhere = Line()
        self.most: Subject | None = None
        self.peak = self.rest = 0

    def of(self, place: Location | None) -> Line:
        """What is counted at a place."""
        if place is not None and place.file == self.file:
            return self.lines.setdefault(place.line, Line())
        return self.elsewhere

    def add_costs(self, subject: Subject) -> None:
        for equation, runs in _with_runs(subject.function):
            if equation.op in VIEWS or equation.op is ops.constant or equation.op.has_functions:
                continue
            line = self.of(equation.location)
            line.equations += 1
            line.cost += cost_of(equation) * runs
            line.bytes = line.bytes + moved(equation) * runs

    def add_memory(self, subjects: Sequence[Subject]) -> None:
        for subject in subjects:
            if subject.peak is not None and subject.peak.bytes > self.peak:
                self.most, self.peak = subject, subject.peak.bytes
        if self.most is not None and self.most.peak is not None:
            moment = self.most.peak.moment()
            self.rest = moment.rest
            for each in moment.there:
                self.of(moment.origins.get(each.value)).held += each.size

    def add_time(self, subject: Subject, measurement: Measurement) -> None:
        self.elsewhere.seconds += measurement.entry + measurement.reading
        shares = Shares(subject.at(FINAL), measurement.times)
        for place, share in shares.by(lambda equation: equation.location, spread=True).items():
            line = self.of(place)
            line.seconds += share.seconds
            line.is_estimated |= share.is_estimated

    def text(self, source: Sequence[str], programs: int) -> str:
        """The source with a column for each of these."""
        title = f"{Path(self.file).name}: {counts(programs, 'program')}"
        if self.most is not None:
            title += f"; memory is of the {counted(self.peak)}B that {self.most.title} takes at most"
        rows: list[tuple[str, ...]] = [("line", "ops", "FLOP", "bytes", "memory", "time", "source")]
        for number, text in enumerate(source, 1):
            rows.append(self._row(str(number), self.lines.get(number), text.replace("\t", "    ")))
        if self.elsewhere.equations or self.elsewhere.held or self.elsewhere.seconds:
            rows.append(self._row("", self.elsewhere, "(other files, parameters, and places that are not known)"))
        if self.rest:
            rows.append(("", "", "", "", self._share(self.rest), "", f"({REST})"))
        return f"{title}\n{aligned(rows if self.is_measured else [(*row[:-2], row[-1]) for row in rows])}"

    def _row(self, number: str, line: Line | None, text: str) -> tuple[str, ...]:
        if line is None:
            return number, "", "", "", "", "", text
        time = f"{'~' if line.is_estimated else ''}{microseconds(line.seconds)}" if line.seconds else ""
        costs = str(line.equations), counted(line.cost.flops), counted(line.bytes)
        return number, *costs, self._share(line.held), time, text

    def _share(self, held: int) -> str:
        return f"{100 * held / self.peak:.0f}%" if held and self.peak else ""

    def as_json(self) -> str:
        """The same as an object."""
        fields = {
            "file": self.file,
            "peak": self.peak,
            "peak_of": self.most.number if self.most is not None else None,
            "lines": {n: line.as_json(is_measured=self.is_measured) for n, line in sorted(self.lines.items())},
            "elsewhere": self.elsewhere.as_json(is_measured=self.is_measured),
            "other": self.rest,
        }
        return json.dumps(fields) + "\n"


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
