"""What became of values, as the command tells it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from diptych.cli import main
from diptych.inspector.bundles import write
from diptych.inspector.subjects import Subject
from diptych.inspector.why import why
from diptych.ir import parse

TEXT = """func @f(%x: f32[64,32], %w: f32[32,8]) -> (f32[64,8], f32[64,8], f32[64]) {
  %n: f32[64,32] = neg %x
  %back: f32[64,32] = neg %n
  %y: f32[64,8] = matmul %back, %w
  %e: f32[64,8] = exp %y
  %again: f32[64,8] = exp %y
  %unread: f32[64,8] = sin %y
  %square: f32[64,8] = mul %e, %e
  %sum: f32[64] = reduce_sum %square {axes=[1]}
  return %e, %again, %sum
}
"""


@pytest.fixture
def target(tmp_path: Path) -> str:
    path = tmp_path / "f.ir"
    path.write_text(TEXT)
    return str(path)


def told(target: str, value: str, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    assert main(["why", target, value, "--backend", "numpy", *options]) == 0
    return capsys.readouterr().out


def test_what_rules_replace(target: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        told(target, "%back", capsys)
        == """\
@f: made at a place that is not known
  as written   %back: f32[64,32] = neg %n
  erase_marks  as it was
  simplify     replaced by neg_neg:
                 %x, a parameter
"""
    )


def test_what_is_equal_goes_on_as_the_other_one(target: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = told(target, "again", capsys).splitlines()
    place = next(number for number, line in enumerate(lines) if line.endswith("an equal one is there:"))
    assert lines[place + 1].strip() == "%e: f32[64,8] = exp %y"
    assert len(lines) > place + 2  # which goes on


def test_what_nothing_reads(target: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(target, "unread", capsys).endswith("gone: nothing reads it\n")


def test_what_is_grouped(target: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = told(target, "%square", capsys).splitlines()
    assert any(line.endswith("in %e = fused") for line in lines)
    assert any(" ... " in line and line.endswith("as it was") for line in lines)


def test_the_line_is_the_users(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "program.py"
    script.write_text(
        "import diptych.eager as torch\ndef step():\n    x = torch.ones(8, 8)\n    return torch.relu(x @ x).sum()\n"
    )
    (story,) = map(json.loads, told(f"{script}:step", "0", capsys, "--json").splitlines())
    assert story["file"].endswith("program.py") and story["line"] in (3, 4)
    assert story["steps"][0]["stage"] == "as written" and len(story["steps"][0]["equations"]) == 1
    assert f"program.py:{story['line']}: " in told(f"{script}:step", "0", capsys)


def test_every_program_that_has_the_value(target: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = parse("func @g(%back: f32[2]) -> (f32[2]) { %u: f32[2] = neg %back return %u }")
    bundle = tmp_path / "both.dipt"
    write(bundle, [Subject(parse(Path(target).read_text()), "numpy"), Subject(other, "numpy")])
    first, second = told(str(bundle), "%back", capsys).split("\n\n")
    assert first.startswith("@f, program 0: made at ") and second == "@g, program 1: %back is a parameter\n"
    assert told(str(bundle), "u", capsys).startswith("@g, program 1: made at")


def test_parameters(target: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(target, "%x", capsys) == "@f: %x is a parameter\n"
    found = json.loads(told(target, "x", capsys, "--json"))
    assert found == {"program": "f", "number": None, "value": "x", "is_parameter": True}


def test_rules_are_named_in_json(target: str, capsys: pytest.CaptureFixture[str]) -> None:
    last = json.loads(told(target, "%back", capsys, "--json"))["steps"][-1]
    assert last["stage"] == "simplify" and last["rules"] == ["neg_neg"]
    assert last["happened"] == "replaced by neg_neg:" and last["equations"] == ["%x, a parameter"]


def test_no_such_value(target: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["why", target, "%nothing", "--backend", "numpy"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("diptych: why: there is no %nothing in @f, at any stage")


def test_a_backend_without_passes_tells_the_line_alone() -> None:
    lines = why([Subject(parse(TEXT), "reference")], "%y").splitlines()
    assert lines == ["@f: made at a place that is not known", "  as written  %y: f32[64,8] = matmul %back, %w"]
