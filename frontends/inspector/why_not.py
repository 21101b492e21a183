"""The verb `why-not`: which condition kept two equations from being in one fused group."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from diptych.backends.pipelines import PIPELINES
from diptych.ir import DiptychError, Equation, Function, Location, ops
from diptych.ir.names import ValueNames
from diptych.passes.fuse import fuse
from diptych.passes.manager import PassRecord
from diptych.passes.provenance import Provenance, equations_of, functions_of
from diptych.passes.scheduling import is_free

from .apart import Apart, Condition
from .options import TARGET, add_how, add_json, chosen_backend, programs, stage_named
from .subjects import FRONTEND, Subject, check_stage
from .tables import aligned
from .why import Placed, followed

NO_FUSE = {"jax": "XLA fuses by itself, and tells nobody", "reference": "equations run one after another"}
TOGETHER = "together"


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether two values are made in one group and, if not, by the name of a condition and in a sentence, why not.
    `equations`: those that it speaks of, as text, and their lines."""

    subject: Subject
    condition: str
    sentence: str
    equations: tuple[tuple[str, Location | None], ...] = ()

    @property
    def together(self) -> bool:
        return self.condition == TOGETHER

    def text(self) -> str:
        """The answer, and below it the equations."""
        rows = [(text, place.short() if place is not None else "") for text, place in self.equations]
        return f"{self.subject.title}: {self.sentence}\n" + (aligned(rows) if rows else "")

    def as_json(self) -> str:
        """The same as an object."""
        found: dict[str, Any] = {
            "program": self.subject.function.name,
            "number": self.subject.number,
            "together": self.together,
            "condition": self.condition,
            "sentence": self.sentence,
            "equations": [
                {
                    "equation": text,
                    "file": place.file if place is not None else None,
                    "line": place.line if place is not None else None,
                }
                for text, place in self.equations
            ],
        }
        return json.dumps(found) + "\n"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.add_argument("target", metavar="TARGET", help=TARGET)
    parser.add_argument(
        "--fuse", nargs=2, metavar=("VALUE", "OTHER"), required=True, help="names of two values that are in no group"
    )
    parser.add_argument(
        "--stage", dest="named_at", metavar="STAGE", help="where they have these names; by default the first with both"
    )
    add_how(parser)
    add_json(parser)


def command(options: argparse.Namespace) -> tuple[str, int]:
    """The text, and the exit status."""
    backend = chosen_backend(options)
    stage = stage_named(options.named_at) if options.named_at is not None else None
    if not options.target.endswith(".dipt"):  # before a script runs, which may take long
        _check_fuses(backend, PIPELINES[backend])
        check_stage(stage or FRONTEND, options.target, backend)
    answers = why_not(programs(options), *options.fuse, stage=stage)
    if options.json:
        return "".join(answer.as_json() for answer in answers), 0
    return "\n".join(answer.text() for answer in answers), 0


def why_not(subjects: Sequence[Subject], value: str, other: str, *, stage: str | None = None) -> list[Answer]:
    """The answers for two values, by their names at a stage, or at the first one that has both, of each program that
    has them. Raises DiptychError where none has, and for a backend that does not fuse."""
    names = value.removeprefix("%"), other.removeprefix("%")
    if names[0] == names[1]:
        raise DiptychError(f"why-not: --fuse is %{names[0]} twice but must be two values")
    found = [answer for subject in subjects if (answer := _answer(subject, *names, stage)) is not None]
    if found:
        return found
    where = f"at stage {stage}" if stage is not None else "at any stage"
    programs = ", ".join(dict.fromkeys(f"@{subject.function.name}" for subject in subjects)) or "no program"
    raise DiptychError(
        f"why-not: there are no %{names[0]} and %{names[1]} together in {programs}, {where}: "
        "`diptych dump --all-passes` shows them all"
    )


def _answer(subject: Subject, name: str, other: str, stage: str | None) -> Answer | None:
    _check_fuses(subject.backend, [record.name for record in subject.records])
    wanted = subject.at(stage) if stage is not None else None
    for number, function in enumerate(subject.stages):
        if wanted is None or function is wanted:
            one, two = _named(function, name), _named(function, other)
            if one is not None and two is not None:
                return _Question(subject, number).answer(one, two)
    return None


def _check_fuses(backend: str, passes: Sequence[str]) -> None:
    if "fuse" not in passes:
        raise DiptychError(
            f"why-not: {backend} has no pass fuse: {NO_FUSE.get(backend, 'its bundle has none')}",
            hint="--backend numpy",
        )


@dataclass(frozen=True, slots=True)
class _Named:
    """A value of some function, nested ones too, and which result it is of which equation; None of a parameter."""

    name: str
    maker: Equation | None
    place: int


def _named(function: Function, name: str) -> _Named | None:
    """The first value of this name, those of the function itself before nested ones."""
    for inner in functions_of(function):
        names = ValueNames(inner)
        for equation in inner.equations:
            for place, result in enumerate(equation.results):
                if names[result] == name:
                    return _Named(name, equation, place)
        if any(names[parameter] == name for parameter in inner.parameters):
            return _Named(name, None, 0)
    return None


class _Question:
    """What is asked of a program in whose stage `number` the values have their names."""

    def __init__(self, subject: Subject, number: int) -> None:
        self.subject, self.records, self.number = subject, subject.records, number
        self.at = next(place for place, record in enumerate(self.records) if record.name == "fuse")
        self.before, self.after = self.records[self.at].before, self.records[self.at].after
        self.placed, self.placed_after = Placed(self.before), Placed(self.after)
        if fuse(self.before) != self.after:
            problem = f"why-not: {subject.title}: fuse makes other groups now than it did when this was recorded"
            raise DiptychError(problem, hint="diptych trace it again")

    def answer(self, one: _Named, two: _Named) -> Answer:
        """The answer for two values of that stage."""
        standing: list[list[Equation]] = []
        for named in (one, two):
            if named.maker is None:
                return Answer(self.subject, "parameter", f"%{named.name} is a parameter, and groups hold equations")
            found, gone = self._standing(named.maker, named.place)
            if not found:
                return Answer(self.subject, "gone", f"%{named.name} is gone before fuse: {gone}")
            standing.append(found)
        asked = [f"%{one.name}", f"%{two.name}"]
        names = " and ".join(asked)
        for same in standing[0]:
            if same in standing[1]:
                return self._answer("same", f"{names} are one equation when fuse runs", [same], [names])
        pairs = list(product(*standing))
        for pair in pairs:
            made = [self._made(each) for each in pair]
            group = _group_of(self.after, *made)
            if group is not None:
                body = _body(group)
                members = [next(each for each in found if each in body) for found in made]
                sentence = f"{names} are in one group of {sum(not is_free(each) for each in body)} equations"
                return self._answer(TOGETHER, sentence, members, asked)
        home = {equation: inner for inner in functions_of(self.before) for equation in inner.equations}
        pair = next((pair for pair in pairs if home[pair[0]] is home[pair[1]]), pairs[0])
        apart = self._apart(home, *pair)
        sentence = f"{names} are in no group together: {apart.sentence}{self._later(*pair)}"
        return self._answer(apart.name, sentence, [*pair, apart.of, *apart.others], asked)

    def _apart(self, home: dict[Equation, Function], one: Equation, two: Equation) -> Condition:
        """The condition that kept two equations apart."""
        if home[one] is not home[two]:
            return Condition("functions", "they are in different functions, each with groups of its own", one)
        for each in (one, two):
            if is_free(each):
                name = f"%{ValueNames(home[one])[each.results[0]]}"
                return Condition("copied", f"{name} is copied into each group that reads it, and none has both", each)
        return Apart(home[one]).condition(one, two)

    def _answer(self, condition: str, sentence: str, equations: Sequence[Equation], asked: Sequence[str]) -> Answer:
        """An answer that speaks of equations, of which the first have the names that were asked for."""
        rows: dict[Equation, tuple[str, Location | None]] = {}
        for place, equation in enumerate(equations):
            placed = next((each for each in (self.placed, self.placed_after) if equation in each.around), None)
            if placed is None:  # a group on the way: the equation in it
                equation, placed = self.placed.makers[equation.results[0]], self.placed
            text = placed.text(equation)
            if place < len(asked) and f"{asked[place]}:" not in text:
                text = f"{asked[place]} as {text}"
            rows.setdefault(equation, (text, equation.location))
        return Answer(self.subject, condition, sentence, tuple(rows.values()))

    # -- through the passes ----

    def _standing(self, equation: Equation, place: int) -> tuple[list[Equation], str]:
        """What stands for an equation when fuse runs; or nothing, and what became of it."""
        if self.number > self.at:
            if equation.op is ops.fused:
                equation = _inner(equation, place)
            for record in reversed(self.records[self.at : self.number]):
                equation = _provenance(record).origins[equation]
            return [equation], ""
        current, gone = [equation], ""
        for record in self.records[self.number : self.at]:
            step, current = followed(record, Placed(record.before), Placed(record.after), current)
            if not current:
                what = step.happened.removeprefix("gone: ")
                gone = f"{record.name}: {what} {', '.join(step.equations)}".rstrip()
                break
        return current, gone

    def _made(self, equation: Equation) -> list[Equation]:
        """What stands for an equation behind fuse; an equal one in the same group, where there is one."""
        return followed(self.records[self.at], self.placed, self.placed_after, [equation])[1]

    def _later(self, one: Equation, two: Equation) -> str:
        """That a pass behind fuse has brought copies of them together, if one has."""
        first, second = self._made(one), self._made(two)
        for record in self.records[self.at + 1 :]:
            made_of = _provenance(record).made_of
            first, second = ([made for each in group for made in made_of(each)] for group in (first, second))
            if _group_of(record.after, first, second) is not None:
                return f"; but {record.name} computes one of them again in the group of the other"
        return ""


def _provenance(record: PassRecord) -> Provenance:
    assert record.provenance is not None
    return record.provenance


def _inner(group: Equation, place: int) -> Equation:
    """The equation within a group that makes one of its results."""
    body: Function = group.attributes["body"]
    return next(each for each in body.equations if body.results[place] in each.results)


def _group_of(function: Function, one: Sequence[Equation], two: Sequence[Equation]) -> Equation | None:
    """The group with one equation of each kind, if there is one."""
    for equation in equations_of(function):
        if equation.op is ops.fused:
            body = _body(equation)
            if not body.keys().isdisjoint(one) and not body.keys().isdisjoint(two):
                return equation
    return None


def _body(group: Equation) -> dict[Equation, None]:
    return dict.fromkeys(equations_of(group.attributes["body"]))
