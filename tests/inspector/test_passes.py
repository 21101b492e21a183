"""What passes did, as the command prints it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from diptych.backends.pipelines import PIPELINES
from diptych.cli import main
from diptych.inspector.passes import passes
from diptych.inspector.subjects import Subject
from diptych.ir import parse

from tests.inspector.test_why import TEXT


def test_the_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "f.ir"
    path.write_text(TEXT)
    assert main(["passes", str(path), "--backend", "numpy"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "@f on numpy"
    assert [line.split()[0] for line in lines[2:]] == list(PIPELINES["numpy"])
    simplify = next(line.split() for line in lines if "simplify" in line)
    assert simplify[2:] == ["8", "4", "64.8k", "23.8k", "neg_neg", "1"]


def test_those_that_changed_something(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(passes([Subject(parse(TEXT), "numpy")], changed_only=True, as_json=True))
    assert [each["name"] for each in found["passes"]] == ["simplify", "fuse"]
    assert all(each["changed"] for each in found["passes"])
    everything = json.loads(passes([Subject(parse(TEXT), "numpy")], as_json=True))
    assert len(everything["passes"]) == len(PIPELINES["numpy"]) and everything["backend"] == "numpy"


def test_a_group_moves_less() -> None:
    (simplify, fuse) = json.loads(passes([Subject(parse(TEXT), "numpy")], changed_only=True, as_json=True))["passes"]
    assert simplify["fired"] == {"neg_neg": 1} and simplify["equations"] == [8, 4]
    assert fuse["bytes"][1] < fuse["bytes"][0] == simplify["bytes"][1]


def test_named_dimensions_stay() -> None:
    found = json.loads(passes([Subject(parse(TEXT.replace("64", "n")), "reference")], as_json=True))
    assert found["passes"] == []
    (simplify, *_) = json.loads(
        passes([Subject(parse(TEXT.replace("64", "n")), "jax")], changed_only=True, as_json=True)
    )["passes"]
    assert "n" in simplify["bytes"][0]
