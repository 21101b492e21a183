"""Reads bundles, which may come from anywhere."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from diptych.ir import DiptychError, Equation, Function, Location, Op, TensorType, verify
from diptych.ir import Value as IRValue
from diptych.ir.document import DocumentReader, load_json
from diptych.ir.errors import ParseError
from diptych.ir.limits import MAX_DEPTH
from diptych.ir.names import written_name
from diptych.ir.packing import Unpacker
from diptych.ir.schema import validated
from diptych.ir.scope import checked_equation, op_by_name
from diptych.passes.manager import PassRecord
from diptych.passes.provenance import Fired, Provenance, equations_of
from diptych.passes.provenance import Replacement as IRReplacement

from ..files import read_text, side_data
from ..runs import Runs
from ..subjects import Subject
from .models import KINDS, VERSION, Frame, Header, Memory, Nested, Program, Source, Stage, Value
from .models import Equation as EquationModel
from .models import Runs as RunsModel

MAX_LINES = 100_000
MAX_EQUATIONS = 1_000_000  # of a stage, those of functions that stand several times counted as often


def read(path: str | Path) -> list[Subject]:
    """The programs of a bundle. Raises DiptychError, with the line, where it is none."""
    file = Path(path)
    lines = read_text(file).removesuffix("\n").split("\n")
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
    try:
        return reader.subjects
    except DiptychError as error:
        raise DiptychError(f"{file}: {error}") from None


class _Reader:
    def __init__(self, data: Mapping[str, np.ndarray]) -> None:
        self.data = data
        self.has_header = False
        self.sources: dict[str, str] = {}
        self.programs: list[_Program] = []

    @property
    def subjects(self) -> list[Subject]:
        return [program.subject(self.sources) for program in self.programs]

    def take(self, raw: Any) -> None:
        """Reads the next line. Raises DiptychError."""
        kind = raw.get("kind") if isinstance(raw, dict) else None
        if not self.has_header:
            header = validated(Header, raw, "header")
            if header.version != VERSION:
                raise ParseError(f"version is {header.version} but must be {VERSION}, the one that this diptych reads")
            self.has_header = True
            return
        if kind not in KINDS:
            raise ParseError(f"kind is {json.dumps(kind)[:40]} but must be one of {', '.join(KINDS)}")
        line = validated(KINDS[kind], raw, kind)
        if isinstance(line, Source):
            self.sources[line.file] = line.text
        elif isinstance(line, Program):
            self.programs.append(_Program(line, self.data))
        elif isinstance(line, RunsModel):
            if line.program >= len(self.programs):
                raise ParseError(f"runs.program is {line.program} but must be below {len(self.programs)}")
            self.programs[line.program].runs = line.runs
        elif not self.programs:
            raise ParseError(f"{kind} comes before any program")
        elif isinstance(line, Stage):
            self.programs[-1].stage(line)
        elif isinstance(line, Memory):
            self.programs[-1].memory = line


class _Program:
    """One program, as it grows line by line."""

    def __init__(self, line: Program, data: Mapping[str, np.ndarray]) -> None:
        self.line = line
        self.runs: Runs | None = None
        self.memory: Memory | None = None
        self.records: list[PassRecord] = []
        self._documents = DocumentReader(Unpacker(data, may_lack=True))
        self._values: dict[int, IRValue] = {}
        self._equations: dict[int, Equation] = {}
        self._sizes: dict[int, tuple[int, int]] = {}  # of an equation: with all that is in it, and how deep that is
        self._inside: dict[int, list[int]] = {}  # by the identity of a nested function, its equations
        self._frames: dict[int, Location] = {}
        self._order, self._results = line.order, line.results
        parameters = tuple(self._value(each, "program.parameters") for each in line.parameters)
        self._frames_of(line.frames, "program.frames")
        self._values_of(line.equations, "program")
        for place, equation in enumerate(line.equations):
            self._new(equation, f"program.equations[{place}]")
        self.function = self._built(line.name, parameters, line.order, line.results, "program")
        count = len(parameters)
        if any(place >= count for place in line.donate):
            raise ParseError(f"program.donate has {max(line.donate)} but must be below {count}, the parameters")
        self.inputs = self._inputs(data) if line.inputs is not None else None

    def subject(self, sources: Mapping[str, str]) -> Subject:
        """The program, with all that was said of it. Raises ParseError where some of it is missing."""
        if len(self.records) != self.line.stages:
            raise ParseError(f"@{self.line.name} has {len(self.records)} stages but must have {self.line.stages}")
        subject = Subject(self.function, self.line.backend, tuple(self.line.donate), tuple(self.records), self.inputs)
        subject.sources = sources
        subject.runs = self.runs
        return subject

    def stage(self, line: Stage) -> None:
        """Adds what a pass did."""
        before = self.records[-1].after if self.records else self.function
        fired = Fired(Counter(line.fired))
        olds = dict(self._equations)
        self._frames_of(line.frames, "stage.frames")
        came_from: dict[int, int] = {}
        self._values_of(line.equations, "stage")
        for place, equation in enumerate(line.equations):
            path = f"stage.equations[{place}]"
            if equation.op is None:
                self._changed(equation, path)
                continue
            if equation.origin is not None:
                _among(equation.origin, olds, f"{path}.origin")
                came_from[equation.id] = equation.origin
            self._new(equation, path)
        if line.order is None and line.results is None and not line.equations:
            after = before
        else:
            self._order = self._order if line.order is None else line.order
            self._results = self._results if line.results is None else line.results
            after = self._built(before.name, before.parameters, self._order, self._results, "stage")
        numbers = {equation: number for number, equation in self._equations.items()}
        origins: dict[Equation, Equation] = {}
        for equation in equations_of(after):
            number = numbers[equation]
            origin = came_from.get(number, number)
            if origin not in olds:
                raise ParseError(f"stage.equations: equation {number} has no origin")
            origins[equation] = olds[origin]
        replacements = tuple(
            IRReplacement(
                each.rule,
                _among(each.of, olds, "stage.replacements.of"),
                tuple(_among(value, self._values, "stage.replacements.values") for value in each.values),
            )
            for each in line.replacements
        )
        record = PassRecord(line.after, before, after, line.seconds, fired, Provenance(origins, replacements))
        self.records.append(record)

    def _inputs(self, data: Mapping[str, np.ndarray]) -> tuple[np.ndarray, ...] | None:
        names, types = self.line.inputs or [], self.function.parameter_types
        if len(names) != len(types):
            raise ParseError(f"program.inputs is a list {len(names)} long but must be {len(types)} long")
        if any(name not in data for name in names):  # the file beside is not here
            return None
        constants = Unpacker(data)
        return tuple(constants.data(type, name).array for type, name in zip(types, names, strict=True))

    def _frames_of(self, frames: Sequence[Frame], path: str) -> None:
        for place, frame in enumerate(frames):
            callers: tuple[Location, ...] = ()
            if frame.caller is not None:
                caller = _among(frame.caller, self._frames, f"{path}[{place}].caller")
                callers = (caller, *caller.callers)
            span = (frame.span[0], frame.span[1], frame.span[2]) if frame.span is not None else None
            self._frames[frame.id] = Location(
                frame.file, frame.line, frame.text, span, frame.function, frame.scope, callers
            )

    def _values_of(self, equations: Sequence[EquationModel], path: str) -> None:
        """Makes the values of a line known: equations stand before the function whose parameters they read."""
        for place, equation in enumerate(equations):
            for nested in equation.functions.values():
                for parameter in nested.parameters:
                    self._value(parameter, f"{path}.equations[{place}].functions")
            for result in equation.results:
                self._value(result, f"{path}.equations[{place}].results")

    def _changed(self, new: EquationModel, path: str) -> None:
        """An equation with other operands, results or functions."""
        old = _among(new.id, self._equations, f"{path}.id")
        attributes = {name: value for name, value in old.attributes.items() if not isinstance(value, Function)}
        attributes |= self._functions(new.functions, path)
        self._define(new, old.op, attributes, old.location, path)

    def _new(self, new: EquationModel, path: str) -> None:
        """An equation that was not there before."""
        if new.op is None:
            raise ParseError(f"{path}.op is missing")
        op = op_by_name(new.op)
        attributes = self._documents.attributes(op, new.attributes, path, 1) | self._functions(new.functions, path)
        place = _among(new.frame, self._frames, f"{path}.frame") if new.frame is not None else None
        if new.gradient_of is not None and place is not None:
            of = _among(new.gradient_of, self._values, f"{path}.gradient_of")
            place = Location(
                place.file, place.line, place.text, place.span, place.function, place.scope, place.callers, of
            )
        self._define(new, op, attributes, place, path)

    def _define(
        self, model: EquationModel, op: Op, attributes: Mapping[str, Any], place: Location | None, path: str
    ) -> None:
        """The equation of this number is from now on this one."""
        values = [self._values[each.id] for each in model.results]
        binders = [(str(each.id), value.type) for each, value in zip(model.results, values, strict=True)]
        made = iter(values)
        operands = [_among(each, self._values, f"{path}.operands") for each in model.operands]
        try:
            equation = checked_equation(op, operands, attributes, binders, place, lambda *_: next(made))
        except ParseError as error:
            raise ParseError(f"{path}: {error.message}", hint=error.hint) from None
        size, depth = 1, 1
        for _, body in equation.functions():
            inside = [self._sizes[each] for each in self._inside[id(body)]]
            size += sum(each for each, _ in inside)
            depth = max([depth, *(1 + each for _, each in inside)])
        if size > MAX_EQUATIONS or depth > MAX_DEPTH:
            raise ParseError(f"{path}: equation has {size} equations in it, {depth} deep, which is too much")
        self._equations[model.id], self._sizes[model.id] = equation, (size, depth)

    def _value(self, model: Value, path: str) -> IRValue:
        type = self._type(model.type, path)
        known = self._values.get(model.id)
        if known is None:
            known = self._values[model.id] = IRValue(type, written_name(model.name))
        elif known.type != type:
            raise ParseError(f"{path}: value {model.id} is {type} but was {known.type} before")
        return known

    def _type(self, text: str, path: str) -> TensorType:
        try:
            return self._documents.type(text)
        except ParseError as error:
            raise ParseError(f"{path}: {error.message}", hint=error.hint) from None

    def _functions(self, models: Mapping[str, Nested], path: str) -> dict[str, Function]:
        found: dict[str, Function] = {}
        for name, model in models.items():
            place = f"{path}.functions.{name[:40]}"
            parameters = tuple(self._values[each.id] for each in model.parameters)
            function = self._function(model.name, parameters, model.equations, model.results, place)
            found[name] = function
            self._inside[id(function)] = model.equations
        return found

    def _built(
        self, name: str, parameters: tuple[IRValue, ...], order: Sequence[int], results: Sequence[int], path: str
    ) -> Function:
        """A stage, which must be whole."""
        function = self._function(name, parameters, order, results, path)
        total = sum(self._sizes[each][0] for each in order)
        if total > MAX_EQUATIONS:
            raise ParseError(f"{path} has {total} equations but must have at most {MAX_EQUATIONS}")
        verify(function)
        return function

    def _function(
        self, name: str, parameters: tuple[IRValue, ...], order: Sequence[int], results: Sequence[int], path: str
    ) -> Function:
        equations = tuple(_among(each, self._equations, f"{path}.order") for each in order)
        return Function(name, parameters, equations, tuple(_among(each, self._values, path) for each in results))


def _among(number: int, known: Mapping[int, Any], path: str) -> Any:
    if number not in known:
        raise ParseError(f"{path} has {number}, which does not stand before")
    return known[number]
