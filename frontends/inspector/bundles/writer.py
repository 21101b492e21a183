"""Writes bundles."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from diptych.ir import Equation, Function, Location
from diptych.ir import Value as IRValue
from diptych.ir.document import DocumentWriter
from diptych.ir.limits import INLINE_ELEMENTS, MAX_STRING
from diptych.ir.packing import data_hash
from diptych.passes.costs import cost_of
from diptych.passes.manager import PassRecord

from ..files import file_errors, side_file
from ..numbering import Numbering, Stage
from ..roofline import moved
from ..runs import Runs
from ..subjects import Subject
from ..tables import plain
from .models import VERSION


def write(path: str | Path, subjects: Sequence[Subject], *, arrays: bool = False, redacted: bool = False) -> None:
    """Writes a bundle of these programs. With `arrays`, large constants and what programs ran on stand beside, in
    FILE.dipt.npz; without, they are known by their hashes. `redacted`: no source text, and files without their folders.
    Raises DiptychError where the file cannot be written."""
    file = Path(path)
    beside = file.with_name(f"{file.name}.part")  # so that what was there stays until all of the new one is
    with file_errors(file):
        try:
            with beside.open("w", encoding="utf-8") as out:
                writer = Writer(out, arrays=arrays, redacted=redacted)
                for number, subject in enumerate(subjects):
                    writer.program(subject)
                    if subject.runs is not None:
                        writer.runs(number, subject.runs)
            beside.replace(file)
        finally:
            beside.unlink(missing_ok=True)
        writer.write_arrays(file)


class Writer:
    """Writes the lines of one bundle, each whole as soon as it is known: what is there can be read at any time."""

    def __init__(self, out: TextIO, *, arrays: bool = False, redacted: bool = False) -> None:
        self.out, self.arrays, self.redacted = out, arrays, redacted
        self.data: dict[str, np.ndarray] = {}
        self._sources: set[str] = set()
        self._line(_header(redacted=redacted))

    def program(self, subject: Subject) -> None:
        """A program, what passes made of it, and what it takes."""
        numbering = Numbering(subject.function, subject.records)
        one = _Program(subject, numbering, arrays=self.arrays, redacted=self.redacted)
        for line in one.lines():
            for file in one.files - self._sources if not self.redacted else ():
                self._source(file, subject)
            self._line(line)
        self.data.update(one.data)

    def runs(self, program: int, runs: Runs) -> None:
        """How often the program of this number ran."""
        known = {name: each for name, each in asdict(runs).items() if each is not None}
        self._line({"kind": "runs", "program": program, **known})

    def write_arrays(self, file: Path) -> None:
        """Writes the arrays beside the bundle; where there are none, those of another bundle by this name go."""
        if self.data:
            with side_file(file).open("wb") as out:
                np.savez_compressed(out, **self.data)  # pyright: ignore[reportArgumentType]
        else:
            side_file(file).unlink(missing_ok=True)

    def _source(self, file: str, subject: Subject) -> None:
        self._sources.add(file)
        text = subject.source_of(file)
        if text is not None:
            self._line({"kind": "source", "file": file, "text": text})

    def _line(self, fields: dict[str, Any]) -> None:
        self.out.write(json.dumps(fields, separators=(",", ":")) + "\n")
        self.out.flush()


def _header(*, redacted: bool) -> dict[str, Any]:
    from diptych import __version__

    random = sys.modules.get("diptych.eager.random")
    return {
        "kind": "header", "format": "dipt", "version": VERSION, "diptych": __version__,
        "python": platform.python_version(), "numpy": np.__version__,
        "argv": [] if redacted else [each[:1000] for each in sys.argv],
        "seed": random.initial_seed() if random is not None else None, "redacted": redacted,
    }  # fmt: skip


class _Program(DocumentWriter):
    """The lines of one program. `files` are those that frames name."""

    def __init__(self, subject: Subject, numbering: Numbering, *, arrays: bool, redacted: bool) -> None:
        super().__init__(INLINE_ELEMENTS)
        self.subject, self.numbering, self.arrays, self.redacted = subject, numbering, arrays, redacted
        self.files: set[str] = set()
        self._frames: dict[tuple[Any, ...], int] = {}
        self._new_frames: list[dict[str, Any]] = []
        self._inputs: dict[str, np.ndarray] = {}

    @property
    def data(self) -> dict[str, np.ndarray]:
        """The arrays that the lines name, where they are wanted."""
        return {**self.packer.data, **self._inputs} if self.arrays else {}

    def lines(self) -> Iterator[dict[str, Any]]:
        first, *others = self.numbering.stages
        yield self._as_written(first)
        for before, stage in zip(self.numbering.stages, others, strict=False):
            yield self._stage(before, stage)
        memory = self._memory()
        if memory is not None:
            yield memory

    def _as_written(self, stage: Stage) -> dict[str, Any]:
        function, subject = stage.function, self.subject
        equations = self._equations(stage)
        inputs = None
        if self.arrays and subject.inputs is not None:
            names = [data_hash(p.type, each) for p, each in zip(function.parameters, subject.inputs, strict=True)]
            self._inputs = dict(zip(names, subject.inputs, strict=True))
            inputs = names
        return {
            "kind": "program", "backend": subject.backend, "donate": list(subject.donate), "name": function.name,
            "parameters": self._values(function.parameters), "frames": self._frames_since(), "equations": equations,
            "order": stage.order, "results": self.numbering.of_values(function.results), "inputs": inputs,
            "stages": len(self.numbering.stages) - 1,
        }  # fmt: skip

    def _stage(self, before: Stage, stage: Stage) -> dict[str, Any]:
        record = stage.record
        assert record is not None
        line: dict[str, Any] = {
            "kind": "stage", "after": record.name, "seconds": record.seconds, "fired": dict(record.fired)
        }  # fmt: skip
        equations = self._equations(stage)
        parts = {"frames": self._frames_since(), "equations": equations, "replacements": self._replacements(record)}
        line |= {name: part for name, part in parts.items() if part}
        if stage.order != before.order:
            line["order"] = stage.order
        results = self.numbering.of_values(stage.function.results)
        if results != self.numbering.of_values(before.function.results):
            line["results"] = results
        return line

    def _replacements(self, record: PassRecord) -> list[dict[str, Any]]:
        if record.provenance is None:
            return []
        known = self.numbering.values  # what is not among them is gone again
        return [
            {
                "rule": each.rule,
                "of": self.numbering.equations[each.of],
                "values": [known[value] for value in each.values if value in known],
            }
            for each in record.provenance.replacements
        ]

    def _equations(self, stage: Stage) -> list[dict[str, Any]]:
        return [
            self._changed(equation) | (self._new(equation, stage) if equation in stage.new else {})
            for equation in stage.news
        ]

    def _new(self, equation: Equation, stage: Stage) -> dict[str, Any]:
        place = equation.location
        attributes = {name: value for name, value in self.attributes(equation, 1).items() if value is not None}
        others = {
            "attributes": attributes or None,
            "frame": self._frame(place, place.callers) if place is not None else None,
            "gradient_of": self._gradient_of(place),
            "origin": self.numbering.origin(equation, stage.record),
        }
        fields = {"op": equation.op.name, "flops": plain(cost_of(equation).flops), "bytes": plain(moved(equation))}
        return fields | {name: value for name, value in others.items() if value is not None}

    def _changed(self, equation: Equation) -> dict[str, Any]:
        fields: dict[str, Any] = {
            "id": self.numbering.equations[equation],
            "operands": self.numbering.of_values(equation.operands),
            "results": self._values(equation.results),
        }
        functions = {name: self._nested(body) for name, body in equation.functions()}
        return fields | {"functions": functions} if functions else fields

    def _nested(self, function: Function) -> dict[str, Any]:
        return {
            "name": function.name,
            "parameters": self._values(function.parameters),
            "equations": self.numbering.numbers(function.equations),
            "results": self.numbering.of_values(function.results),
        }

    def function(self, function: Function, depth: int) -> Any:
        """Nothing: functions stand apart from attributes."""

    def _values(self, values: Iterable[IRValue]) -> list[dict[str, Any]]:
        return [
            {"id": self.numbering.values[each], "name": each.name and each.name[:MAX_STRING], "type": str(each.type)}
            for each in values
        ]

    def _gradient_of(self, place: Location | None) -> int | None:
        value = place.gradient_of if place is not None else None
        return self.numbering.values.get(value) if value is not None else None

    def _frame(self, place: Location, callers: Sequence[Location]) -> int:
        """The number of a location, called from these."""
        caller = self._frame(callers[0], callers[1:]) if callers else None
        key = (place.file, place.line, place.span, place.function, place.scope, caller)
        known = self._frames.get(key)
        if known is None:
            known = self._frames[key] = len(self._frames)
            file = place.file[-MAX_STRING:]
            fields = {
                "span": place.span and list(place.span), "function": place.function, "scope": place.scope,
                "text": "" if self.redacted else place.source()[:MAX_STRING], "caller": caller,
            }  # fmt: skip
            named = {"id": known, "file": Path(file).name if self.redacted else file, "line": place.line}
            self._new_frames.append(named | {name: value for name, value in fields.items() if value not in (None, "")})
            self.files.add(place.file)
        return known

    def _frames_since(self) -> list[dict[str, Any]]:
        found, self._new_frames = self._new_frames, []
        return found

    def _memory(self) -> dict[str, Any] | None:
        peak = self.subject.peak
        if peak is None:
            return None
        slots = [
            {
                "value": self.numbering.values[each.value], "offset": peak.plan.slots[each.value].offset,
                "bytes": peak.plan.slots[each.value].size, "first": each.first, "last": each.last,
            }
            for each in peak.placed
        ]  # fmt: skip
        return {"kind": "memory", "peak": peak.bytes, "arena": peak.plan.arena, "slots": slots}
