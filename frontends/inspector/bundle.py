"""Trace bundles, `.dipt`: programs and what each pass did to them, in one file that every verb reads.

Each line is a JSON object of some `kind`: first the header, then for each program a line of its own and one for each
stage. Functions are documents (`ir/document.py`). Equations are known by their number in a stage, counted from 0 in the
order in which they are written out, nested ones after the one that they are in. A stage says for each of its equations
the number of the one before the pass that it stands for, and what rules replaced. What is read is untrusted: every line
is held against its model, and one error refuses the file. Large constants stand beside it, in FILE.dipt.npz.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from diptych.ir import DiptychError, Equation, Function, Value
from diptych.ir.document import load_json, read_document, to_json
from diptych.ir.errors import ParseError
from diptych.ir.printer import function_data
from diptych.ir.schema import Model, Text, validated
from diptych.passes.manager import PassRecord
from diptych.passes.provenance import Fired, Provenance, Replacement
from pydantic import Field

from .options import add_target, programs
from .subjects import Subject
from .targets import file_errors, read_text, side_data, side_file

VERSION = 1
MAX_LINES = 10_000

Count = Annotated[int, Field(ge=0, lt=2**31)]


class HeaderModel(Model):
    kind: Literal["header"]
    format: Literal["dipt"]
    version: int
    diptych: Text
    python: Text
    numpy: Text
    argv: list[Text]


class ProgramModel(Model):
    kind: Literal["program"]
    backend: Literal["numpy", "jax", "reference"]
    donate: list[Count]
    function: dict[str, Any]


class ReplacementModel(Model):
    """`values`: each an equation's number and which of its results, or -1 and which parameter."""

    rule: Text
    of: Count
    values: list[Annotated[list[Annotated[int, Field(ge=-1, lt=2**31)]], Field(min_length=2, max_length=2)]]


class StageModel(Model):
    """`function`: None where the pass changed nothing; then there are no `origins` either."""

    kind: Literal["stage"]
    after: Text
    seconds: Annotated[float, Field(ge=0)]
    fired: dict[Text, Count]
    function: dict[str, Any] | None
    origins: list[Count]
    replacements: list[ReplacementModel]


# -- the verb `trace` ----


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    add_target(parser)
    parser.add_argument("-o", "--output", metavar="FILE.dipt", required=True, help="the bundle, which all verbs read")


def command(options: argparse.Namespace) -> tuple[str, int]:
    """Writes the bundle; nothing is printed."""
    write(options.output, programs(options))
    return "", 0


# -- writing ----


def write(path: str | Path, subjects: Sequence[Subject]) -> None:
    """Writes a bundle. Raises DiptychError where the file cannot be written."""
    file, data = Path(path), dict[str, Any]()
    for subject in subjects:
        for stage in subject.stages:
            data.update(function_data(stage))
    with file_errors(file):
        with file.open("w", encoding="utf-8") as out:
            out.writelines(json.dumps(line) + "\n" for line in _lines(subjects))
        if data:
            with side_file(file).open("wb") as arrays:
                np.savez_compressed(arrays, **data)
        else:
            side_file(file).unlink(missing_ok=True)  # that of another bundle by this name


def _lines(subjects: Sequence[Subject]) -> Iterator[dict[str, Any]]:
    from diptych import __version__

    yield {
        "kind": "header", "format": "dipt", "version": VERSION, "diptych": __version__,
        "python": platform.python_version(), "numpy": np.__version__, "argv": [each[:1000] for each in sys.argv],
    }  # fmt: skip
    for subject in subjects:
        function, donate = _document(subject.function), list(subject.donate)
        yield {"kind": "program", "backend": subject.backend, "donate": donate, "function": function}
        for record in subject.records:
            yield _stage(record)


def _document(function: Function) -> dict[str, Any]:
    return json.loads(to_json(function))


def _stage(record: PassRecord) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "kind": "stage", "after": record.name, "seconds": record.seconds, "fired": dict(record.fired), "function": None,
        "origins": [], "replacements": [],
    }  # fmt: skip
    provenance = record.provenance
    if provenance is None or not record.changed:
        return fields
    before = _numbers(record.before)
    fields["function"] = _document(record.after)
    fields["origins"] = [before[provenance.origins[equation]] for equation in numbered(record.after)]
    places = _places(record.after)
    fields["replacements"] = [
        {
            "rule": each.rule,
            "of": before[each.of],
            "values": [places[value] for value in each.values if value in places],  # others are gone again
        }
        for each in provenance.replacements
    ]
    return fields


def numbered(function: Function) -> list[Equation]:
    """The equations in the order of their numbers. One of a function that stands twice has two."""
    found: list[Equation] = []
    pending = list(reversed(function.equations))
    while pending:
        equation = pending.pop()
        found.append(equation)
        for _, nested in reversed(list(equation.functions())):
            pending.extend(reversed(nested.equations))
    return found


def _numbers(function: Function) -> dict[Equation, int]:
    found: dict[Equation, int] = {}
    for number, equation in enumerate(numbered(function)):
        found.setdefault(equation, number)
    return found


def _places(function: Function) -> dict[Value, list[int]]:
    found: dict[Value, list[int]] = {}
    for number, equation in enumerate(numbered(function)):
        for place, result in enumerate(equation.results):
            found.setdefault(result, [number, place])
    found.update((parameter, [-1, place]) for place, parameter in enumerate(function.parameters))
    return found


# -- reading ----


def read(path: str | Path) -> list[Subject]:
    """The programs of a bundle. Raises DiptychError, with the line, where it is none."""
    file = Path(path)
    text = read_text(file)
    lines = text.removesuffix("\n").split("\n")
    if len(lines) > MAX_LINES:
        raise DiptychError(f"{file}: file has {len(lines)} lines but must have at most {MAX_LINES}")
    reader = _Reader(side_data(file))
    for number, line in enumerate(lines, 1):
        try:
            reader.take(load_json(line))
        except DiptychError as error:
            place, problem = f"{file}: line {number}", str(error)
            if problem.startswith("line 1, column"):  # of this line
                raise DiptychError(f"{place}, {problem.removeprefix('line 1, ')}") from error
            raise DiptychError(f"{place}: {problem}") from error
    return reader.finish()


class _Reader:
    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data
        self.has_header = False
        self.subjects: list[Subject] = []
        self.program: tuple[Function, str] | None = None
        self.donate: tuple[int, ...] = ()
        self.records: list[PassRecord] = []

    def take(self, raw: Any) -> None:
        kind = raw.get("kind") if isinstance(raw, dict) else None
        if not self.has_header:
            header = validated(HeaderModel, raw, "header")
            if header.version != VERSION:
                raise ParseError(f"version is {header.version} but must be {VERSION}, the one that this diptych reads")
            self.has_header = True
        elif kind == "program":
            self.end()
            program = validated(ProgramModel, raw, "program")
            self.program = read_document(program.function, data=self.data), program.backend
            self.donate = tuple(program.donate)
            count = len(self.program[0].parameters)
            if any(place >= count for place in self.donate):
                raise ParseError(f"program.donate has {max(self.donate)} but must be below {count}, the parameters")
        elif kind == "stage":
            self.records.append(self.stage(validated(StageModel, raw, "stage")))
        else:
            raise ParseError(f"kind is {json.dumps(kind)[:40]} but must be program or stage")

    def stage(self, model: StageModel) -> PassRecord:
        if self.program is None:
            raise ParseError("stage comes before any program")
        before = self.records[-1].after if self.records else self.program[0]
        fired = Fired(Counter(model.fired))
        if model.function is None:
            same = Provenance({equation: equation for equation in numbered(before)}, ())
            return PassRecord(model.after, before, before, model.seconds, fired, same)
        after = read_document(model.function, data=self.data)
        olds, news = numbered(before), numbered(after)
        if len(model.origins) != len(news):
            raise ParseError(f"stage.origins is a list {len(model.origins)} long but must be {len(news)} long")
        origins = {new: _at(olds, number, "stage.origins") for new, number in zip(news, model.origins, strict=True)}
        replacements = tuple(
            Replacement(
                each.rule,
                _at(olds, each.of, "stage.replacements.of"),
                tuple(_value(after, news, equation, place) for equation, place in each.values),
            )
            for each in model.replacements
        )
        return PassRecord(model.after, before, after, model.seconds, fired, Provenance(origins, replacements))

    def end(self) -> None:
        if self.program is not None:
            self.subjects.append(Subject(*self.program, self.donate, tuple(self.records)))
        self.program, self.records = None, []

    def finish(self) -> list[Subject]:
        self.end()
        return self.subjects


def _at(equations: Sequence[Equation], number: int, path: str) -> Equation:
    if number >= len(equations):
        raise ParseError(f"{path} has {number} but must be below {len(equations)}, the equations before the pass")
    return equations[number]


def _value(function: Function, equations: Sequence[Equation], equation: int, place: int) -> Value:
    values = function.parameters if equation < 0 else _at(equations, equation, "stage.replacements.values").results
    if not 0 <= place < len(values):
        raise ParseError(f"stage.replacements.values has {place} but must be from 0 to {len(values) - 1}")
    return values[place]
