"""Every verb on the example models, by both front ends: as text, and as JSON that says something."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from diptych.cli import VERBS, main

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
# What each verb takes behind its target; PROGRAM is the bundle again, VALUE and OTHER are names that it has.
ARGUMENTS: dict[str, list[str]] = {
    "dump": ["--stage", "final"],
    "passes": ["--changed-only"],
    "why": ["VALUE"],
    "why-not": ["--fuse", "VALUE", "OTHER"],
    "diff": ["PROGRAM@final"],
    "cost": ["--by", "line", "--peak", "100", "--bandwidth", "20"],
    "profile": ["--by", "scope", "--runs", "1"],
    "memory": ["--slots"],
    "blame": ["--file", "SCRIPT"],
    "nan": [],
    "bisect": ["--a", "numpy", "--b", "reference"],
    "lint": [],
    "replay": ["--pass", "simplify"],
}
WITHOUT_JSON = {"run", "check", "ops", "trace", "view"}


@pytest.fixture(scope="session", params=["digits_static", "digits_eager"])
def recorded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of an example, with what its programs first ran on."""
    file = tmp_path_factory.mktemp("examples") / f"{request.param}.dipt"
    command = [sys.executable, "-m", "diptych", "trace", str(EXAMPLES / f"{request.param}.py"), "-o", str(file)]
    subprocess.run([*command, "--arrays", "--backend", "numpy"], check=True, capture_output=True)
    return file


def arguments(verb: str, bundle: Path) -> list[str]:
    from diptych.inspector.bundles import read
    from diptych.ir.names import ValueNames

    function = read(bundle)[-1].function
    value, other = (ValueNames(function)[function.equations[place].results[0]] for place in (-1, -2))
    given = {
        "VALUE": value,
        "OTHER": other,
        "PROGRAM@final": f"{bundle}@final",
        "SCRIPT": str(EXAMPLES / f"{bundle.stem}.py"),
    }
    return [given.get(each, each) for each in ARGUMENTS[verb]]


@pytest.mark.parametrize("verb", ARGUMENTS)
def test_verbs(verb: str, recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = [verb, str(recorded), *arguments(verb, recorded)]
    assert main(given) == 0
    text = capsys.readouterr().out
    assert len(text.splitlines()) >= 1
    assert main([*given, "--json"]) == 0
    lines = capsys.readouterr().out
    found = [json.loads(each) for each in lines.splitlines()]
    assert found and all(isinstance(each, dict) and each for each in found)


def test_every_verb_is_tried() -> None:
    assert set(ARGUMENTS) | WITHOUT_JSON == set(VERBS)
