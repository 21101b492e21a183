"""Programs that are alike but for sizes or numbers, each of which is compiled by itself where it pays."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from diptych.ir import Constant, Function, Location, TensorType, Value

from ..subjects import Subject
from ..tables import listed
from .finding import Finding, by_line
from .looked import Looked

RULE = "recompile-risk"
LEAST = 3  # programs
OFTEN = 10  # runs of each, from where compiling them all pays
MOST = 20  # values that are told
# What may differ, and what to write instead: sizes first, since other numbers are made of them.
KINDS = {
    "size": ("sizes", "pad to a few sizes, or leave out the last, smaller batch (drop_last=True)"),
    "constant": ("constants", "feed the number: a placeholder, a variable, or a tensor that is made before the loop"),
    "attribute": ("numbers in their operations", "operations that take the number as a tensor, such as a gather"),
}


@dataclass(frozen=True, slots=True)
class Number:
    """A number that a program holds: of which `kind`, a key of KINDS, what it is of, its line, and itself."""

    kind: str
    of: str
    place: Location | None
    value: Hashable


@dataclass(frozen=True, slots=True)
class Group:
    """Programs of one form: how many, what varies in them, how often they ran, and the seconds to compile them; None
    where nobody knows."""

    programs: int
    varied: list[tuple[Number, list[Hashable]]]
    runs: int | None
    seconds: float | None

    @property
    def first(self) -> Number:
        """What varies at the first line."""
        return self.varied[0][0]


def recompiling(looked: Looked) -> Iterator[Finding]:
    """Programs of one form, made by the same lines, that were not run often enough for that to be worth it."""
    for place, groups in by_line((group.first.place, group) for group in _groups(looked)):
        largest = max(groups, key=lambda group: group.programs)
        kind, programs = largest.first.kind, sum(group.programs for group in groups)
        differ, instead = KINDS[kind]
        which = listed((f"{number.of} was {listed(map(_text, values))}" for number, values in largest.varied), most=2)
        runs = sum(group.runs or 0 for group in groups)
        seconds = sum(group.seconds or 0.0 for group in groups)
        is_known = largest.runs is not None
        forms = f" of {len(groups)} forms" if len(groups) > 1 else ""
        took = f"; for {runs} runs compiling them takes {seconds:.2f} s" if is_known else ""
        yield Finding(
            RULE,
            place,
            f"{programs} programs{forms} are alike but for {differ}, each to be compiled by itself: {which}{took}",
            instead,
            programs,
            {
                "kind": kind,
                "varied": [
                    {"of": number.of, "count": len(values), "values": [_plain(each) for each in values[:MOST]]}
                    for number, values in largest.varied
                ],
                "runs": runs if is_known else None,
                "seconds": seconds if is_known else None,
            },
        )


def _groups(looked: Looked) -> Iterator[Group]:
    forms: dict[Hashable, list[tuple[Subject, list[Number]]]] = {}
    for subject in looked.subjects:
        form, numbers = _outline(subject.function)
        forms.setdefault(form, []).append((subject, numbers))
    for members in forms.values():
        ran = [found for subject, _ in members if (found := looked.ran(subject)) is not None]
        runs = sum(each.times for each in ran) if ran else None
        if len(members) < LEAST or (runs is not None and runs >= OFTEN * len(members)):
            continue
        varied = _varied([numbers for _, numbers in members])
        if varied:  # not only the sign of a 0
            yield Group(len(members), varied, runs, sum(each.compiling for each in ran) if ran else None)


def _varied(programs: Sequence[Sequence[Number]]) -> list[tuple[Number, list[Hashable]]]:
    """What differs, with the values in order of appearance: sizes, as numbers may be made of them; where none does,
    other numbers. What always differs alike comes once."""
    columns: dict[tuple[Hashable, ...], Number] = {}
    for column in zip(*programs, strict=True):
        values = tuple(number.value for number in column)
        if len(set(values)) > 1:
            columns.setdefault(values, column[0])
    kinds = {number.kind for number in columns.values()}
    wanted = next((kind for kind in KINDS if kind in kinds), None)
    return [(number, list(dict.fromkeys(values))) for values, number in columns.items() if number.kind == wanted]


def _outline(function: Function) -> tuple[Hashable, list[Number]]:
    """The form of a program, without its numbers; and these, in order."""
    numbers: list[Number] = []
    places: dict[Value, Location | None] = {}
    for equation in function.equations:
        for operand in equation.operands:
            places.setdefault(operand, equation.location)
    form = _form(function, numbers, places)
    return form, numbers


def _form(function: Function, numbers: list[Number], places: dict[Value, Location | None]) -> Hashable:
    index = {parameter: number for number, parameter in enumerate(function.parameters)}
    parts: list[Hashable] = []
    for number, parameter in enumerate(function.parameters):
        name = f"%{parameter.name or number}"
        parts.append(_sizes(parameter.type, name, places.get(parameter), numbers))
    for equation in function.equations:
        place = equation.location
        line = (place.file, place.line) if place is not None else None
        parts.append((equation.op, line, tuple(index[operand] for operand in equation.operands)))
        for name, value in equation.attributes.items():
            kind = equation.op.attributes[name].kind
            of = f"{name} of {equation.op.name}"
            if isinstance(value, Function):
                parts.append(_form(value, numbers, {}))
            elif isinstance(value, Constant):
                parts.append((value.type.dtype, len(value.type.shape)))
                numbers.append(Number("constant", "a number", place, _constant(value)))
            elif name == "shape":
                parts.append(len(value))
                numbers.extend(
                    Number("size", f"size {axis} of {equation.op.name}", place, size) for axis, size in enumerate(value)
                )
            elif kind in ("int", "dim", "optional", "ints", "shape", "pairs") and value is not None:
                flat = list(_flat(value))
                parts.append(len(flat))
                numbers.extend(Number("attribute", of, place, each) for each in flat)
            elif kind == "types":
                parts.extend(_sizes(each, of, place, numbers) for each in value)
            else:
                parts.append((name, str(value)))
        for result in equation.results:
            index[result] = len(index)
    parts.append(tuple(index[result] for result in function.results))
    return tuple(parts)


def _sizes(type: TensorType, of: str, place: Location | None, numbers: list[Number]) -> Hashable:
    numbers.extend(Number("size", f"size {axis} of {of}", place, size) for axis, size in enumerate(type.shape))
    return type.dtype, len(type.shape)


def _constant(value: Constant) -> Hashable:
    if value.type.shape:
        return f"{value.type} data {blake2b(value.digest, digest_size=4).hexdigest()}"
    number = value.item()
    return number if number == number else "nan"  # which equals no other


def _flat(value: Any) -> Iterator[Hashable]:
    if isinstance(value, tuple):
        for each in value:
            yield from _flat(each)
    else:
        yield value


def _text(value: Hashable) -> str:
    return f"{value:.7g}" if isinstance(value, float) else str(value)


def _plain(value: Hashable) -> Any:
    return value if isinstance(value, int | float | bool) else str(value)
