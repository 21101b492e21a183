"""Every verb on the example models, by both front ends: as text, and as JSON that says the same."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from diptych.cli import VERBS, main
from diptych.inspector.tables import counted, shortened

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
    "compile": ["--backend", "numpy"],
    "blame": ["--file", "SCRIPT"],
    "nan": [],
    "bisect": ["--a", "numpy", "--b", "reference"],
    "lint": [],
    "replay": ["--pass", "simplify"],
}
WITHOUT_JSON = {"export", "launch", "run", "check", "ops", "trace", "view"}


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


def words(verb: str, found: dict[str, Any]) -> list[str]:
    """What the text has to say, by one line of the JSON."""
    match verb:
        case "dump":
            function = found["function"]
            return [f"func @{function['name']}(", *(f"%{name}" for name in function["results"])]
        case "passes":
            changed = (each for each in found["passes"] if each["changed"])
            return [f"@{found['program']}", *(each["name"] for each in changed)]
        case "why":
            return [str(found["line"]), *(text for step in found["steps"] for text in step["equations"])]
        case "why-not":
            return [found["sentence"], *(each["equation"] for each in found["equations"])]
        case "diff":
            return [f"{found['same']} equations", *found["removed"], *found["added"]]
        case "cost":
            return [counted(found["total"]["flops"]), *(f"{each['name']} " for each in found["line"])]
        case "profile":
            return [f"medians of {found['runs']} runs", *(each["name"] for each in found["scope"])]
        case "memory":
            return [f"{counted(found['peak'])}B at most", *(shortened(f"%{each['value']}") for each in found["slots"])]
        case "compile":
            sizes = (found["arguments"], found["results"], found["temporary"])
            return [f"@{found['program']}", *map(counted, sizes), f"{found['executable'] / 1000:.1f}"]
        case "blame":
            costs = found["lines"].values()
            return [f"{counted(found['peak'])}B", *(counted(each["flops"]) for each in costs)]
        case "nan":
            assert found["found"] is None
            return [f"everything is finite in @{found['program']}"]
        case "bisect":
            assert found["agree"]
            return [f"@{found['program']}", f"{found['a']} and {found['b']} agree: {found['results']} result"]
        case "lint":
            return [found["problem"]] if "rule" in found else [f"in {found['programs']} programs"]
        case _:
            assert verb == "replay" and found["same"]
            return [f"@{found['program']}", f"{found['pass']} takes", f"the same {found['equations']['now']}"]


@pytest.mark.parametrize("verb", ARGUMENTS)
def test_verbs(verb: str, recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = [verb, str(recorded), *arguments(verb, recorded)]
    assert main(given) == 0
    text = capsys.readouterr().out
    assert main([*given, "--json"]) == 0
    found = [json.loads(each) for each in capsys.readouterr().out.splitlines()]
    assert found
    for each in found:
        for wanted in words(verb, each):
            assert wanted in text


def test_every_verb_is_tried() -> None:
    assert set(ARGUMENTS) | WITHOUT_JSON == set(VERBS)
