"""Why equations are not fused, as the command tells it. `test_apart.py` holds the conditions against what was fused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
from diptych.backends.pipelines import PASSES
from diptych.backends.settings import configure, settings
from diptych.cli import main
from diptych.inspector.bundles import write
from diptych.inspector.subjects import Subject
from diptych.inspector.why_not import why_not
from diptych.ir import DiptychError, Function, ops, parse
from diptych.ir.names import ValueNames
from diptych.passes.manager import run_passes

from tests.inspector.test_why import TEXT
from tests.passes.test_fuse import random_dag

CONDITIONS = """func @f(%x: f32[4,6], %w: f32[6,6], %v: f32[6], %c: f32[2,3,4]) -> (f32[4,6], f32[4,6], f32[4,6], f32[2,4]) {
  %a: f32[4,6] = exp %x
  %m: f32[4,6] = matmul %a, %w
  %b: f32[4,6] = tanh %m
  %u: f32[6] = sin %v
  %total: f32[6] = reduce_sum %b {axes=[0]}
  %wide: f32[4,6] = broadcast %total {shape=[4, 6], axes=[1]}
  %d: f32[4,6] = sub %b, %wide
  %rows: f32[4] = reduce_max %a {axes=[1]}
  %number: f32[] = reduce_sum %rows {axes=[0]}
  %root: f32[] = sqrt %number
  %all: f32[4,6] = broadcast %root {shape=[4, 6], axes=[]}
  %turned: f32[4,6] = broadcast %u {shape=[4, 6], axes=[1]}
  %e: f32[4,6] = mul %turned, %all
  %middle: f32[2,4] = reduce_sum %c {axes=[1]}
  return %d, %e, %b, %middle
}
"""

SQUARE = """func @f(%x: f32[4,4], %y: f32[4,4]) -> (f32[4,4], f32[4,4], f32[4]) {
  %a: f32[4,4] = exp %x
  %rows: f32[4] = reduce_sum %a {axes=[1]}
  %turned: f32[4,4] = broadcast %rows {shape=[4, 4], axes=[1]}
  %b: f32[4,4] = tanh %turned
  %c: f32[4,4] = sin %y
  %d: f32[4,4] = neg %c
  %sums: f32[4] = reduce_sum %y {axes=[0]}
  return %b, %d, %sums
}
"""

DEEP = """func @f(%x: f32[2,3,4]) -> (f32[2,3], f32[2], f32[2]) {
  %a: f32[2,3,4] = exp %x
  %plane: f32[2,3] = reduce_sum %a {axes=[2]}
  %line: f32[2] = reduce_sum %a {axes=[1, 2]}
  %sums: f32[2] = reduce_max %plane {axes=[1]}
  %low: f32[2,3] = neg %plane
  return %low, %line, %sums
}
"""

TWICE = """func @f(%x: f32[256,256], %w: f32[256,256]) -> (f32[256,256]) {
  %a: f32[256,256] = abs %x
  %b: f32[256,256] = neg %a
  %m: f32[256,256] = matmul %b, %w
  %c: f32[256,256] = mul %a, %m
  %d: f32[256,256] = atan2 %c, %b
  return %d
}
"""

NESTED = """func @f(%x: f32[5,3], %y: f32[3]) -> (f32[3], f32[3]) {
  %last: f32[3] = scan %y, %x {length=5, carries=1,
    body=func @body(%state: f32[3], %row: f32[3]) -> (f32[3]) {
      %sum: f32[3] = add %state, %row
      %next: f32[3] = tanh %sum
      return %next
    }
  }
  %z: f32[3] = exp %y
  return %last, %z
}
"""


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    """Tests set how many there are."""
    before = settings().threads
    yield
    configure(threads=before)


def only_fused(text: str) -> Subject:
    """A program that goes through this pass alone."""
    function = parse(text)
    return Subject(function, "numpy", (), run_passes(function, [PASSES["fuse"]], trace=True)[1])


@pytest.mark.parametrize(
    ("text", "names", "condition", "sentence"),
    [
        (CONDITIONS, "a m", "op", "matmul is never fused"),
        (CONDITIONS, "a root", "number", "%root is a single number, and groups work on arrays"),
        (
            CONDITIONS,
            "a middle",
            "axes",
            "%middle reduces [2,3,4] over axes [1], and a group does over the last axes or over the first",
        ),
        (
            CONDITIONS,
            "a u",
            "shape",
            "%a works on [4,6] and %u on [6]: a group works on one shape, and on rows of it",
        ),
        (CONDITIONS, "a b", "path", "%b reads %m, which reads %a; matmul is never fused"),
        (CONDITIONS, "a d", "path", "%d waits for %m, which reads %a; matmul is never fused"),
        (CONDITIONS, "b d", "incomplete", "%d reads %total, which is complete only when its group has ended"),
        (CONDITIONS, "a wide", "copied", "%wide is copied into each group that reads it, and none has both"),
        (SQUARE, "a b", "across", "%b reads %rows along axes [1], and a group goes on with it along axes [0] alone"),
        (SQUARE, "a d", "parted", "nothing that can be fused with them connects %a and %d"),
        (
            SQUARE,
            "sums c",
            "made_before",
            "%sums reduces %y over the first axes, as only a group does that makes %y, and %y is a parameter",
        ),
        (DEEP, "a line", "other_rows", "%line makes rows [2], and the group has rows [2,3], of %plane"),
        (
            DEEP,
            "a sums",
            "rows_of_rows",
            "%sums reduces [2,3], rows of the group, over their last axes, and a group has no rows of rows",
        ),
        (NESTED, "sum z", "functions", "they are in different functions, each with groups of its own"),
    ],
)
def test_conditions(text: str, names: str, condition: str, sentence: str) -> None:
    one, two = names.split()
    (answer,) = why_not([only_fused(text)], one, two)
    assert (answer.condition, answer.together) == (condition, False)
    assert answer.sentence == f"%{one} and %{two} are in no group together: {sentence}"
    assert why_not([only_fused(text)], two, one)[0].condition == condition


def test_what_comes_behind_the_group() -> None:
    """What holds up the other one lies on no way from the one: it waits for what was grouped with that."""
    text = """func @f(%x: f32[4,4]) -> (f32[4,4], f32[4,4]) {
      %a: f32[4,4] = exp %x
      %b: f32[4,4] = neg %a
      %c: f32[4,4] = sin %a
      %turned: f32[4,4] = reverse %b {axes=[0]}
      %d: f32[4,4] = cos %turned
      return %c, %d
    }"""
    (answer,) = why_not([only_fused(text)], "c", "d")
    assert answer.condition == "order"
    assert answer.sentence.endswith("%d reads %turned, which comes behind the group of %c; reverse is never fused")


def test_the_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "f.ir"
    path.write_text(CONDITIONS)
    assert main(["why-not", str(path), "--fuse", "%a", "b", "--backend", "numpy"]) == 0
    assert (
        capsys.readouterr().out
        == """\
@f: %a and %b are in no group together: %b reads %m, which reads %a; matmul is never fused
  %a: f32[4,6] = exp %x
  %b: f32[4,6] = tanh %m
  %m: f32[4,6] = matmul %a, %w
"""
    )
    assert main(["why-not", str(path), "--fuse", "a", "rows", "--backend", "numpy"]) == 0
    assert (
        capsys.readouterr().out
        == """\
@f: %a and %rows are in one group of 3 equations
  %a: f32[4,6] = exp %x  in %a = fused
  %rows: f32[4] = reduce_max %a {axes=[1]}  in %a = fused
"""
    )


def test_json_says_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "f.ir"
    path.write_text(TWICE.replace("%a: f32[256,256] = abs %x", "%a: f32[256,256] = abs %x  // a.py:3"))
    assert main(["why-not", str(path), "--fuse", "a", "m", "--backend", "numpy", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    (answer,) = why_not([Subject(parse(path.read_text()), "numpy")], "a", "m")
    assert found["program"] == "f" and found["condition"] == "op" and found["together"] is False
    assert found["sentence"] == answer.sentence
    assert [each["equation"] for each in found["equations"]] == [text for text, _ in answer.equations]
    assert (found["equations"][0]["file"], found["equations"][0]["line"]) == ("a.py", 3)
    assert (found["equations"][1]["file"], found["equations"][1]["line"]) == (None, None)


@pytest.mark.parametrize(
    ("names", "condition", "sentence"),
    [
        ("x e", "parameter", "%x is a parameter, and groups hold equations"),
        ("n e", "gone", "%n is gone before fuse: simplify: nothing reads it"),
        ("back e", "gone", "%back is gone before fuse: simplify: replaced by neg_neg: %x, a parameter"),
        ("again e", "same", "%again and %e are one equation when fuse runs"),
        ("again square", "together", "%again and %square are in one group of 3 equations"),
    ],
)
def test_what_became_of_values_before(names: str, condition: str, sentence: str) -> None:
    (answer,) = why_not([Subject(parse(TEXT), "numpy")], *names.split())
    assert (answer.condition, answer.sentence) == (condition, sentence)


def test_a_value_is_shown_by_the_name_that_it_has_then() -> None:
    (answer,) = why_not([Subject(parse(TEXT), "numpy")], "again", "y")
    assert [text for text, _ in answer.equations] == [
        "%again as %e: f32[64,8] = exp %y",
        "%y: f32[64,8] = matmul %x, %w",
    ]


def test_names_at_a_stage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """%0 is another value at each of them."""
    path = tmp_path / "f.ir"
    path.write_text(TEXT.replace("%n", "%0").replace("%square", "%1"))
    asked = ["why-not", str(path), "--backend", "numpy", "--fuse", "0", "e"]
    assert main(asked) == 0
    assert "%0 is gone before fuse" in capsys.readouterr().out
    for stage in ("after=simplify", "final"):
        assert main([*asked, "--stage", stage]) == 0
        assert capsys.readouterr().out.startswith("@f: %0 and %e are in one group of 3 equations\n")


def test_a_result_of_a_group_is_the_equation_that_makes_it() -> None:
    subject = Subject(parse(TEXT), "numpy")
    assert why_not([subject], "sum", "y", stage="final")[0].condition == "op"
    assert why_not([subject], "sum", "y", stage="final")[0].equations[0][0].startswith("%sum: f32[64] = reduce_sum")


def test_what_is_computed_again_in_the_other_group() -> None:
    configure(threads=1)
    (answer,) = why_not([Subject(parse(TWICE), "numpy")], "b", "d")
    assert answer.condition == "path"
    assert answer.sentence.endswith("; but recompute computes one of them again in the group of the other")


def test_parts_of_one_equation() -> None:
    """Those that are in one group count, or in one function."""
    configure(threads=2)
    subject = Subject(parse(TWICE.replace("256", "1024")), "numpy")
    assert any(equation.op is ops.parallel for equation in subject.at("split").equations)
    assert why_not([subject], "a", "b")[0].together
    assert why_not([subject], "b", "d")[0].condition == "path"


def test_a_bundle(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "f.dipt"
    write(path, [Subject(parse(CONDITIONS), "numpy")])
    for stage in ([], ["--stage", "final"]):
        assert main(["why-not", str(path), "--fuse", "a", "b", *stage]) == 0
        assert "%b reads %m, which reads %a; matmul is never fused\n" in capsys.readouterr().out


def every_pair(function: Function) -> tuple[int, int]:
    """How many pairs of a function are in one group, and how many are said to be."""
    record = run_passes(function, [PASSES["fuse"]], trace=True)[1][0]
    assert record.provenance is not None
    subject = Subject(function, "numpy", (), (record,))
    origins, names = record.provenance.origins, ValueNames(function)
    grouped, said = 0, 0
    bodies = [{origins[e] for e in g.attributes["body"].equations} for g in record.after.equations if g.op is ops.fused]
    for pair in combinations(function.equations, 2):
        together = any(body.issuperset(pair) for body in bodies)
        (answer,) = why_not([subject], *(names[equation.results[0]] for equation in pair))
        assert answer.together == together, answer
        grouped, said = grouped + together, said + answer.together
    return grouped, said


@pytest.mark.parametrize("seed", range(4))
def test_every_pair_of_a_program(seed: int) -> None:
    grouped, said = every_pair(random_dag(seed))
    assert grouped == said > 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["a", "%a"], "why-not: --fuse is %a twice but must be two values"),
        (
            ["a", "none"],
            "why-not: there are no %a and %none together in @f, at any stage: `diptych dump --all-passes` shows them all",
        ),
        (
            ["a", "none", "--stage", "final"],
            "why-not: there are no %a and %none together in @f, at stage final: "
            "`diptych dump --all-passes` shows them all",
        ),
        (
            ["a", "b", "--backend", "jax"],
            "why-not: jax has no pass fuse: XLA fuses by itself, and tells nobody; try: --backend numpy",
        ),
        (
            ["a", "b", "--backend", "reference"],
            "why-not: reference has no pass fuse: equations run one after another; try: --backend numpy",
        ),
    ],
)
def test_refusals(arguments: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "f.ir"
    path.write_text(CONDITIONS)
    backend = [] if "--backend" in arguments else ["--backend", "numpy"]
    assert main(["why-not", str(path), "--fuse", *arguments, *backend]) == 2
    assert capsys.readouterr().err == f"diptych: {message}\n"


def test_a_bundle_without_the_pass() -> None:
    with pytest.raises(DiptychError, match="^why-not: numpy has no pass fuse: its bundle has none"):
        why_not([Subject(parse(TEXT), "numpy", (), ())], "e", "square")


def test_a_bundle_of_other_groups() -> None:
    function = parse(TEXT)
    record = run_passes(function, [PASSES["simplify"]], trace=True)[1][0]
    renamed = Subject(function, "numpy", (), (replace(record, name="fuse"),))
    with pytest.raises(DiptychError, match="fuse makes other groups now than it did when this was recorded"):
        why_not([renamed], "e", "square")
