"""The verb `dump`: programs at any stage, as text, JSON or a drawing; and what a backend runs of them."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable

from diptych.ir import DiptychError, Equation, Function
from diptych.ir.names import ValueNames, location_label
from diptych.ir.printer import print_equation, print_function

from .drawings import MAX_NODES, WRITERS, drawing
from .filters import Test, filter_of
from .options import add_stage, add_target, programs
from .subjects import FINAL, FRONTEND, Subject
from .tables import aligned

FORMATS = ("text", "json", *WRITERS)
LINE = "line"  # of JSON: what --json gives
COMMENTS = {"text": "//", "dot": "//", "mermaid": "%%"}  # which mark what begins with them as such
SOURCE, STABLEHLO = "source", "stablehlo"  # stages that are no programs of the IR


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    add_target(parser)
    step = parser.add_mutually_exclusive_group()
    add_stage(step, f"; {SOURCE}: the Python that numpy runs; {STABLEHLO}: what jax gives XLA")
    step.add_argument("--all-passes", action="store_true", help="as written, and after every pass")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--format", choices=FORMATS, default="text")
    form.add_argument("--json", action="store_const", dest="format", const=LINE, help="JSON, a line for each program")
    parser.add_argument(
        "--filter", metavar="TESTS", help="only equations that pass: op=matmul line=train.py:42 name= dtype= scope="
    )
    parser.add_argument("--locations", action="store_true", help="with the source line of every equation")


def command(options: argparse.Namespace) -> tuple[str, int]:
    """The text, and the exit status."""
    test = filter_of(options.filter) if options.filter is not None else None
    if options.stage in (SOURCE, STABLEHLO):
        if test is not None or options.format != "text":
            raise DiptychError(f"stage {options.stage} is text of another language: no --filter and no --format")
        wanted, options.stage = options.stage, FRONTEND
        write = {SOURCE: source, STABLEHLO: stablehlo}[wanted]
        return "\n".join(write(subject) for subject in programs(options)), 0
    found = programs(options)
    writer = _Dump(options.format, test, locations=options.locations)
    if options.all_passes:
        return writer.joined(writer.all_passes(subject) for subject in found), 0
    return writer.joined(writer.program(subject, subject.at(options.stage)) for subject in found), 0


class _Dump:
    def __init__(self, format: str, test: Test | None, *, locations: bool) -> None:
        self.format, self.test, self.locations = format, test, locations

    def all_passes(self, subject: Subject) -> str:
        titles = ["as written", *(f"after {record.name}" for record in subject.records)]
        pairs = zip(titles, subject.stages, strict=True)
        return self.joined(self.program(subject, stage, title) for title, stage in pairs)

    def program(self, subject: Subject, function: Function, *titles: str) -> str:
        """At one stage, below a comment that says which program of several this is, and other titles."""
        if self.test is not None and self.format not in WRITERS:
            text = self.filtered(subject, function, self.test)
        else:
            text = self.written(function)
            titles = titles if subject.number is None else (f"program {subject.number}", *titles)
        comment = COMMENTS.get(self.format)
        return text if comment is None or not titles else f"{comment} {', '.join(titles)}\n{text}"

    def joined(self, parts: Iterable[str]) -> str:
        return ("" if self.format == LINE else "\n").join(parts)

    def written(self, function: Function) -> str:
        if self.format in WRITERS:
            drawn = drawing(function, self.test)
            if len(drawn.nodes) > MAX_NODES:
                raise DiptychError(
                    f"@{function.name}: a drawing has {len(drawn.nodes)} boxes but must have at most {MAX_NODES}",
                    hint="--filter for a part, or diptych view",
                )
            return WRITERS[self.format](drawn)
        if self.format in ("json", LINE):
            from diptych.ir.document import to_json

            document = to_json(function)
            return document if self.format == "json" else json.dumps(json.loads(document)) + "\n"
        return f"{print_function(function, locations=self.locations)}\n"

    def filtered(self, subject: Subject, function: Function, test: Test) -> str:
        """Only the equations that pass, those of nested functions under the names that they have there."""
        found: list[tuple[Equation, ValueNames]] = []
        total = _search(function, test, found)
        if self.format in ("json", LINE):
            from diptych.ir.document import equation_document

            lines = [equation_document(equation, names) for equation, names in found]
            return json.dumps({"program": function.name, "number": subject.number, "equations": lines}) + "\n"
        rows = [(print_equation(equation, names), _label(equation)) for equation, names in found]
        return f"{subject.title}: {len(found)} of {total} equations\n" + (aligned(rows) if rows else "")


def _search(function: Function, test: Test, found: list[tuple[Equation, ValueNames]]) -> int:
    """Adds what passes to `found`; gives the number of all."""
    names = ValueNames(function)
    total = len(function.equations)
    for equation in function.equations:
        if test(equation, names):
            found.append((equation, names))
        total += sum(_search(nested, test, found) for _, nested in equation.functions())
    return total


def _label(equation: Equation) -> str:
    return location_label(equation.location, full=False) if equation.location is not None else ""


def source(subject: Subject) -> str:
    """The Python that the numpy backend runs. Raises DiptychError for other backends."""
    if subject.backend != "numpy":
        raise DiptychError(f"stage {SOURCE}: {subject.backend} writes no Python", hint="--backend numpy")
    from diptych.backends.numpy.program import Program

    return Program(subject.at(FINAL), subject.donate).source.rstrip("\n") + "\n"


def stablehlo(subject: Subject) -> str:
    """What jax gives XLA of the program as jax's passes leave it. Raises Unsupported where jax is missing."""
    from diptych.backends.jax.runner import JaxRunner
    from diptych.backends.settings import settings

    return JaxRunner(subject.on("jax").at(FINAL), subject.donate, settings().device).stablehlo() + "\n"
