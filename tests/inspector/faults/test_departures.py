"""Random programs of which a random pass writes one equation wrong: that pass is named, and that equation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from random import Random

from diptych.backends.pipelines import PASSES, PIPELINES
from diptych.inspector.bisect import bisected
from diptych.inspector.faults.bounds import bound_of
from diptych.inspector.faults.departures import departure
from diptych.inspector.inputs import made_up
from diptych.inspector.subjects import Subject
from diptych.ir import Equation, Function, Op, Value, ops, parse
from diptych.passes.manager import Pass, run_passes
from diptych.passes.provenance import Fired

from tests.random_programs import random_program

OTHERS: dict[Op, Op] = {
    ops.add: ops.sub, ops.sub: ops.add, ops.mul: ops.add, ops.div: ops.mul, ops.max: ops.min, ops.min: ops.max,
    ops.sin: ops.cos, ops.cos: ops.sin, ops.tanh: ops.sin, ops.exp: ops.neg, ops.neg: ops.abs, ops.abs: ops.neg,
}  # fmt: skip
Path = tuple[tuple[int, str], ...]  # of a nested function: the places of the equations around it, and attributes


def places(function: Function, path: Path = ()) -> list[tuple[Path, int]]:
    """Where an equation could be written wrong, at any depth."""
    found: list[tuple[Path, int]] = []
    for place, equation in enumerate(function.equations):
        if equation.op in OTHERS and equation.results[0].dtype.is_differentiable:
            found.append((path, place))
        for name, nested in equation.functions():
            found += places(nested, (*path, (place, name)))
    return found


def with_other_op(function: Function, path: Path, place: int, wrong: list[Value]) -> Function:
    """The function with another op there, whose result is noted."""
    equations = list(function.equations)
    at = path[0][0] if path else place
    old = equations[at]
    op, attributes = old.op, dict(old.attributes)
    if path:
        name = path[0][1]
        attributes[name] = with_other_op(attributes[name], path[1:], place, wrong)
    else:
        op = OTHERS[op]
        wrong[:] = old.results
    equations[at] = Equation(op, old.operands, attributes, old.results, old.location)
    return Function(function.name, function.parameters, tuple(equations), function.results)


def wrong_passes(which: str, random: Random, wrong: list[Value]) -> Sequence[Pass]:
    def transform(function: Function, fired: Fired) -> Function:
        right = PASSES[which].transform(function, fired)
        known = places(right)
        return with_other_op(right, *random.choice(known), wrong) if known else right

    return [Pass(name, "", transform) if name == which else PASSES[name] for name in PIPELINES["numpy"]]


def test_what_a_pass_writes_wrong_is_found() -> None:
    verdicts: Counter[str] = Counter()
    for seed in range(300):
        random, wrong = Random(seed), list[Value]()
        made = random_program(seed, random.randrange(3, 30))
        which = random.choice(PIPELINES["numpy"])
        passes = wrong_passes(which, random, wrong)
        records = run_passes(made.function, passes, checked=True, trace=True)[1]
        subject, arguments = Subject(made.function, "numpy", (), records), tuple(made.arguments)
        found = bisected(subject, arguments, "simplified", "unsimplified")
        if found["agree"]:  # the wrong value makes no difference
            continue
        (fault,) = found["faults"]
        assert (fault["kind"], fault["pass"]) == ("pass", which), seed
        (record,) = [each for each in records if each.name == which]
        place = departure(record, arguments, bound_of(made.function, None))
        assert place is not None, seed
        is_it = place.made is not None and place.made.results == tuple(wrong)
        verdicts["this equation" if is_it else "near it"] += 1
    assert verdicts["this equation"] > 150 and verdicts["near it"] <= 0.05 * verdicts.total(), verdicts


CHANNELS = """func @f(%x: f32[2,4,4,4], %k: f32[4,4,3,3]) -> (f32[2,4,4,4]) {
  %y: f32[2,4,4,4] = convolution %x, %k {layout="nc01,oi01->nc01", stride=[1, 1], padding=[[1, 1], [1, 1]], x_dilation=[1, 1], kernel_dilation=[1, 1]}
  %z: f32[2,4,4,4] = tanh %y
  %w: f32[2,4,4,4] = convolution %z, %k {layout="nc01,oi01->nc01", stride=[1, 1], padding=[[1, 1], [1, 1]], x_dilation=[1, 1], kernel_dilation=[1, 1]}
  return %w
}"""


def test_values_that_lie_otherwise_in_equal_shapes_are_no_departure() -> None:
    function = parse(CHANNELS)
    (record,) = run_passes(function, [PASSES["channels_last"]], trace=True)[1]
    assert any(each.attributes.get("layout", "").startswith("n01c") for each in record.after.equations)
    arguments = tuple(made_up(function))
    assert departure(record, arguments, bound_of(function, None)) is None
