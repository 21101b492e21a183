"""Passes tell where equations come from, and do what they do otherwise."""

from __future__ import annotations

import pytest
from diptych.backends.pipelines import PASSES, pipeline
from diptych.ir import Builder, Function, Location, TensorType, dtypes, ops
from diptych.ir.printer import print_function
from diptych.passes.manager import run_passes
from diptych.passes.provenance import SHARED, Mark, Provenance, equations_of

from tests.passes.text import program
from tests.random_programs import random_program

TWICE = """
    func @f(%x: f32[2]) -> (f32[2], f32[2]) {
      %y: f32[2] = exp %x
      %z: f32[2] = exp %x
      return %y, %z
    }"""


def _traced(text: str, name: str) -> tuple[Function, Function, Provenance]:
    before = program(text)
    after, (record,) = run_passes(before, [PASSES[name]], trace=True)
    assert record.provenance is not None
    return before, after, record.provenance


@pytest.mark.parametrize("seed", range(60))
def test_random_programs(seed: int) -> None:
    """The same functions come out, with the same lines, and every equation comes from one that was there."""
    function = random_program(seed, 20).function
    plain, _ = run_passes(function, pipeline("numpy"))
    found, records = run_passes(function, pipeline("numpy"), trace=True)
    assert print_function(found, locations="full") == print_function(plain, locations="full")
    for record in records:
        assert record.provenance is not None
        before, after = set(equations_of(record.before)), equations_of(record.after)
        assert not any(isinstance(equation.location, Mark) for equation in after)
        assert all(record.provenance.origins[equation] in before for equation in after)
        assert all(each.of in before for each in record.provenance.replacements)


def test_what_stays_stands_for_itself() -> None:
    before, after, found = _traced("func @f(%x: f32[2]) -> (f32[2]) {\n  %y: f32[2] = exp %x\n  return %y\n}", "trim")
    assert after == before
    (equation,) = after.equations
    assert found.made_of(before.equations[0]) == [equation]


def test_a_rule_says_what_it_put_in_place_of_what() -> None:
    before, after, found = _traced(
        """
        func @f(%x: f32[2]) -> (f32[2]) {
          %y: f32[2] = neg %x
          %z: f32[2] = neg %y
          %e: f32[2] = exp %z
          return %e
        }""",
        "simplify",
    )
    assert [equation.op for equation in after.equations] == [ops.exp]
    (reason,) = found.reasons(before.equations[1])
    assert reason.rule == "neg_neg" and reason.values == after.parameters
    assert found.made_of(before.equations[1]) == [] == found.reasons(before.equations[0])  # nothing reads it
    assert found.made_of(before.equations[2]) == list(after.equations)


def test_equal_equations_become_one() -> None:
    before, after, found = _traced(TWICE, "share")
    (reason,) = found.reasons(before.equations[1])
    assert reason.rule == SHARED and reason.values == after.equations[0].results
    assert found.made_of(before.equations[0]) == list(after.equations)


def test_sharing_is_no_rule_that_fired() -> None:
    before = program(TWICE)
    _, (traced,) = run_passes(before, [PASSES["share"]], trace=True)
    _, (plain,) = run_passes(before, [PASSES["share"]])
    assert traced.fired == plain.fired == {} and plain.provenance is None


def test_equations_without_a_line_keep_none() -> None:
    b = Builder("f")
    b.find_location = False
    y = b.exp(b.parameter(TensorType(dtypes.f32, (2,))))
    b.location = Location("train.py", 3)
    after, _ = run_passes(b.finish([b.neg(y)]), pipeline("numpy"), trace=True)
    places = {equation.op: equation.location for equation in equations_of(after)}
    assert places[ops.exp] is None and places[ops.neg] == Location("train.py", 3)
