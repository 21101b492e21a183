"""The verb `nan`: the first number that is not finite, the equation that made it, and what that read."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from threading import current_thread, get_ident, main_thread
from typing import Any, NoReturn

import numpy as np
from diptych.backends import Executable, Watcher
from diptych.ir import DiptychError, Equation, Function, Value, ops
from diptych.ir.names import ValueNames

from .faults.arrays import element, place_text, range_text
from .faults.origins import Frame, Kind, Origin, kinds_of, origin
from .faults.places import (
    equation_data,
    equation_lines,
    indented,
    value_data,
    values_data,
    values_lines,
    within_data,
    within_line,
)
from .faults.values import Arrays, by_reference, quiet
from .inputs import add_inputs, with_inputs
from .loading import subjects
from .options import TARGET, add_arguments_of_scripts, add_json, add_program, add_size, check_program, chosen, sized
from .runs import identity
from .subjects import Subject, titled
from .tables import counts
from .targets import Enough, load

FEW = 3  # places that are shown of those that went wrong
WORDS = {Kind.NAN: "nan", Kind.INF: "inf"}
# They hand on what they are given, as the ops of these groups do.
MOVERS = frozenset((ops.identity, ops.stop_gradient, ops.graft, ops.cast, ops.select))
MOVING_GROUPS = ("shape", "indexing")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.add_argument("target", metavar="TARGET", help=f"{TARGET}; scripts and functions are run until it shows")
    add_arguments_of_scripts(parser)
    add_program(parser)
    add_size(parser)
    add_inputs(parser)
    parser.add_argument("--exit-code", action="store_true", help="end with status 1 where something was found")
    add_json(parser)


def command(options: argparse.Namespace) -> tuple[str, int]:
    """The text, and the exit status."""
    watch = _Watch(options.program)
    loaded = _loaded(options, watch)
    if watch.runs:
        for name in ("inputs", "size"):
            if getattr(options, name):
                problem = f"{options.target} runs by itself but has --{name}, which are for saved programs"
                raise DiptychError(f"nan: {problem}")
        check_program(options.program, len(watch.runs))
        found = [watch.found or {"found": None, **watch.counts()}]
    else:
        found = []
        for each in sized(options, chosen(options, loaded)):
            subject, arguments = with_inputs(each, options)
            who = {"program": subject.function.name, "number": subject.number}
            found.append(who | {"found": examined(subject.function, tuple(arguments))})
    write = (lambda each: json.dumps(each) + "\n") if options.json else _text
    return "".join(map(write, found)), int(options.exit_code and any(each["found"] for each in found))


def _loaded(options: argparse.Namespace, watch: _Watch) -> list[Subject]:
    if options.target.endswith(".dipt"):
        return subjects(options.target, backend="reference")
    try:
        loaded = load(options.target, options.arguments, watcher=watch)
    except DiptychError:
        if watch.found is None:  # else the script ended by it in another thread
            raise
        return []
    return [Subject(each.function, "reference") for each in loaded]


class _Watch(Watcher):
    """Looks at the results of each run, of one `program` alone where its number is given, and ends the script behind
    the first one that made what is not finite."""

    def __init__(self, program: int | None) -> None:
        self.program = program
        self.numbers: dict[Hashable, int] = {}  # of programs
        self.runs: Counter[int] = Counter()  # by the number of the program
        self.found: dict[str, Any] | None = None
        self._arguments: dict[int, list[list[Any]]] = {}  # by thread, those of runs that have not ended yet

    def before(self, executable: Executable, arrays: Sequence[Any]) -> None:
        if self.found is not None:
            self._end()
        kept = [np.array(each) if place in executable.donate else each for place, each in enumerate(arrays)]
        self._arguments.setdefault(get_ident(), []).append(kept)

    def after(self, executable: Executable, seconds: float, results: tuple[Any, ...] | None) -> None:
        arguments = self._arguments[get_ident()].pop()
        function = executable.function
        number = self.numbers.setdefault(identity(function), len(self.numbers))
        self.runs[number] += 1
        if self.found is not None or self.program not in (None, number):
            return
        kinds = [kinds_of(np.asarray(result)) for result in results or ()]
        if not any(kinds):
            return
        found = examined(function, tuple(map(np.asarray, arguments))) or _only_there(executable, kinds, arguments)
        if found is not None:
            who = {"program": function.name, "number": number if len(self.numbers) > 1 else None}
            self.found = {**who, "run": self.runs[number], **self.counts(), "found": found}
            self._end()

    def counts(self) -> dict[str, int]:
        """How many runs there were, of how many programs."""
        return {"runs": self.runs.total(), "programs": len(self.runs)}

    def _end(self) -> NoReturn:
        """Ends the script; another thread of it alone, without a word."""
        raise Enough if current_thread() is main_thread() else SystemExit


def examined(function: Function, arguments: Arrays) -> dict[str, Any] | None:
    """What is to be told of the results of a run: nan, unless it was only handed on, or else infinities that an
    equation made, which are often put there on purpose."""
    with quiet(function):
        frame = Frame(function, arguments)
        for kind in Kind:
            values = frame.having(dict.fromkeys(function.results), kind)
            first = origin(frame, values, kind) if values else None
            if first is not None and (first.is_made or (kind is Kind.NAN and _is_computed_with(frame, values))):
                result = function.results.index(values[0])
                return {"kind": WORDS[kind], "result": result, "origin": _origin_data(first)}
    return None


def _only_there(executable: Executable, kinds: Sequence[Kind], arguments: Sequence[Any]) -> dict[str, Any] | None:
    """What a backend's results have and the reference's do not."""
    with quiet(executable.function):
        right = map(kinds_of, by_reference(executable.function, tuple(map(np.asarray, arguments))))
    for result, (kind, other) in enumerate(zip(kinds, right, strict=True)):
        for each in kind & ~other:
            return {"kind": WORDS[each], "result": result, "origin": None, "backend": executable.backend}
    return None


def _is_computed_with(frame: Frame, values: Sequence[Value]) -> bool:
    """Whether an equation that leads nan to these values computes with it, rather than hands it on."""
    led = set(values)
    for equation in reversed(frame.function.equations):
        if not led.isdisjoint(equation.results):
            carriers = frame.having(equation.operands, Kind.NAN)
            led.update(carriers)
            if carriers and equation.op not in MOVERS and equation.op.group not in MOVING_GROUPS:
                return True
    return False


def _origin_data(first: Origin) -> dict[str, Any]:
    """All that is told of an origin, and of the infinities that what makes nan reads."""
    frame, equation = first.frame, first.equation
    names = ValueNames(frame.function)
    if equation is None:
        place = frame.function.parameters.index(first.value)
        value = value_data(first.value, frame.arguments[place], names)
        return {"argument": place, **value, "read_by": _reader_data(first, names)}
    twin = _twin(first)
    arrays = frame.arrays(filter(None, (equation, twin)))
    array = arrays[first.value]
    places: list[list[int]] = np.argwhere(first.kind.test(array))[:FEW].tolist()
    values = dict.fromkeys((first.value, *equation.operands))
    return {
        **equation_data(equation, names),
        "within": list(_within(frame)),
        "places": places,
        "values": [
            {**value_data(value, arrays[value], names), "elements": _elements(arrays[value], array.shape, places)}
            for value in values
        ],
        "gradient_of": None if twin is None else _twin_data(twin, arrays, names),
        "infinities": _infinities(frame, equation, names) if first.kind is Kind.NAN else [],
        "read_by": None if first.is_made else _reader_data(first, names),
    }


def _reader_data(first: Origin, names: ValueNames) -> dict[str, Any] | None:
    """The equation that reads first what somebody put there: its line is the one to look at."""
    readers = (each for each in first.frame.function.equations if first.value in each.operands)
    return next((equation_data(each, names) for each in readers), None)


def _infinities(frame: Frame, equation: Equation, names: ValueNames) -> list[dict[str, Any]]:
    """Where those that an equation reads come from, each origin once."""
    found: dict[Value, tuple[Origin, list[str]]] = {}
    for value in frame.having(dict.fromkeys(equation.operands), Kind.INF):
        first = origin(frame, [value], Kind.INF)
        found.setdefault(first.value, (first, []))[1].append(f"%{names[value]}")
    return [{"of": of, **_origin_data(first)} for first, of in found.values()]


def _twin(first: Origin) -> Equation | None:
    """The forward equation that an equation of a gradient belongs to, where that is in the same function."""
    place = first.equation.location if first.equation is not None else None
    return first.frame.makers.get(place.gradient_of) if place is not None and place.gradient_of is not None else None


def _twin_data(twin: Equation, arrays: Mapping[Value, np.ndarray], names: ValueNames) -> dict[str, Any]:
    values = values_data(twin.operands, [arrays[operand] for operand in twin.operands], names)
    return {**equation_data(twin, names), "values": values}


def _within(frame: Frame) -> Iterator[dict[str, Any]]:
    """The equations that a function is nested in, the nearest first."""
    while frame.outer is not None and frame.equation is not None:
        yield within_data(frame.outer.function, frame.equation, frame.number)
        frame = frame.outer


def _elements(array: np.ndarray, shape: tuple[int, ...], places: Sequence[Sequence[int]]) -> list[Any]:
    """What an operand has at places of a result; None where it has another shape."""
    return [element(array[tuple(place)]) if array.shape == shape else None for place in places]


def _text(data: dict[str, Any]) -> str:
    found = data["found"]
    who = titled(data["program"], data["number"]) if "program" in data else _counts(data)
    if found is None:
        return f"everything is finite in {who}\n"
    if "run" in data:
        who += f", run {data['run']} ({_counts(data)} so far)"
    head, first = f"{who}: result {found['result']} has {found['kind']}", found["origin"]
    if first is None:
        return f"{head} on {found['backend']}, but not by the reference interpreter; diptych bisect says why\n"
    how = "which came in as" if "argument" in first else "made by"
    return "\n".join([f"{head}, {how}", *indented(_origin_lines(first)), ""])


def _counts(data: dict[str, Any]) -> str:
    return f"{counts(data['runs'], 'run')} of {counts(data['programs'], 'program')}"


def _origin_lines(first: dict[str, Any]) -> list[str]:
    if "argument" in first:
        lines = [f"argument {first['argument']}, {first['name']}: {first['type']}  {range_text(first['range'])}"]
    else:
        lines = _made_lines(first)
    if first["read_by"] is not None:
        lines += ["read by", *indented(equation_lines(first["read_by"]))]
    return lines


def _made_lines(first: dict[str, Any]) -> list[str]:
    lines = [*equation_lines(first), *map(within_line, first["within"])]
    lines += values_lines(first["values"], ("", "type", *map(place_text, first["places"]), "range"))
    twin = first["gradient_of"]
    if twin is not None:
        through = [*equation_lines(twin), *values_lines(twin["values"])]
        lines += ["which flows through", *indented(through)]
    for each in first["infinities"]:
        lines += [f"infinite {', '.join(each['of'])}: from", *indented(_origin_lines(each))]
    return lines
