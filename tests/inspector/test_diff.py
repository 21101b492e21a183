"""Differences of programs: by what they compute."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from diptych.cli import main
from diptych.inspector.bundles import write
from diptych.inspector.diff import difference
from diptych.inspector.subjects import Subject
from diptych.ir import parse

from tests.inspector.test_why import TEXT
from tests.random_programs import random_program


@pytest.fixture
def target(tmp_path: Path) -> str:
    path = tmp_path / "f.ir"
    path.write_text(TEXT)
    return str(path)


@pytest.mark.parametrize("seed", range(40))
def test_every_equation_is_counted_once(seed: int) -> None:
    left, *_, right = Subject(random_program(seed, 15).function, "numpy").stages
    assert difference(left, left).is_none and difference(right, right).is_none
    found = difference(left, right)
    pairs = [*found.same, *found.rewired]
    assert sorted(map(id, [*(one for one, _ in pairs), *found.removed])) == sorted(map(id, left.equations))
    assert sorted(map(id, [*(other for _, other in pairs), *found.added])) == sorted(map(id, right.equations))
    assert not found.is_none or left.fingerprint == right.fingerprint


def test_names_and_order_make_no_difference() -> None:
    renamed = TEXT.replace("%e:", "%first:").replace("%e,", "%first,").replace("return %e", "return %first")
    swapped = renamed.splitlines(keepends=True)
    swapped[5], swapped[6] = swapped[6], swapped[5]
    found = difference(parse(TEXT), parse("".join(swapped).replace("%first, %e\n", "%first, %first\n")))
    assert found.is_none and len(found.same) == 8


def test_what_one_equation_changes(target: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "g.ir"
    other.write_text(TEXT.replace("exp %y", "tanh %y", 1))
    assert main(["diff", target, str(other)]) == 0
    assert (
        capsys.readouterr().out
        == """\
@f: 5 equations alike, 2 that read others, 1 gone, 1 new
  results 0, 2 are computed otherwise
  - %again: f32[64,8] = exp %y
  + %e: f32[64,8] = tanh %y
"""
    )


def test_stages_of_one_program(target: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", target, f"{target}@simplify", "--backend", "numpy", "--exit-code"]) == 1
    out = capsys.readouterr().out
    assert "- %n: f32[64,32] = neg %x" in out and "- %unread: f32[64,8] = sin %y" in out and "\n  + " not in out
    assert main(["diff", f"{target}@simplify", f"{target}@trim", "--backend", "numpy", "--exit-code"]) == 0
    assert capsys.readouterr().out == "@f: no difference in 4 equations\n"
    assert main(["diff", target, f"{target}@final", "--backend", "numpy"]) == 0


def test_as_json(target: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", target, f"{target}@simplify", "--backend", "numpy", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["programs"] == ["f", "f"] and found["added"] == [] and len(found["removed"]) == 4
    assert found["same"] + len(found["rewired"]) == 4


def test_signatures(target: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "g.ir"
    other.write_text("func @g(%x: f32[2]) -> (f32[2]) {\n  return %x\n}\n")
    assert main(["diff", target, str(other)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("@f, @g: 0 equations alike")
    assert lines[1] == "  parameters are (f32[64,32], f32[32,8]), and (f32[2])"


def test_other_numbers_of_programs(target: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    both = tmp_path / "both.dipt"
    write(both, [Subject(parse(TEXT), "numpy")] * 2)
    assert main(["diff", target, str(both), "--exit-code"]) == 1
    assert capsys.readouterr().out.endswith("1 programs on the left, 2 on the right\n")


def test_a_script_runs_once_for_both_stages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script, runs = tmp_path / "program.py", tmp_path / "runs"
    script.write_text(
        "import diptych.eager as torch\n"
        f"with open({str(runs)!r}, 'a') as file:\n"
        "    file.write('x')\n"
        "print(torch.ones(3).exp().sum().item())\n"
    )
    assert main(["diff", f"{script}@simplify", f"{script}@final", "--backend", "numpy"]) == 0
    assert runs.read_text() == "x"


def test_refusals(target: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", target, f"{target}@nothing", "--backend", "numpy"]) == 2
    assert "stage is nothing but must be frontend, final, or a pass of numpy" in capsys.readouterr().err
    assert main(["diff", target, "none.ir"]) == 2
    assert "none.ir: there is no such file" in capsys.readouterr().err
