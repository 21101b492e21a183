"""Faults that are put in on purpose, as the command finds them: in kernels, in passes, in plans, in rounding."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from diptych.backends import clear_cache
from diptych.backends.jax import table as jax_table
from diptych.backends.numpy import elementwise, emitters
from diptych.backends.numpy.layout import Layout
from diptych.backends.numpy.program import Program
from diptych.backends.numpy.writer import Writer
from diptych.backends.pipelines import PASSES
from diptych.cli import main
from diptych.inspector.bisect import _text, bisected
from diptych.inspector.faults import departures
from diptych.inspector.subjects import Subject
from diptych.ir import Builder, Constant, Equation, Function, Op, Value, ops, parse
from diptych.passes.manager import Pass
from diptych.passes.pattern import P, Rule, Var
from diptych.passes.plan import MemoryPlan
from diptych.passes.provenance import Fired
from diptych.passes.rules import EXACT
from diptych.passes.split import split

from tests.test_properties import EAGER_TO_SPLIT

EAGER = """
import diptych.eager as torch
from diptych.eager import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(4, 8)

    def forward(self, x):
        return torch.tanh(self.first(x))

def step():
    torch.manual_seed(0)
    x = torch.rand(16, 4)
    return (Net()(x) - 0.25).sum()

def cancel():
    x = torch.rand(8)
    return (x + 1e8) - 1e8
"""

STATIC = """
import diptych.static as tf

def run(build):
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [16, 4], name="x")
        session.run(build(x), {x: [[row / 16 + column / 8 for column in range(4)] for row in range(16)]})

def step():
    def build(x):
        with tf.name_scope("net"):
            hidden = tf.tanh(tf.matmul(x, tf.fill([4, 8], 0.125)))
        return tf.reduce_sum(hidden - 0.25)
    run(build)

def cancel():
    run(lambda x: (x + 1e8) - 1e8)
"""

X = np.linspace(-1, 1, 12, dtype=np.float32).reshape(3, 4)


@pytest.fixture(autouse=True)
def nothing_is_compiled() -> Iterator[None]:
    """Nor are wrong programs kept for other tests."""
    clear_cache()
    yield
    clear_cache()


Bisect = Callable[..., dict[str, Any]]


@pytest.fixture
def bisect(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Bisect:
    for name, text in (("eager", EAGER), ("static", STATIC)):
        (tmp_path / f"{name}.py").write_text(text)

    def bisect(program: str, a: str, b: str, *options: str) -> dict[str, Any]:
        """What is found in eager.py:step, say."""
        assert main(["bisect", f"{tmp_path}/{program}", "--a", a, "--b", b, "--json", *options]) == 0
        (found,) = map(json.loads, capsys.readouterr().out.splitlines())
        return found

    return bisect


def of(text: str, a: str, b: str, *arguments: Any, donate: tuple[int, ...] = (), **options: Any) -> dict[str, Any]:
    arrays = tuple(np.asarray(each) for each in arguments)
    return bisected(Subject(parse(text), "numpy", donate), arrays, a, b, **options)


def text_of(data: dict[str, Any]) -> list[str]:
    return _text(data).splitlines()


def only_fault(data: dict[str, Any]) -> dict[str, Any]:
    assert not data["agree"]
    (fault,) = data["faults"]
    return fault


# -- kernels ----


def a_bit_more(right: np.ufunc) -> Any:
    """What computes as `right` does, but the next larger numbers."""

    def more(*operands: np.ndarray, out: np.ndarray) -> None:
        right(*operands, out=out)
        np.nextafter(out, np.float32(9), out=out)

    return more


def too_large(x: np.ndarray, out: np.ndarray) -> None:
    np.multiply(np.tanh(x), np.float32(1.001), out=out)


@pytest.mark.parametrize("side", ["eager", "static"])
def test_a_wrong_kernel(side: str, bisect: Bisect, monkeypatch: pytest.MonkeyPatch) -> None:
    assert bisect(f"{side}.py:step", "numpy", "reference")["agree"]
    clear_cache()
    monkeypatch.setitem(elementwise.UFUNCS, ops.tanh, too_large)
    fault = only_fault(bisect(f"{side}.py:step", "numpy", "reference"))
    assert (fault["side"], fault["kind"], fault["op"]) == ("numpy", "kernel", "tanh")
    assert ("tanh(" in fault["source"]) and fault["scope"] == {"eager": "Net", "static": "net"}[side]
    difference = fault["difference"]
    assert difference["found"] == pytest.approx(1.001 * difference["wanted"], rel=1e-6)
    assert [each["type"] for each in fault["values"]] == ["f32[16,8]"]


TANH = """func @f(%x: f32[3,4]) -> (f32[3,4], f32[3,4]) {
  %a: f32[3,4] = mul %x, %x     // train.py:1
  %b: f32[3,4] = tanh %a        // train.py:2
  %c: f32[3,4] = add %b, %x     // train.py:3
  return %b, %c
}"""


def test_one_bit_with_no_tolerance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(elementwise.UFUNCS, ops.tanh, a_bit_more(np.tanh))
    assert of(TANH, "numpy", "reference", X)["agree"]
    assert of(TANH, "numpy", "reference", X, tolerance=0.0)["faults"][0]["kind"] == "rounding"  # as tanh may
    monkeypatch.setitem(elementwise.UFUNCS, ops.add, a_bit_more(np.add))
    monkeypatch.setitem(elementwise.UFUNCS, ops.tanh, np.tanh)
    fault = only_fault(of(TANH, "numpy", "reference", X, tolerance=0.0))
    assert (fault["kind"], fault["op"], fault["line"]) == ("kernel", "add", 3)


def test_it_may_be_the_other_side(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(elementwise.UFUNCS, ops.tanh, np.sin)
    fault = only_fault(of(TANH, "jax", "numpy", X))
    assert (fault["side"], fault["kind"], fault["op"]) == ("numpy", "kernel", "tanh")


def test_a_kernel_of_jax(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(jax_table.KERNELS, ops.tanh, lambda xp, x: xp.sin(x))
    fault = only_fault(of(TANH, "jax", "reference", X))
    assert (fault["side"], fault["kind"], fault["op"]) == ("jax", "kernel", "tanh")


def test_a_kernel_that_makes_another_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(jax_table.KERNELS, ops.tanh, lambda xp, x: xp.tanh(x)[:1])
    found = of(TANH, "jax", "reference", X)
    assert only_fault(found)["op"] == "tanh"
    assert "by inf at []: f32[1,4] and f32[3,4]; 12 of 12 elements differ" in text_of(found)[0]


def test_both_may_be_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(jax_table.KERNELS, ops.mul, lambda xp, x, y: x)
    monkeypatch.setitem(elementwise.UFUNCS, ops.tanh, np.sin)
    faults = of(TANH, "numpy", "jax", X)["faults"]
    assert [(each["side"], each["op"]) for each in faults] == [("numpy", "tanh"), ("jax", "mul")]


SCAN = """func @f(%start: f32[4], %xs: f32[3,4]) -> (f32[4], f32[3,4]) {
  %last: f32[4], %ys: f32[3,4] = scan %start, %xs {length=3, carries=1,
    body=func @body(%c: f32[4], %x: f32[4]) -> (f32[4], f32[4]) {
      %t: f32[4] = tanh %c
      %d: f32[4] = sub %t, %x
      return %d, %d
    }
  }
  return %last, %ys
}"""


def test_a_kernel_inside_a_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which is right in round 0, where the state is 0."""
    monkeypatch.setitem(elementwise.UFUNCS, ops.tanh, np.sin)
    fault = only_fault(of(SCAN, "numpy", "reference", np.zeros(4, np.float32), X))
    assert (fault["kind"], fault["op"]) == ("kernel", "tanh")
    assert [(each["op"], each["number"]) for each in fault["within"] if each["op"] == "scan"] == [("scan", 1)]


def test_a_group_that_is_wrong_only_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    right = emitters._emit_group

    def wrong(w: Writer, equation: Equation) -> None:
        right(w, equation)
        w.line(f"{w.full[equation.results[-1]]} += 1")

    monkeypatch.setattr(emitters, "_emit_group", wrong)
    fault = only_fault(of(TANH, "numpy", "reference", X))
    assert (fault["kind"], fault["op"]) == ("group", "fused")
    assert fault["difference"]["amount"] == pytest.approx(1)


# -- passes ----


@pytest.fixture
def wrong_rule() -> Iterator[None]:
    """x - y becomes y - x."""
    x, y = Var("x"), Var("y")
    turned: set[Value] = set()

    def build(b: Builder, x: Value, y: Value) -> Value | None:
        if x in turned or y in turned:  # once for each
            return None
        turned.update((x, y))
        return b.sub(y, x)

    EXACT.insert(0, Rule("turned", P.sub(x, y), build))
    yield
    EXACT.pop(0)


@pytest.mark.parametrize("side", ["eager", "static"])
def test_a_wrong_rule(side: str, bisect: Bisect, wrong_rule: None) -> None:
    for a, b in (("simplified", "unsimplified"), ("numpy", "reference")):
        fault = only_fault(bisect(f"{side}.py:step", a, b))
        assert (fault["side"], fault["kind"], fault["pass"], fault["rules"]) == (a, "pass", "simplify", ["turned"])
        assert fault["op"] == "sub" and "0.25" in fault["source"]
        assert fault["became"].split(" = ")[1].startswith("sub ")
        assert fault["difference"]["found"] == -fault["difference"]["wanted"]


def test_a_wrong_rule_inside_a_loop(wrong_rule: None) -> None:
    """In round 0 it makes no difference."""
    xs = np.float32([[0] * 4, [1, 2, 3, 4], [1, 1, 1, 1]])
    fault = only_fault(of(SCAN, "simplified", "unsimplified", np.zeros(4, np.float32), xs))
    assert (fault["pass"], fault["op"]) == ("simplify", "sub")
    assert [(each["op"], each["number"]) for each in fault["within"]] == [("scan", 1)]
    assert fault["equation"] == "%d: f32[4] = sub %t, %x"


def test_a_rule_that_drops_something() -> None:
    x, y = Var("x"), Var("y")
    EXACT.insert(0, Rule("dropped", P.add(x, y), lambda b, x, y: y))
    try:
        fault = only_fault(of(TANH, "numpy", "reference", X))
    finally:
        EXACT.pop(0)
    assert (fault["pass"], fault["op"], fault["rules"], fault["became"]) == ("simplify", "add", ["dropped"], None)


def wrong_pass(name: str, op: Op, other: Op, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes a pass write another op in place of one, at any depth."""
    right = PASSES[name].transform

    def changed(function: Function) -> Function:
        equations: list[Equation] = []
        for each in function.equations:
            attributes = {
                key: changed(value) if isinstance(value, Function) else value for key, value in each.attributes.items()
            }
            written = other if each.op is op else each.op
            equations.append(Equation(written, each.operands, attributes, each.results, each.location))
        return Function(function.name, function.parameters, tuple(equations), function.results)

    monkeypatch.setitem(PASSES, name, Pass(name, "", lambda function, fired: changed(right(function, fired))))


@pytest.mark.parametrize("name", ["trim", "fuse", "recompute"])
def test_a_wrong_pass(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong_pass(name, ops.tanh, ops.exp, monkeypatch)
    fault = only_fault(of(TANH, "numpy", "reference", X))
    assert (fault["kind"], fault["pass"], fault["op"], fault["line"]) == ("pass", name, "tanh", 2)
    assert fault["became"] == "%b: f32[3,4] = exp %a"


def test_values_are_held_a_few_at_a_time(wrong_rule: None, monkeypatch: pytest.MonkeyPatch) -> None:
    text = """func @f(%x: f32[3,4]) -> (f32[3,4]) {
      %a: f32[3,4] = tanh %x
      %b: f32[3,4] = exp %a
      %c: f32[3,4] = sub %b, %a
      %d: f32[3,4] = sin %c
      return %d
    }"""
    monkeypatch.setattr(departures, "WINDOW", 1)
    assert only_fault(of(text, "simplified", "unsimplified", X))["equation"] == "%c: f32[3,4] = sub %b, %a"


CONVOLUTION = """func @f(%x: f32[2,3,8,6], %w: f32[4,3,3,3]) -> (f32[2,4,8,6]) {
  %y: f32[2,4,8,6] = convolution %x, %w {layout="nc01,oi01->nc01", stride=[1, 1], padding=[[1, 1], [1, 1]], \
x_dilation=[1, 1], kernel_dilation=[1, 1]}
  %z: f32[2,4,8,6] = tanh %y
  %s: f32[2,4,8,6] = sin %z
  return %s
}"""


def test_what_lies_otherwise_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pass that turns images changes what is computed of them too."""
    random = np.random.default_rng(0)
    arrays = [random.standard_normal(shape).astype(np.float32) for shape in ((2, 3, 8, 6), (4, 3, 3, 3))]
    wrong_pass("channels_last", ops.tanh, ops.exp, monkeypatch)
    fault = only_fault(of(CONVOLUTION, "numpy", "reference", *arrays))
    assert (fault["pass"], fault["equation"]) == ("channels_last", "%z: f32[2,4,8,6] = tanh %y")
    assert fault["became"] == "%z: f32[2,8,6,4] = exp %y"


def test_equations_that_cannot_be_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The pass returns another parameter."""

    def wrong(function: Function, fired: Fired) -> Function:
        return Function(function.name, function.parameters, function.equations, function.parameters[::-1])

    monkeypatch.setitem(PASSES, "trim", Pass("trim", "", wrong))
    found = of(
        "func @f(%x: f32[], %y: f32[]) -> (f32[], f32[]) { return %x, %y }", "jax", "reference", X[0, 0], X[0, 1]
    )
    fault = only_fault(found)
    assert (fault["pass"], fault["equation"], fault["difference"]) == ("trim", None, None)
    assert text_of(found)[1:] == [
        "jax departs from the reference with the pass trim, at an equation that cannot be told"
    ]


def test_what_only_adds_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two passes go a little too far each."""

    def further(function: Function, fired: Fired) -> Function:
        b = Builder(function.name)
        x = b.parameter(function.parameters[0].type)
        (y,) = b.inline(function, [x])
        return b.finish([b.add(y, b.constant(value=Constant(np.float32(0.06))))])

    for name in ("erase_marks", "trim"):
        monkeypatch.setitem(PASSES, name, Pass(name, "", further))
    found = of("func @f(%x: f32[]) -> (f32[]) { return %x }", "numpy", "reference", np.float32(1), tolerance=0.1)
    assert only_fault(found) == {"side": "numpy", "kind": "none"}
    assert text_of(found)[1:] == [
        "numpy departs from the reference little by little: no pass and no equation alone does so far"
    ]


# -- plans ----


CHAIN = """func @f(%x: f32[4,4]) -> (f32[4,4]) {
  %a: f32[4,4] = matmul %x, %x
  %b: f32[4,4] = matmul %a, %x
  %c: f32[4,4] = matmul %b, %x
  %d: f32[4,4] = matmul %c, %a
  %e: f32[4,4] = matmul %d, %x
  return %e
}"""
SQUARE = np.linspace(0, 1, 16, dtype=np.float32).reshape(4, 4)


def test_two_values_in_one_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """While %a is still to be read, %c is written where it lies."""
    right = Layout.plan

    def wrong(self: Layout, function: Function, donate: Any = ()) -> MemoryPlan:
        plan = right(self, function, donate)
        named = {value.name: value for value in plan.slots}
        if not {"a", "c"} <= named.keys():
            return plan
        return replace(plan, slots={**plan.slots, named["c"]: plan.slots[named["a"]]})

    monkeypatch.setattr(Layout, "plan", wrong)
    fault = only_fault(of(CHAIN, "numpy", "reference", SQUARE))
    assert (fault["side"], fault["kind"]) == ("numpy", "whole")
    assert fault["equation"] == "%d: f32[4,4] = matmul %c, %a"
    assert [each["name"] for each in fault["values"]] == ["%c", "%a"]


def test_an_emitter_that_writes_past_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """A product writes where another value lies, if it lies in the arena itself."""
    right = emitters.EMITTERS[ops.matmul]

    def wrong(w: Writer, equation: Equation) -> None:
        right(w, equation)
        if equation.results[0] in w.slots and equation.results[0].name == "b":
            w.line(f"{w.once('arena[:4]')}.fill(255)")

    monkeypatch.setitem(emitters.EMITTERS, ops.matmul, wrong)
    fault = only_fault(of(CHAIN, "numpy", "reference", SQUARE))
    assert (fault["kind"], fault["equation"]) == ("whole", "%d: f32[4,4] = matmul %c, %a")
    assert fault["difference"]["amount"] == "inf"


def test_results_that_are_exchanged(monkeypatch: pytest.MonkeyPatch) -> None:
    """No beginning of the program is wrong, and no equation makes the result."""
    right = Program._results
    monkeypatch.setattr(Program, "_results", lambda self, w: right(self, w)[::-1])
    text = "func @f(%x: f32[], %y: f32[]) -> (f32[], f32[]) { %z: f32[] = neg %y return %x, %z }"
    found = of(text, "numpy", "reference", np.float32(1), np.float32(2))
    fault = only_fault(found)
    assert (fault["kind"], fault["equation"]) == ("whole", None)
    assert text_of(found)[1:] == [
        "numpy computes each equation as the reference does, but not all of them together, up to here"
    ]


# -- precision ----


@pytest.mark.parametrize("side", ["eager", "static"])
def test_what_cancels_in_single_precision(side: str, bisect: Bisect) -> None:
    fault = only_fault(bisect(f"{side}.py:cancel", "float32", "float64"))
    assert (fault["side"], fault["pass"], fault["op"]) == ("float64", "double_precision", "sub")
    assert "- 1e8" in fault["source"]
    assert fault["difference"]["wanted"] == 0.0 and 0 < fault["difference"]["found"] < 2


def test_the_text_of_precision(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "f.ir"
    path.write_text("""func @f(%x: f32[2]) -> (f32[2]) {
      %big: f32[2] = constant {value=f32[2] 1e8}  // train.py:1
      %a: f32[2] = add %x, %big  // train.py:2
      %b: f32[2] = sub %a, %big  // train.py:3
      return %b
    }""")
    np.savez(tmp_path / "in.npz", x=np.float32([0.5, 2]))
    arguments = ["bisect", str(path), "--a", "float32", "--b", "float64", "--inputs", str(tmp_path / "in.npz")]
    assert main([*arguments, "--exit-code"]) == 1
    assert (
        capsys.readouterr().out
        == """\
@f: float32 and float64 differ: result 0, f32[2], by 2 at [1]: 0.0 and 2.0; 2 of 2 elements differ
float64 departs from what single precision computes
  %b: f32[2] = sub %a, %big
  train.py:3
  by 2 at [1]: 2.0 and 0.0; 2 of 2 elements differ
    %a    f32[2]  100000000.0
    %big  f32[2]  100000000.0
"""
    )
    assert main([*arguments, "--tolerance", "1"]) == 0
    assert capsys.readouterr().out == (
        "@f: float32 and float64 agree: 1 result; furthest apart in result 0, f32[2], by 2 at [1]: 0.0 and 2.0; "
        "2 of 2 elements differ\n"
    )


# -- what is told ----


def test_the_text_of_a_wrong_rule(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, wrong_rule: None
) -> None:
    path = tmp_path / "f.ir"
    path.write_text(SCAN)
    np.savez(tmp_path / "in.npz", start=np.zeros(4, np.float32), xs=np.float32([[0] * 4, [1, 2, 3, 4], [0] * 4]))
    arguments = ["bisect", str(path), "--backend", "numpy", "--inputs", str(tmp_path / "in.npz")]
    assert main([*arguments, "--a", "simplified", "--b", "unsimplified"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1:5] == [
        "simplified departs from the reference with the pass simplify, by turned",
        "  %d: f32[4] = sub %t, %x",
        "  in round 1 (from 0) of %last = scan",
        "  became %d: f32[4] = sub %x, %t",
    ]
    assert lines[5] == "  by 8 at [3]: 4.0 and -4.0; 4 of 4 elements differ"
    assert lines[6:] == ["    %t  f32[4]  0.0", "    %x  f32[4]  1.0 to 4.0"]
    assert main([*arguments, "--a", "unsimplified", "--b", "float64"]) == 0
    assert "agree: 2 results" in capsys.readouterr().out


def test_agreement(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "f.ir"
    path.write_text("func @f(%x: i32[3]) -> (i32[3]) { %y: i32[3] = neg %x return %y }")
    arguments = ["bisect", str(path), "--a", "numpy", "--b", "jax", "--exit-code"]
    assert main(arguments) == 0
    assert capsys.readouterr().out == "@f: numpy and jax agree: 1 result, the same\n"
    assert main([*arguments, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["agree"], found["results"], found["faults"]) == (True, 1, [])
    assert found["difference"]["amount"] == 0 and found["difference"]["count"] == 0
    path.write_text("func @f() -> () { return }")
    assert main(arguments) == 0
    assert capsys.readouterr().out == "@f: numpy and jax agree: there is no result\n"


def test_integers_must_be_equal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(jax_table.KERNELS, ops.neg, lambda xp, x: -x + 1)
    text = "func @f(%x: i32[]) -> (i32[]) { %y: i32[] = neg %x return %y }"
    assert only_fault(of(text, "jax", "reference", np.int32(10**9), tolerance=0.5))["op"] == "neg"


def test_nan_is_nan_and_infinities_have_signs() -> None:
    text = """func @f(%x: f32[3]) -> (f32[3], f32[3]) {
      %y: f32[3] = log %x
      %z: f32[3] = div %x, %y
      return %y, %z
    }"""
    assert of(text, "numpy", "jax", np.float32([0, -1, np.inf]))["agree"]


def test_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Split into two parts, whose kernel is wrong."""
    split_always = Pass("split", "", lambda function, fired: split(function, 2, EAGER_TO_SPLIT))
    monkeypatch.setitem(PASSES, "split", split_always)
    monkeypatch.setitem(elementwise.UFUNCS, ops.tanh, too_large)
    x = np.linspace(-1, 1, 4096, dtype=np.float32).reshape(64, 64)
    text = """func @f(%x: f32[64,64]) -> (f32[64,64]) {
      %y: f32[64,64] = matmul %x, %x
      %z: f32[64,64] = tanh %y
      return %z
    }"""
    fault = only_fault(of(text, "numpy", "reference", x))
    assert (fault["kind"], fault["op"]) == ("kernel", "tanh")
    assert "parallel" in [each["op"] for each in fault["within"]]


def test_every_program_of_a_bundle(bisect: Bisect, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Which has its own passes: those that a wrong rule made are found when the rule is right again."""
    EXACT.insert(0, Rule("dropped", P.sub(Var("x"), Var("y")), lambda b, x, y: x))
    try:
        assert main(["trace", f"{tmp_path}/static.py:step", "-o", f"{tmp_path}/step.dipt", "--backend", "numpy"]) == 0
    finally:
        EXACT.pop(0)
    assert main(["bisect", f"{tmp_path}/step.dipt", "--a", "numpy", "--b", "reference", "--exit-code", "--json"]) == 1
    fault = only_fault(json.loads(capsys.readouterr().out))
    assert (fault["pass"], fault["op"], fault["rules"]) == ("simplify", "sub", ["dropped"])
    assert main(["bisect", f"{tmp_path}/step.dipt", "--a", "jax", "--b", "reference", "--exit-code"]) == 0


def test_sizes_with_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "f.ir"
    path.write_text("func @f(%x: f32[n]) -> (f32[n]) { %y: f32[n] = neg %x return %y }")
    arguments = ["bisect", str(path), "--a", "numpy", "--b", "reference", "--json"]
    assert main([*arguments, "--size", "n=5"]) == 0
    assert json.loads(capsys.readouterr().out)["type"] == "f32[5]"


def test_messages_are_told_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "told.py"
    script.write_text(
        "import diptych.static as tf\n"
        "def f():\n"
        "    x = tf.placeholder(tf.float32, [2], name='x')\n"
        "    y = tf.Print(tf.exp(x), [x], 'told')\n"
        "    with tf.Session() as session:\n"
        "        session.run(y, {x: [1.0, 2.0]})\n"
    )
    assert main(["bisect", f"{script}:f", "--a", "numpy", "--b", "jax"]) == 0
    captured = capsys.readouterr()
    assert captured.err.count("told") == 1 and "agree" in captured.out


def test_arguments_may_be_written_over(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "func @f(%x: f32[4,4]) -> (f32[4,4]) { %y: f32[4,4] = exp %x return %y }"
    given = SQUARE.copy()
    assert of(text, "numpy", "jax", given, donate=(0,))["agree"]
    assert (given == SQUARE).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--a", "numpy", "--b", "numpy"], "bisect: --a is numpy and --b is numpy but must be two ways to compute"),
        (
            ["--a", "reference", "--b", "unsimplified"],
            "bisect: --a is reference and --b is unsimplified but must be two ways to compute",
        ),
        (
            ["--a", "simplified", "--b", "float32", "--backend", "reference"],
            "bisect: --a is simplified and --b is float32 but must be two ways to compute",
        ),
    ],
)
def test_refusals(options: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "f.ir"
    path.write_text(TANH)
    assert main(["bisect", str(path), *options]) == 2
    assert capsys.readouterr().err == f"diptych: {message}\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--a", "numpy"], "diptych bisect: the following arguments are required: --b; try: diptych bisect --help"),
        (
            ["--a", "numpy", "--b", "jax", "--tolerance", "-1"],
            "diptych bisect: argument --tolerance: -1 must be a number, 0 or more; try: diptych bisect --help",
        ),
        (
            ["--a", "numpy", "--b", "jax", "--tolerance", "much"],
            "diptych bisect: argument --tolerance: much must be a number, 0 or more; try: diptych bisect --help",
        ),
    ],
)
def test_wrong_arguments(options: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["bisect", "f.ir", *options])
    assert ended.value.code == 2 and capsys.readouterr().err == message + "\n"
