"""What programs cost, as the command prints it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from diptych.cli import main
from diptych.inspector.cost import cost
from diptych.inspector.roofline import Peak, measured_peak
from diptych.inspector.subjects import Subject
from diptych.inspector.tables import counted, shortened
from diptych.ir import parse

STEP = """func @step(%x: f32[64,128], %w: f32[128,32]) -> (f32[64]) {
  %y: f32[64,32] = matmul %x, %w
  %e: f32[64,32] = exp %y
  %f: f32[64,32] = exp %e
  %s: f32[64] = reduce_sum %f {axes=[1]}
  return %s
}
"""
PEAK = ["--peak", "100", "--bandwidth", "20"]


@pytest.fixture
def step(tmp_path: Path) -> str:
    path = tmp_path / "step.ir"
    path.write_text(STEP)
    return str(path)


def test_the_table(step: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", step, *PEAK]) == 0
    assert (
        capsys.readouterr().out
        == """\
@step: at 100 GFLOP/s and 20 GB/s, memory bounds what has less than 5.0 FLOP for a byte
  result   FLOP  bytes  FLOP/byte    bound  estimate  what  line
  %y       524k  57.3k       9.14  compute    3.8 us  matmul f32[64,32]
  %e      2.05k  16.4k       0.12   memory    1.0 us  exp f32[64,32]
  %f      2.05k  16.4k       0.12   memory    1.0 us  exp f32[64,32]
  %s      2.05k  8.45k       0.24   memory    0.5 us  reduce_sum f32[64]
  @step    530k  98.6k       5.38  compute    6.2 us  4 equations
"""
    )


def test_names_are_those_of_the_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "f.ir"
    file.write_text(
        "func @f(%x: f32[2], %0: f32[2]) -> (f32[2]) { %y: f32[2] = add %x, %0 %1: f32[2] = neg %y return %1 }"
    )
    assert main(["cost", str(file), *PEAK]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()[2:]] == ["%y", "%1", "@f"]


def test_the_largest_rows(step: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", step, "--top", "2", *PEAK]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()[2:]]
    assert [row[0] for row in rows] == ["%y", "%e", "(others)", "@step"] and rows[2][1:3] == ["4.1k", "24.8k"]
    assert rows[2][-2:] == ["2", "rows"]
    assert main(["cost", step, "--top", "4", "--json", *PEAK]) == 0
    assert [row["name"] for row in json.loads(capsys.readouterr().out)["equation"]] == ["%y", "%e", "%f", "%s"]


@pytest.mark.parametrize("top", ["0", "-1", "many", "1000001"])
def test_how_many_rows(top: str, step: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["cost", step, f"--top={top}"])
    assert ended.value.code == 2
    assert f"argument --top: {top} must be a whole number from 1 to 1000000" in capsys.readouterr().err


def test_many_results_are_not_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "f.ir"
    types = ", ".join(["f32[2]"] * 4)
    parameters = ", ".join(f"%{name}: f32[2]" for name in "abcd")
    body = f"func @round({parameters}) -> ({types}) {{ %e: f32[2] = exp %a return %e, %b, %c, %d }}"
    results = ", ".join(f"%{name}: f32[2]" for name in "wyzv")
    scan = f"scan %x, %x, %x, %x {{length=3, carries=4, body={body}}}"
    file.write_text(f"func @f(%x: f32[2]) -> (f32[2]) {{ {results} = {scan} return %w }}")
    assert main(["cost", str(file), *PEAK]) == 0
    assert "scan f32[2], f32[2], f32[2] and 1 more" in capsys.readouterr().out


def test_by_op_the_largest_first(step: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", step, "--by", "op", *PEAK]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[2:]] == ["matmul", "exp", "reduce_sum", "@step"]
    assert lines[3].endswith("2 equations")


def test_lines_are_those_of_the_user(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "program.py"
    script.write_text(
        "import diptych.eager as torch\n"
        "def step():\n"
        "    x = torch.ones(8, 8)\n"
        "    y = x @ x\n"
        "    return y.exp().sum()\n"
    )
    assert main(["cost", f"{script}:step", "--by", "line", "--json", *PEAK]) == 0
    (found,) = map(json.loads, capsys.readouterr().out.splitlines())
    flops = {row["name"]: row["flops"] for row in found["line"]}
    assert flops["program.py:4"] == 2 * 8**3 and flops["program.py:5"] == 64 + 64
    assert found["total"]["flops"] == sum(flops.values())


def test_a_group_moves_what_it_reads_and_makes(step: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", step, "--stage", "final", "--json", "--backend", "numpy", *PEAK]) == 0
    (found,) = map(json.loads, capsys.readouterr().out.splitlines())
    (group,) = [row for row in found["equation"] if row["what"].startswith("fused")]
    assert group["bytes"] == 4 * (64 * 32 + 64) and group["transcendentals"] == 2 * 64 * 32
    assert group["bound"] == "memory" and group["estimated_seconds"] > 0


def test_named_dimensions_stay() -> None:
    text = STEP.replace("64", "n")
    (found,) = map(json.loads, cost([Subject(parse(text), "numpy")], as_json=True, peak=Peak(100, 20)).splitlines())
    assert found["total"]["flops"] == "8288*n" and found["total"]["bound"] is None
    assert "8288*n" in cost([Subject(parse(text), "numpy")], peak=Peak(100, 20))


def test_the_machine_is_measured() -> None:
    peak = measured_peak()
    assert 0.1 < peak.gflops < 1e5 and 0.1 < peak.gigabytes < 1e4 and peak.ridge == peak.gflops / peak.gigabytes


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--stage", "after=nothing"], "stage is nothing but must be frontend, final, or a pass of numpy"),
        (["--peak", "0"], "0 must be a number above 0"),
        (["--peak", "nan"], "nan must be a number above 0"),
        (["--peak", "much"], "much must be a number above 0"),
        (["--by", "colour"], "invalid choice: 'colour'"),
        (["--peak", "100"], "--peak and --bandwidth are given together"),
    ],
)
def test_refusals(step: str, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        status = main(["cost", step, "--backend", "numpy", *arguments])
    except SystemExit as leaving:
        status = leaving.code
    assert status == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0"), (999, "999"), (1000, "1k"), (12_345, "12.3k"), (999_600, "1M"), (2 * 10**12, "2T")]
)
def test_counts(count: int, text: str) -> None:
    assert counted(count) == text


def test_long_names_lose_their_end() -> None:
    assert shortened("x" * 50) == "x" * 37 + "..." and shortened("x" * 40) == "x" * 40
