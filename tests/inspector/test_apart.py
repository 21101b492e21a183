"""The condition that is named for two equations which are in no group together did not hold, as found out another way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import combinations, pairwise
from random import Random

import pytest
from diptych.backends.pipelines import PASSES
from diptych.inspector.apart import Apart, Condition
from diptych.inspector.why import Placed, followed
from diptych.ir import Builder, Equation, Function, Shape, TensorType, Value, dtypes, ops
from diptych.passes.elementwise import ELEMENTWISE, REDUCTIONS
from diptych.passes.manager import run_passes
from diptych.passes.provenance import equations_of

from tests.elementwise_programs import elementwise_case
from tests.passes.test_fuse import random_dag
from tests.random_programs import random_program


class Checker:
    """What is known of one walk of the pass, without asking how it formed groups: what it was given, and what it made of
    that. `unit`: the group in which an equation ends, if in any."""

    def __init__(self, given: Function, made: Function, unit: dict[Equation, Equation]) -> None:
        self.unit = unit
        self.maker = {result: e for e in given.equations for result in e.results}
        self.equations = [e for e in given.equations if not is_free(e)]
        self.reads = {e: set(self.makers(e)) for e in self.equations}
        for first, second in pairwise(e for e in self.equations if e.has_effect):
            self.reads[second].add(first)
        self.before: dict[Equation, set[Equation]] = {}
        for e in self.equations:
            self.before[e] = self.reads[e].union(*(self.before[each] for each in self.reads[e]))
        self.alone = {*made.equations}
        self.place = {result: place for place, e in enumerate(made.equations) for result in e.results}

    def makers(self, equation: Equation) -> Iterator[Equation]:
        """The equations whose results one reads, seen through free ones."""
        for operand in equation.operands:
            maker = self.maker.get(self.shown(operand)[0])
            if maker is not None and not is_free(maker):
                yield maker

    def shown(self, operand: Value) -> tuple[Value, tuple[int, ...]]:
        """What the broadcasts before an operand read, and the axes that it lies along."""
        axes = tuple(range(operand.rank))
        while operand in self.maker and self.maker[operand].op is ops.broadcast:
            maker = self.maker[operand]
            axes = tuple(axes[axis] for axis in maker.attributes["axes"])
            operand = maker.operands[0]
        return operand, axes

    def group(self, equation: Equation) -> set[Equation]:
        """The equations that are in a group with one; that one where it stands alone."""
        if equation in self.alone:
            return {equation}
        return {e for e in self.equations if e not in self.alone and self.unit[e] is self.unit[equation]}

    def comes_behind(self, equation: Equation, other: Equation) -> bool:
        """Whether an equation or its group stands behind another one."""
        made, others = (e.results if e in self.alone else self.unit[e].results for e in (equation, other))
        return min(self.place[value] for value in made) > max(self.place[value] for value in others)

    def holds(self, found: Condition, one: Equation, other: Equation) -> bool:
        """Whether what a condition says of one of the two equations, and of the group of the other, is so."""
        of = found.of
        assert of in (one, other)
        member = one if of is other else other
        group = self.group(member)
        match found.name:
            case "op":
                return of.op not in ELEMENTWISE | REDUCTIONS | {ops.fused}
            case "grouped":
                return of.op is ops.fused
            case "number":
                return of.op in ELEMENTWISE and of.results[0].shape == ()
            case "axes":
                return of.op in REDUCTIONS and not is_last(of) and not is_first(of)
            case "shape":
                return shape_of(of) not in shapes(group)
            case "rows":
                return shape_of(of) != max(shapes(group), key=len) and self.reads[of].isdisjoint(group)
            case "late":
                (late,) = found.others
                return late in self.reads[of] and late.op in REDUCTIONS and not is_last(late)
            case "incomplete":
                return is_first(found.others[0]) and found.others[0] in self.reads[of]
            case "across":
                shown = [self.shown(operand) for operand in of.operands]
                turned = [self.maker.get(value) for value, axes in shown if axes != tuple(range(value.rank))]
                return found.others[0] in turned
            case "other_rows":
                (first,) = found.others
                is_same = of.operands[0].shape == first.operands[0].shape
                return is_last(of) and is_last(first) and is_same and of.results[0].shape != first.results[0].shape
            case "rows_of_rows":
                whole, rows = max(shapes(group), key=len), of.operands[0].shape
                return is_last(of) and len(rows) < len(whole) and whole[: len(rows)] == rows
            case "made_before":
                maker = self.maker.get(of.operands[0])
                return is_first(of) and (maker not in group or is_first(maker))
            case "parted":
                own = self.group(of)
                return not any(self.reads[a] & group for a in own) and not any(self.reads[a] & own for a in group)
            case "path" | "order":
                between, cause = found.others[0], found.cause
                assert cause is not None and cause.of is between
                is_behind = member in self.before[between]
                if between not in self.before[of] or between in group or is_behind != (found.name == "path"):
                    return False
                if not is_behind and not self.comes_behind(between, member):
                    return False
                return self.holds(cause, between, member)
            case _:
                return False


def is_free(equation: Equation) -> bool:
    return equation.op is ops.broadcast or (equation.op is ops.constant and not equation.results[0].shape)


def is_last(equation: Equation) -> bool:
    axes, rank = equation.attributes["axes"], equation.operands[0].rank
    return 0 < len(axes) < rank and axes == tuple(range(rank))[-len(axes) :]


def is_first(equation: Equation) -> bool:
    axes = equation.attributes["axes"]
    return bool(axes) and axes == tuple(range(len(axes)))


def shape_of(equation: Equation) -> Shape:
    """The shape that an equation works on."""
    return (equation.operands if equation.op in REDUCTIONS else equation.results)[0].shape


def shapes(group: set[Equation]) -> set[Shape]:
    """Those that a group works on."""
    return set(map(shape_of, group))


def functions_of(function: Function) -> Iterator[Function]:
    """A function and those nested in it, but for groups that are there already, which nothing is done to."""
    yield function
    for equation in function.equations:
        for _, nested in equation.functions() if equation.op is not ops.fused else ():
            yield from functions_of(nested)


def checked(function: Function) -> Counter[str]:
    """How often each condition was named for the pairs of a program that are in no group together."""
    _, (record,) = run_passes(function, [PASSES["fuse"]], trace=True)
    before, after = Placed(record.before), Placed(record.after)
    home = {e: group for group in equations_of(record.after) for _, body in group.functions() for e in body.equations}
    unit = {
        e: home[made]
        for e in equations_of(function)
        if not is_free(e)
        for made in followed(record, before, after, [e])[1]
        if made in home and home[made].op is ops.fused
    }
    found = Counter[str]()
    for inner in functions_of(function):
        apart, given = Apart(inner), inner
        checkers: list[Checker] = []
        for walk in apart.walks:
            checkers.append(Checker(given, walk.fusion.result, unit))
            given = walk.fusion.result
        for one, other in combinations(checkers[0].equations, 2):
            if one in unit and unit[one] is unit.get(other):
                found["together"] += 1
                continue
            condition = apart.condition(one, other)
            checker = next((each for each in checkers if not {one, other} <= each.alone), checkers[-1])
            assert checker.holds(condition, one, other), str(condition)
            found[condition.name] += 1
    return found


def deep_dag(seed: int) -> Function:
    """Elementwise equations, broadcasts and reductions along all sorts of axes, on three shapes that begin alike."""
    random, b = Random(seed), Builder("deep")
    shapes = [(2, 2, 2), (2, 2), (2,)]
    values = {shape: [b.parameter(TensorType(dtypes.f32, shape))] for shape in shapes}
    for _ in range(random.randrange(5, 50)):
        shape, kind = random.choice(shapes), random.randrange(4)
        x, y = (random.choice(values[shape][-5:]) for _ in range(2))
        if kind == 0 and len(shape) > 1:
            axes = tuple(sorted(random.sample(range(len(shape)), random.randrange(1, len(shape)))))
            made = b.reduce_max(x, axes=axes)
        elif kind == 1 and len(shape) < 3:
            axes = tuple(sorted(random.sample(range(3), len(shape))))
            made = b.broadcast(x, shape=shapes[0], axes=axes)
        elif kind == 2:
            made = b.reverse(x, axes=(0,)) if random.random() < 0.3 else b.sin(x)
        else:
            made = b.max(x, y)
        values[made.shape].append(made)
    return b.finish([each[-1] for each in values.values()])


def programs_of_every_op(seed: int) -> Function:
    return random_program(seed, 40).function


def elementwise_programs(seed: int) -> Function:
    return elementwise_case(seed).function


OFTEN = {"together", "op", "parted", "made_before"}
OF_DAGS = {*OFTEN, "path", "order", "shape", "incomplete", "across", "rows"}


@pytest.mark.parametrize(
    ("make", "count", "named"),
    [
        (random_dag, 120, OF_DAGS),
        (deep_dag, 160, {*OF_DAGS, "axes", "late", "other_rows", "rows_of_rows"}),
        (programs_of_every_op, 60, {*OFTEN, "path", "order", "shape", "number", "axes", "grouped"}),
        (elementwise_programs, 60, OFTEN),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_conditions_hold(make: Callable[[int], Function], count: int, named: set[str]) -> None:
    found = sum((checked(make(seed)) for seed in range(count)), Counter[str]())
    assert found.keys() == named
