"""What the user's lines cost."""

from __future__ import annotations

import json
import linecache
from pathlib import Path

import pytest
from diptych.cli import main

from tests.inspector.test_profile import LOOP, given_times

SCRIPT = """import diptych.eager as torch

def step():
    x = torch.ones(64, 32)
    y = x @ torch.ones(32, 64)
\treturn y.exp().sum()
""".replace("\t", "    ")


@pytest.fixture
def script(tmp_path: Path) -> str:
    path = tmp_path / "program.py"
    path.write_text(SCRIPT)
    return str(path)


def test_the_source_with_its_costs(script: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["blame", f"{script}:step", "--backend", "numpy"]) == 0
    title, *lines = capsys.readouterr().out.splitlines()
    assert title.startswith("program.py: 1 program; memory is of the ") and title.endswith("B that @step takes at most")
    assert lines[0].split() == ["line", "ops", "FLOP", "bytes", "memory", "source"]
    assert lines[3].split() == ["3", "def", "step():"]
    assert lines[5].split()[:4] == ["5", "1", "262k", "32.8k"] and lines[5].endswith("    y = x @ torch.ones(32, 64)")
    assert lines[6].split()[:3] == ["6", "2", "8.19k"] and lines[6].endswith("    return y.exp().sum()")


def test_numbers(script: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["blame", f"{script}:step", "--backend", "numpy", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["lines"]["5"]["flops"] == 2 * 64 * 32 * 64 and found["lines"]["6"]["equations"] == 2
    assert found["peak"] > 0
    held = sum(line["held"] for line in found["lines"].values()) + found["elsewhere"]["held"]
    assert held + found["other"] == found["peak"] > held > 0 and found["lines"]["5"]["held"] >= 64 * 64 * 4


def test_memory_is_of_the_program_that_takes_most(script: str, capsys: pytest.CaptureFixture[str]) -> None:
    both = "def both():\n    return (torch.ones(4) * 2).exp().tolist(), step().item()\n"
    Path(script).write_text(f"{SCRIPT}\n{both}")
    assert main(["memory", f"{script}:both", "--backend", "numpy", "--json"]) == 0
    small, large = (json.loads(line)["peak"] for line in capsys.readouterr().out.splitlines())
    assert main(["blame", f"{script}:both", "--backend", "numpy", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert small < large == found["peak"] and found["peak_of"] == 1
    assert main(["blame", f"{script}:both", "--backend", "numpy"]) == 0
    title = capsys.readouterr().out.splitlines()[0]
    assert title.startswith("program.py: 2 programs; ") and title.endswith(", program 1 takes at most")


def test_a_backend_that_does_not_tell_has_no_memory(script: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["blame", f"{script}:step", "--backend", "reference", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["peak"] == 0


def test_bundles(script: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bundle = str(tmp_path / "step.dipt")
    assert main(["trace", f"{script}:step", "-o", bundle, "--backend", "numpy"]) == 0
    assert main(["blame", bundle, "--file", script]) == 0
    wanted = capsys.readouterr().out
    assert main(["blame", f"{script}:step", "--backend", "numpy"]) == 0
    assert capsys.readouterr().out == wanted


def test_time(script: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["blame", f"{script}:step", "--backend", "numpy", "--profile", "--runs", "3"]
    assert main(arguments) == 0
    _, head, *lines = (line.split() for line in capsys.readouterr().out.splitlines())
    assert head == ["line", "ops", "FLOP", "bytes", "memory", "time", "source"]
    assert lines[2] == ["3", "def", "step():"] and "us" in lines[4] and "us" in lines[5]
    assert lines[-2][:3] == ["0", "0", "0"] and lines[-2][4] == "us"  # arguments in, results out, and the clock
    assert lines[-1][1:3] == ["(room", "for"]
    assert main([*arguments, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["lines"]["5"]["seconds"] > 0 and found["lines"]["6"]["seconds"] > 0
    assert found["elsewhere"]["seconds"] > 0


def test_time_adds_up_over_programs(
    script: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("diptych.inspector.profile.measure", given_times)
    Path(script).write_text(f"{SCRIPT}\ndef both():\n    return step().item(), (step() + 1.0).item()\n")
    found: dict[str, float] = {}
    assert main(["profile", f"{script}:both", "--by", "line", "--backend", "numpy", "--json"]) == 0
    programs = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    for row in (row for program in programs for row in program["line"]):
        found[row["name"]] = found.get(row["name"], 0.0) + row["seconds"]
    assert len(programs) == 2 and len(found) >= 4
    assert main(["blame", f"{script}:both", "--backend", "numpy", "--profile", "--json"]) == 0
    blamed = json.loads(capsys.readouterr().out)
    for number, line in blamed["lines"].items():
        assert line["seconds"] == pytest.approx(found.pop(f"program.py:{number}", 0.0))
    assert blamed["elsewhere"]["seconds"] == pytest.approx(sum(found.values()))


def test_estimated_time_is_marked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("diptych.inspector.profile.measure", given_times)
    source = tmp_path / "model.py"
    source.write_text("\n" * 6)
    target = tmp_path / "loop.ir"
    target.write_text(LOOP.replace("model.py", str(source)))
    assert main(["blame", str(target), "--file", str(source), "--backend", "jax", "--profile"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "model.py: 1 program"
    assert lines[6].split()[-2:] == ["~1.3", "us"] and lines[4].split()[-2:] == ["1.0", "us"]


def test_without_profile_nothing_is_known_of_time(script: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["blame", f"{script}:step", "--backend", "numpy", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert all(line["seconds"] is None for line in (*found["lines"].values(), found["elsewhere"]))


@pytest.mark.parametrize("arguments", [["--runs", "3"], ["--inputs", "x.npz"]])
def test_what_is_for_profile_alone(arguments: list[str], script: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["blame", f"{script}:step", *arguments]) == 2
    message = "diptych: blame: --runs and --inputs are for --profile, which is not given\n"
    assert capsys.readouterr().err == message


def test_other_files(script: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "other.py"
    other.write_text("pass\n")
    assert main(["blame", f"{script}:step", "--file", str(other)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line == f"diptych: blame: no program was made by {other}, but by {script}"


def test_bundles_have_the_source_with_them(script: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bundle = str(tmp_path / "step.dipt")
    assert main(["blame", f"{script}:step", "--backend", "numpy"]) == 0
    wanted = capsys.readouterr().out
    assert main(["trace", f"{script}:step", "-o", bundle, "--backend", "numpy"]) == 0
    Path(script).unlink()
    linecache.clearcache()
    for file in ([], ["--file", Path(script).name]):
        assert main(["blame", bundle, *file]) == 0
        assert capsys.readouterr().out == wanted


def test_programs_of_no_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "f.ir"
    file.write_text("func @f(%x: f32[2]) -> (f32[2]) { %y: f32[2] = neg %x return %y }")
    assert main(["blame", str(file)]) == 2
    assert capsys.readouterr().err == "diptych: blame: nobody knows which lines these programs were made by\n"


def test_rounds_are_counted_as_cost_counts_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "rounds.py"
    script.write_text(
        "import diptych.static as tf\n"
        "x, w = tf.ones([7, 4, 3]), tf.ones([3, 3])\n"
        "h = tf.scan(lambda h, x: tf.tanh(tf.matmul(h + x, w)), x, tf.zeros([4, 3]))\n"
        "tf.Session().run(h)\n"
    )
    assert main(["blame", str(script), "--backend", "numpy", "--json"]) == 0
    blamed = json.loads(capsys.readouterr().out)["lines"]["3"]["flops"]
    assert main(["cost", str(script), "--by", "line", "--peak", "9", "--bandwidth", "9", "--json"]) == 0
    (line,) = (row for row in json.loads(capsys.readouterr().out)["line"] if row["name"] == "rounds.py:3")
    assert blamed == pytest.approx(line["flops"], rel=0.05)
