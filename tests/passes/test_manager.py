"""The pass manager: records, counts, and which pass broke a program."""

from __future__ import annotations

from itertools import pairwise

import pytest
from diptych.backends.pipelines import PASSES
from diptych.ir import Builder, Equation, Function, TensorType, VerificationError, dtypes, ops
from diptych.passes.manager import Pass, equation_count, run_passes
from diptych.passes.provenance import Fired

from tests.passes.text import program
from tests.samples.control import function

TEXT = """
func @f(%x: f32[]) -> (f32[]) {
  %a: f32[] = neg %x
  %b: f32[] = neg %a
  %c: f32[] = sin %b
  return %c
}"""


def test_records() -> None:
    f = program(TEXT)
    result, records = run_passes(f, [PASSES["share"], PASSES["simplify"], PASSES["trim"]], checked=True)
    assert [record.name for record in records] == ["share", "simplify", "trim"]
    assert [record.changed for record in records] == [False, True, False]
    assert [record.fired for record in records] == [{}, {"neg_neg": 1}, {}]
    assert all(record.seconds > 0 for record in records)
    chain = [records[0].before, *(record.after for record in records)]
    assert chain[0] is f and chain[-1] is result
    assert all(later.before is earlier.after for earlier, later in pairwise(records))


def test_no_passes() -> None:
    f = program(TEXT)
    assert run_passes(f, []) == (f, ())


def _broken(function: Function, fired: Fired) -> Function:
    """Returns a value that nothing defines."""
    b = Builder()
    return Function(function.name, function.parameters, (), (b.parameter(TensorType(dtypes.f32), "stray"),))


def test_checked_mode_names_the_pass_that_broke_the_program() -> None:
    f = program(TEXT)
    passes = [PASSES["share"], Pass("saboteur", "breaks the program", _broken), PASSES["trim"]]
    with pytest.raises(VerificationError) as caught:
        run_passes(f, passes, checked=True)
    assert str(caught.value) == "@f after saboteur: 1 fault\n  result 0, %stray, is not defined in this function"
    result, _ = run_passes(f, passes[:2])  # nobody looks
    assert result.results[0].name == "stray"


def test_checked_mode_looks_at_the_program_first() -> None:
    f = program(TEXT)
    first = f.equations[0]
    wrong = Equation(ops.exp, first.operands, {"extra": 1}, first.results)
    broken = Function(f.name, f.parameters, (wrong, *f.equations[1:]), f.results)
    with pytest.raises(VerificationError, match="@f: 1 fault"):
        run_passes(broken, [PASSES["share"]], checked=True)


def test_equation_count_enters_nested_functions() -> None:
    inner = function("inner", "f32[]", lambda b, x: b.sin(b.cos(x)))
    outer = function("outer", "f32[]", lambda b, x: b.neg(b.call(x, body=inner)[0]))
    assert equation_count(outer) == 4
    branches = function("f", "bool[] f32[]", lambda b, p, x: b.cond(p, x, on_true=inner, on_false=outer))
    assert equation_count(branches) == 7
