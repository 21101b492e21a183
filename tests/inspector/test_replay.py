"""Passes run again on what they were given."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from diptych.backends.pipelines import PASSES, PIPELINES
from diptych.cli import main
from diptych.inspector.bundles import write
from diptych.inspector.diff import diff
from diptych.inspector.replay import replay
from diptych.inspector.subjects import Subject
from diptych.ir import DiptychError, Equation, Function, parse
from diptych.passes.manager import Pass
from diptych.passes.provenance import Fired

from tests.inspector.test_why import TEXT

OTHER = "func @g(%x: f32[2]) -> (f32[2]) {\n  %y: f32[2] = exp %x\n  return %y\n}\n"


@pytest.fixture
def bundle(tmp_path: Path) -> str:
    path = tmp_path / "f.dipt"
    write(path, [Subject(parse(TEXT), "numpy"), Subject(parse(OTHER), "numpy")])
    return str(path)


def without_times(text: str) -> str:
    return re.sub(r"\d+\.\d\d ms", "? ms", text)


def printed(arguments: list[str], capsys: pytest.CaptureFixture[str], status: int = 0) -> str:
    assert main(["replay", *arguments]) == status
    return capsys.readouterr().out


def test_a_pass_that_makes_the_same(bundle: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = printed([bundle, "--pass", "simplify", "--exit-code"], capsys)
    assert (
        without_times(out)
        == """\
@f, program 0 on numpy: simplify takes ? ms then, ? ms now and makes the same 4 equations
  rules: neg_neg 1

@g, program 1 on numpy: simplify takes ? ms then, ? ms now and makes the same
  rules: none
"""
    )


@pytest.mark.parametrize("name", PIPELINES["numpy"])
def test_every_pass(name: str, bundle: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed([bundle, "--pass", name, "--exit-code", "--json"], capsys).splitlines()
    assert [json.loads(line)["same"] for line in lines] == [True, True]


def test_one_program_of_several(bundle: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert printed([bundle, "--pass", "fuse", "--program", "1"], capsys).startswith(
        "@g, program 1 on numpy: fuse takes "
    )


def test_any_target(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "program.py"
    script.write_text("import diptych.eager as torch\nprint((torch.ones(8, 8) * 2.0).exp().sum().item())\n")
    out = printed([str(script), "--pass", "fuse", "--backend", "numpy", "--exit-code"], capsys)
    assert "on numpy: fuse takes" in out and "makes the same" in out


def as_it_was(function: Function, fired: Fired) -> Function:
    return function


def test_a_pass_that_makes_something_else(
    bundle: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PASSES, "simplify", Pass("simplify", "nothing", as_it_was))
    arguments = [bundle, "--pass", "simplify", "--program", "0"]
    out = without_times(printed([*arguments, "--exit-code"], capsys, status=1))
    subject = Subject(parse(TEXT), "numpy")
    assert printed(arguments, capsys) != ""  # and status 0
    monkeypatch.undo()
    title = "@f, program 0 on numpy: simplify takes ? ms then, ? ms now and makes other equations\n"
    rules = "  rules then: neg_neg 1\n  rules now: none\n"
    assert out == title + rules + diff([subject.at("simplify")], [subject.at("erase_marks")])[0]


def test_json_says_the_same(bundle: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PASSES, "simplify", Pass("simplify", "nothing", as_it_was))
    first, second = map(json.loads, printed([bundle, "--pass", "simplify", "--json"], capsys).splitlines())
    assert (first["program"], first["backend"], first["pass"], first["same"]) == ("f", "numpy", "simplify", False)
    assert first["fired"] == {"then": {"neg_neg": 1}, "now": {}} and first["equations"] == {"then": 4, "now": 8}
    assert first["seconds"]["then"] > 0 < first["seconds"]["now"]
    assert len(first["difference"]["added"]) == 4 and first["difference"]["removed"] == []
    assert second["same"] and second["difference"] is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--pass", "magic"], f"replay: --pass is magic but must be one of those run: {', '.join(PIPELINES['numpy'])}"),
        (["--pass", "fuse", "--program", "2"], "--program is 2 but must be below 2, the number of programs"),
    ],
)
def test_refusals(arguments: list[str], message: str, bundle: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", bundle, *arguments]) == 2
    assert capsys.readouterr().err == f"diptych: {message}\n"


def test_a_pass_is_looked_for_before_a_script_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", "absent.py", "--pass", "fuse", "--backend", "reference"]) == 2
    assert capsys.readouterr().err == "diptych: replay: --pass is fuse but must be one of those run: none\n"


def test_a_pass_that_is_no_more() -> None:
    subject = Subject(parse(TEXT), "numpy")
    records = tuple(replace(record, name=record.name.replace("trim", "prune")) for record in subject.records)
    with pytest.raises(DiptychError) as refused:
        replay([Subject(subject.function, "numpy", (), records)], "prune")
    assert str(refused.value) == "replay: --pass is prune, which was recorded, but this diptych has none of that name"


def test_a_pass_that_breaks_the_program(
    bundle: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_first(function: Function, fired: Fired) -> Function:
        rest: tuple[Equation, ...] = function.equations[1:]
        return Function(function.name, function.parameters, rest, function.results)

    monkeypatch.setitem(PASSES, "trim", Pass("trim", "too much", without_first))
    assert main(["replay", bundle, "--pass", "trim"]) == 2
    message = "@f after trim: 1 fault; %e = exp: operand 0, %y, is not defined before its use"
    assert capsys.readouterr().err == f"diptych: {message}\n"
