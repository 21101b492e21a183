"""What the page knows of programs: facts of equations and values by their numbers, and what is new at each stage.

Numbers are those of bundles (`../numbering.py`). Strings that come often stand in tables, so that the page stays small.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from diptych.ir import OPS, Equation, Function, Location, Value
from diptych.ir.names import written_name
from diptych.ir.printer import print_attributes
from diptych.passes.aliasing import VIEWS
from diptych.passes.manager import PassRecord, equation_count

from ..diff import difference
from ..numbering import Numbering, Stage
from ..passes import bytes_of
from ..roofline import Peak, row_of
from ..subjects import Subject
from ..tables import plain, shortened
from .layouts import Container, containers

MAX_ATTRIBUTES = 300  # characters of an equation's attributes that are shown
MAX_SOURCE = 1_000_000  # characters of a file that is shown


def page_data(
    subjects: Sequence[Subject], *, title: str, peak: Peak, redacted: bool = False, versions: dict[str, str]
) -> dict[str, Any]:
    """All that the page shows. Raises DiptychError where layouts cannot be made."""
    tables = _Tables(redacted=redacted)
    numberings = [Numbering(subject.function, subject.records) for subject in subjects]
    programs = [
        _Program(subject, numbering, tables).fields() for subject, numbering in zip(subjects, numberings, strict=True)
    ]
    for fields, others in zip(programs, _twins(subjects, numberings, tables), strict=True):
        fields["twins"] = others
    return {
        "title": Path(title).name if redacted else title,
        "versions": versions,
        "peak": {"gflops": peak.gflops, "gigabytes": peak.gigabytes},
        "groups": {name: op.group for name, op in OPS.items()},
        "programs": programs,
        **tables.fields(subjects),
    }


@dataclass(slots=True)
class _Tables:
    """What programs share: strings, and places in the source."""

    redacted: bool
    strings: dict[str, int] = field(default_factory=dict[str, int])
    files: dict[str, int] = field(default_factory=dict[str, int])
    frames: dict[tuple[Any, ...], int] = field(default_factory=dict[tuple[Any, ...], int])
    described: list[list[Any]] = field(default_factory=list[list[Any]])

    def string(self, text: str) -> int:
        return self.strings.setdefault(text, len(self.strings))

    def frame(self, place: Location | None, callers: Sequence[Location] | None = None) -> int:
        """The number of a place; -1 of none."""
        if place is None:
            return -1
        callers = place.callers if callers is None else callers
        caller = self.frame(callers[0], callers[1:]) if callers else -1
        key = (place.file, place.line, place.span, place.function, place.scope, caller)
        if key not in self.frames:
            self.frames[key] = len(self.frames)
            end, first, last = place.span or (place.line, -1, -1)
            self.described.append(
                [
                    self.files.setdefault(place.file, len(self.files)), place.line, end, first, last,
                    self.string(place.function), self.string(place.scope), caller,
                    self.string("" if self.redacted else place.source()),
                ]
            )  # fmt: skip
        return self.frames[key]

    def fields(self, subjects: Sequence[Subject]) -> dict[str, Any]:
        files: list[dict[str, Any]] = []
        for file in self.files:
            known = (subject.source_of(file) for subject in subjects)
            text = None if self.redacted else next((each for each in known if each is not None), None)
            name = Path(file).name or file
            files.append({"path": name if self.redacted else file, "name": name, "text": text and text[:MAX_SOURCE]})
        return {"strings": list(self.strings), "files": files, "frames": self.described, "redacted": self.redacted}


class _Program:
    """One program for the page."""

    def __init__(self, subject: Subject, numbering: Numbering, tables: _Tables) -> None:
        self.subject, self.numbering, self.tables = subject, numbering, tables
        self.facts: dict[int, list[Any]] = {}  # of equations
        self.values: dict[int, list[Any]] = {}
        self._layout: list[Any] | None = None  # of the stage before, and what follows
        self._order: list[int] | None = None
        self._results: list[int] | None = None

    def fields(self) -> dict[str, Any]:
        subject = self.subject
        for parameter in subject.function.parameters:
            self._value(parameter)
        stages = [self._stage(stage) for stage in self.numbering.stages]
        return {
            "name": subject.function.name,
            "title": subject.title,
            "backend": subject.backend,
            "donate": list(subject.donate),
            "parameters": self.numbering.of_values(subject.function.parameters),
            "stages": stages,
            "equations": [self.facts[number] for number in range(len(self.facts))],
            "values": [self.values.get(number, [-1, -1]) for number in range(max(self.values, default=-1) + 1)],
            "memory": self._memory(),
            "runs": self._runs(),
        }

    def _stage(self, stage: Stage) -> dict[str, Any]:
        record = stage.record
        is_same = record is not None and record.before is stage.function
        layout = self._layout if is_same else self._layout_of(stage.function)
        results = self.numbering.of_values(stage.function.results)
        fields: dict[str, Any] = {
            "name": record.name if record is not None else "frontend",
            "equations": equation_count(stage.function),
            "bytes": plain(bytes_of(stage.function)),
            "changed": record is None or record.changed,
            "order": None if stage.order == self._order else stage.order,
            "results": None if results == self._results else results,
            "news": [self._news(equation, stage) for equation in stage.news],
            "layout": None if layout == self._layout else layout,
        }
        self._layout, self._order, self._results = layout, stage.order, results
        if record is not None:
            fields |= {
                "seconds": record.seconds,
                "fired": dict(record.fired.most_common()),
                "replaced": list(self._replaced(record)),
            }
        return fields

    def _replaced(self, record: PassRecord) -> Iterable[list[Any]]:
        known = self.numbering.values
        for each in record.provenance.replacements if record.provenance is not None else ():
            values = [known[value] for value in each.values if value in known]
            yield [self.tables.string(each.rule), self.numbering.equations[each.of], values]

    def _news(self, equation: Equation, stage: Stage) -> list[Any]:
        """Of an equation: its number, operands and results; where it holds functions, these, and what it costs now."""
        number = self.numbering.equations[equation]
        for result in equation.results:
            self._value(result)
        if equation in stage.new:
            self.facts[number] = self._facts(equation, stage)
        news: list[Any] = [
            number, self.numbering.of_values(equation.operands), self.numbering.of_values(equation.results)
        ]  # fmt: skip
        functions = [self._nested(name, body) for name, body in equation.functions()]
        return [*news, functions, self._cost(equation)] if functions else news

    def _facts(self, equation: Equation, stage: Stage) -> list[Any]:
        """What stays as long as the equation has this number."""
        place = equation.location
        of = self.numbering.values.get(place.gradient_of, -1) if place is not None and place.gradient_of else -1
        origin = self.numbering.origin(equation, stage.record)
        return [
            self.tables.string(equation.op.name),
            self.tables.string(shortened(print_attributes(equation), MAX_ATTRIBUTES)),
            self.tables.frame(place), of, -1 if origin is None else origin, self._cost(equation),
            int(equation.op in VIEWS),
        ]  # fmt: skip

    def _cost(self, equation: Equation) -> list[Any]:
        """FLOP, bytes, and the microseconds that the passes estimate."""
        row = row_of(equation, {})
        seconds = row.seconds
        return [plain(row.cost.flops), plain(row.bytes), None if seconds is None else round(seconds * 1e6, 3)]

    def _nested(self, name: str, body: Function) -> list[Any]:
        for parameter in body.parameters:
            self._value(parameter)
        return [
            self.tables.string(name), self.tables.string(body.name), self.numbering.of_values(body.parameters),
            self.numbering.numbers(body.equations), self.numbering.of_values(body.results),
        ]  # fmt: skip

    def _value(self, value: Value) -> None:
        name = written_name(value.name)
        facts = [-1 if name is None else self.tables.string(name), self.tables.string(str(value.type))]
        self.values.setdefault(self.numbering.values[value], facts)

    def _layout_of(self, function: Function) -> list[Any]:
        """Of each container its name, the one around it, the equation that it is a function of, and its boxes: each an
        equation's number, or minus a container's place and one, with its layer and its place there."""
        found = containers(function)
        places = {container: place for place, container in enumerate(found)}
        return [
            [
                self.tables.string(each.name),
                -1 if each.inside is None else places[each.inside],
                -1 if each.of is None else self.numbering.equations[each.of],
                [
                    [self._box(box, places), layer, round(place, 2)]
                    for box, layer, place in zip(each.boxes, each.layers, each.places, strict=True)
                ],
            ]
            for each in found
        ]

    def _box(self, box: Equation | Container, places: dict[Container, int]) -> int:
        return self.numbering.equations[box] if isinstance(box, Equation) else -1 - places[box]

    def _memory(self) -> dict[str, Any] | None:
        peak = self.subject.peak
        if peak is None:
            return None
        moment, slots = peak.moment(), peak.plan.slots
        steps = {equation: place for place, equation in enumerate(peak.function.equations)}
        return {
            "peak": peak.bytes,
            "arena": peak.plan.arena,
            "step": len(steps) if moment.equation is None else steps.get(moment.equation, -1),
            "placed": [
                [self.numbering.values[each.value], slot.offset, slot.size, each.first, each.last]
                for each in peak.placed
                if (slot := slots[each.value])
            ],
            "there": [
                [self.numbering.values.get(each.value, -1), each.size, each.parts, str(each.value.type)]
                for each in moment.there
            ],
            "other": moment.rest,
        }

    def _runs(self) -> dict[str, Any] | None:
        runs = self.subject.runs
        if runs is None:
            return None
        return {"compiled": runs.compiled, "count": runs.count, "seconds": runs.seconds, "listed": runs.listed}


def _twins(subjects: Sequence[Subject], numberings: Sequence[Numbering], tables: _Tables) -> Iterable[list[list[Any]]]:
    """For each program, those of others that compute much the same but were made by other files, such as by the other
    front end: the number of the other program, and the frames of its equations by the numbers of ours."""
    files = [subject.function.files for subject in subjects]
    for place, subject in enumerate(subjects):
        found: list[list[Any]] = []
        for other, theirs in enumerate(subjects):
            if other == place or not files[other] or not files[place] or files[other] & files[place]:
                continue
            pairs = _alike(subject, theirs)
            if pairs:
                frames = {
                    numberings[place].equations[mine]: tables.frame(equal.location) for mine, equal in pairs
                }  # fmt: skip
                found.append([other, frames])
        yield found


def _alike(subject: Subject, other: Subject) -> list[tuple[Equation, Equation]]:
    """Equations of two programs that compute the same, at the first stage where most do; none where that is nowhere."""
    if subject.backend != other.backend or subject.function.parameter_types != other.function.parameter_types:
        return []
    best: list[tuple[Equation, Equation]] = []
    for mine, theirs in zip(subject.stages, other.stages, strict=False):
        if mine is theirs:
            continue
        found = difference(mine, theirs)
        if found.is_none:
            return found.same
        if len(found.same) > len(best):
            best = found.same
    return best if 2 * len(best) > len(subject.stages[0].equations) else []
