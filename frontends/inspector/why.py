"""The verb `why`: the line that made a value, and what every pass and rule did to it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from diptych.ir import DiptychError, Equation, Function, Value
from diptych.ir.names import ValueNames
from diptych.ir.printer import print_equation
from diptych.passes.manager import PassRecord
from diptych.passes.provenance import SHARED, Provenance

from .options import TARGET, add_how, add_json, programs
from .subjects import Subject

AS_IT_WAS = "as it was"


class Placed:
    """The equations of one stage of a program, with those around each, and the names of all values."""

    def __init__(self, function: Function) -> None:
        self.function = function
        self.around: dict[Equation, tuple[Equation, ...]] = {}
        self.makers: dict[Value, Equation] = {}
        self._names: dict[Equation, ValueNames] = {}
        self._within(function, ())

    def _within(self, function: Function, around: tuple[Equation, ...]) -> None:
        names = ValueNames(function)
        for equation in function.equations:
            if equation in self.around:  # a function that stands twice
                continue
            self.around[equation], self._names[equation] = around, names
            self.makers.update((result, equation) for result in equation.results)
            for _, nested in equation.functions():
                self._within(nested, (*around, equation))

    def named(self, name: str) -> Equation | None:
        """The first equation that makes a value of this name, those of the program itself before nested ones."""
        found = sorted(self.around.items(), key=lambda pair: len(pair[1]))
        for equation, _ in found:
            names = self._names[equation]
            if any(names[result] == name for result in equation.results):
                return equation
        return None

    def text(self, equation: Equation) -> str:
        """The equation in one line, and what it stands in."""
        outer = [
            f"%{self._names[each][each.results[0]]} = {each.op.name}" if each.results else each.op.name
            for each in reversed(self.around[equation])
        ]
        line = print_equation(equation, self._names[equation])
        return line + "".join(f"  in {each}" for each in outer)


@dataclass(frozen=True, slots=True)
class Step:
    """What one pass did: `happened` in words, the `equations` that there are then, the `rules` that applied."""

    stage: str
    happened: str
    equations: tuple[str, ...]
    rules: tuple[str, ...] = ()

    def lines(self, width: int) -> Iterator[str]:
        first = self.happened or (self.equations[0] if self.equations else "")
        yield f"  {self.stage.ljust(width)}  {first}"
        for text in self.equations if self.happened else self.equations[1:]:
            yield f"  {' ' * width}    {text}"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.add_argument("target", metavar="TARGET", help=TARGET)
    parser.add_argument("value", metavar="VALUE", help="its name, as it stands at any stage")
    add_how(parser)
    add_json(parser)


def command(options: argparse.Namespace) -> tuple[str, int]:
    """The text, and the exit status."""
    return why(programs(options), options.value, as_json=options.json), 0


def why(subjects: Sequence[Subject], value: str, *, as_json: bool = False) -> str:
    """The story of the value of this name, with or without its %, as it stands in any stage, the first one that has
    it: of each program that has it. Raises DiptychError where none has."""
    name = value.removeprefix("%")
    stories = (_story(subject, name, as_json=as_json) for subject in subjects)
    found = [story for story in stories if story is not None]
    if found:
        return ("" if as_json else "\n").join(found)
    programs = ", ".join(dict.fromkeys(f"@{subject.function.name}" for subject in subjects)) or "no program"
    raise DiptychError(
        f"why: there is no %{name} in {programs}, at any stage: `diptych dump --all-passes` shows them all"
    )


def _story(subject: Subject, name: str, *, as_json: bool) -> str | None:
    """What is told of the value in one program; None where that has none of this name."""
    stages = list(map(Placed, subject.stages))
    for number, placed in enumerate(stages):
        equation = placed.named(name)
        if equation is not None:
            return _told(subject, _origin(equation, subject.records[:number]), stages, as_json=as_json)
    if name not in ValueNames(subject.function).values():
        return None
    if as_json:
        fields = {"program": subject.function.name, "number": subject.number, "value": name, "is_parameter": True}
        return json.dumps(fields) + "\n"
    return f"{subject.title}: %{name} is a parameter\n"


def _origin(equation: Equation, records: Sequence[PassRecord]) -> Equation:
    """The equation as written that one after these passes stands for."""
    for record in reversed(records):
        equation = _provenance(record).origins[equation]
    return equation


def _provenance(record: PassRecord) -> Provenance:
    assert record.provenance is not None
    return record.provenance


def _told(subject: Subject, equation: Equation, stages: Sequence[Placed], *, as_json: bool) -> str:
    steps = [Step("as written", "", (stages[0].text(equation),))]
    current = [equation]
    for record, before, after in zip(subject.records, stages, stages[1:], strict=False):
        step, current = followed(record, before, after, current)
        steps.append(step)
        if not current:
            break
    place = equation.location
    if as_json:
        found: dict[str, Any] = {
            "program": subject.function.name,
            "number": subject.number,
            "file": place.file if place else None,
            "line": place.line if place else None,
            "steps": [
                {"stage": s.stage, "happened": s.happened or None, "equations": s.equations, "rules": s.rules}
                for s in steps
            ],
        }
        return json.dumps(found) + "\n"
    steps = list(_joined(steps))
    width = max(len(step.stage) for step in steps)
    made = place.described() if place else "a place that is not known"
    lines = [f"{subject.title}: made at {made}", *(line for step in steps for line in step.lines(width))]
    return "\n".join(lines) + "\n"


def _joined(steps: Sequence[Step]) -> Iterator[Step]:
    """Those of passes one after another that changed nothing as one."""
    for happened, group in groupby(steps, key=lambda step: step.happened):
        members = list(group)
        if happened == AS_IT_WAS and len(members) > 1:
            between = " ... " if len(members) > 2 else ", "
            yield Step(f"{members[0].stage}{between}{members[-1].stage}", happened, ())
        else:
            yield from members


def followed(
    record: PassRecord, before: Placed, after: Placed, current: Sequence[Equation]
) -> tuple[Step, list[Equation]]:
    """What a pass did to equations, and what stands for them then."""
    provenance = _provenance(record)
    made = [each for one in current for each in provenance.made_of(one)]
    reasons = [reason for one in current for reason in provenance.reasons(one)]
    rules = tuple(dict.fromkeys(reason.rule for reason in reasons if reason.rule != SHARED))
    by = f" by {', '.join(rules)}" if rules else ""
    if made:
        if _is_same(current, made, before, after):
            return Step(record.name, AS_IT_WAS, ()), made
        return Step(record.name, f"became{by}", tuple(map(after.text, made)), rules), made
    if not reasons:
        return Step(record.name, "gone: nothing reads it", ()), []
    values = reasons[-1].values
    makers = list(dict.fromkeys(after.makers[value] for value in values if value in after.makers))
    given = [value for value in values if value in after.function.parameters]
    texts = (*map(after.text, makers), *(f"%{ValueNames(after.function)[value]}, a parameter" for value in given))
    what = f"replaced{by}:" if rules else "an equal one is there:"
    if not texts:
        return Step(record.name, f"replaced{by}, and nothing reads it", (), rules), []
    return Step(record.name, what, texts, rules), makers


def _is_same(current: Sequence[Equation], made: Sequence[Equation], before: Placed, after: Placed) -> bool:
    """Whether equations are what they were, where they were."""
    if len(current) != len(made):
        return False
    return all(
        old.op is new.op
        and [value.type for value in old.operands] == [value.type for value in new.operands]
        and all(new.attributes[name] == value for name, value in old.attributes.items())
        and [each.op for each in before.around[old]] == [each.op for each in after.around[new]]
        for old, new in zip(current, made, strict=True)
    )
