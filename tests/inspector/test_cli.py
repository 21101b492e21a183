"""The command: what it prints, and one clear line for whatever is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from diptych.cli import main
from diptych.ir import OPS
from diptych.ir.parser import parse

EAGER = """
import sys
import diptych.eager as torch

def step():
    x = torch.ones(2, 3)
    w = torch.ones(3, requires_grad=True)
    loss = (x @ w * 2.0).sum()
    loss.backward()
    return loss, w.grad

def program():
    from diptych.ir import Builder, TensorType, dtypes
    b = Builder("double")
    x = b.parameter(TensorType(dtypes.f32, (2,)), "x")
    return b.finish([b.neg(b.neg(x))])

def nothing():
    return 1

def broken():
    return 1 / 0

number = 3

if __name__ == "__main__":
    print("arguments", sys.argv[1:])
    print(step()[0].item())
"""

TEXT = """func @double(%x: f32[2]) -> (f32[2]) {
  %y: f32[2] = neg %x
  %z: f32[2] = neg %y
  return %z
}
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    file = tmp_path / "train_it.py"
    file.write_text(EAGER)
    return file


@pytest.fixture
def program(tmp_path: Path) -> Path:
    file = tmp_path / "double.ir"
    file.write_text(TEXT)
    return file


def test_dump_of_a_file(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dump", str(program)]) == 0
    assert capsys.readouterr().out == TEXT


def test_dump_after_a_pass(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dump", str(program), "--after", "simplify", "--backend", "numpy"]) == 0
    assert capsys.readouterr().out == "func @double(%x: f32[2]) -> (f32[2]) {\n  return %x\n}\n"


def test_dump_after_every_pass(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dump", str(program), "--all-passes"]) == 0
    titles = [line for line in capsys.readouterr().out.splitlines() if line.startswith("//")]
    assert titles == ["// as written", "// after erase_marks", "// after simplify", "// after trim", "// after fuse"]


def test_dump_as_json(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dump", str(program), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["function"]["name"] == "double"


def test_dump_of_a_function_that_returns_a_program(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dump", f"{script}:program"]) == 0
    assert parse(capsys.readouterr().out) == parse(TEXT)


def test_dump_of_a_function_that_computes(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dump", f"{script}:step", "--locations"]) == 0
    out = capsys.readouterr().out
    assert "matmul" in out and "// train_it.py:8" in out


def test_dump_of_a_script_with_arguments(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dump", str(script), "--", "--fast", "1"]) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("func @step(")
    assert "arguments ['--fast', '1']" in captured.err


def test_passes(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["passes", str(program)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "@double on numpy"
    assert lines[1].split() == ["pass", "ms", "before", "after", "rules", "fired"]
    simplify = lines[3].split()
    assert [simplify[0], *simplify[2:]] == ["simplify", "2", "0", "neg_neg", "1"]


def test_ops(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ops"]) == 0
    out = capsys.readouterr().out
    assert out.endswith(f"{len(OPS)} ops\n")
    assert "  matmul " in out


def test_one_op(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ops", "iota"]) == 0
    assert capsys.readouterr().out.startswith("iota()\n  shape: shape\n  axis: int\n  dtype: dtype\n\nCounts 0, 1, 2")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["dump", "{folder}/none.py"], "diptych: {folder}/none.py: there is no such file"),
        (["dump", "{folder}/none.ir"], "diptych: {folder}/none.ir: there is no such file"),
        (["dump", "{folder}/train_it.py:absent"], "diptych: {folder}/train_it.py: there is no function absent"),
        (
            ["dump", "{folder}/train_it.py:number"],
            "diptych: {folder}/train_it.py:number is of type int but must be a function",
        ),
        (
            ["dump", "{folder}/train_it.py:nothing"],
            "diptych: {folder}/train_it.py:nothing: nothing was run try: run a session, or read a tensor's value",
        ),
        (
            ["dump", "{folder}/train_it.py:broken"],
            "diptych: {folder}/train_it.py:broken: ZeroDivisionError: division by zero",
        ),
        (["ops", "matmull"], "diptych: ops: there is no op matmull"),
        (
            ["dump", "{folder}/double.ir", "--after", "magic", "--backend", "numpy"],
            "diptych: --after is magic but must be all, or a pass of numpy: erase_marks, simplify, trim, fuse",
        ),
        (["dump", "{folder}"], "diptych: {folder}: there is no such file"),
    ],
)
def test_errors(
    arguments: list[str], message: str, script: Path, program: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(script.parent)
    assert main([argument.replace("{folder}", folder) for argument in arguments]) == 2
    assert capsys.readouterr().err == message.replace("{folder}", folder) + "\n"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("notes.txt", b"", "file ends in .txt but must end in .ir or .py"),
        ("bad.ir", b"\xff\xfe", "file is no UTF-8 text: invalid start byte at byte 0"),
        ("wrong.ir", b"func @f(%x: f32[2]) -> (f32[2]) {\n  %y: f32[2] = negg %x\n  return %y\n}", "line 2"),
        ("broken.py", b"def f(:", "SyntaxError"),
    ],
)
def test_bad_files(name: str, content: bytes, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    assert main(["dump", str(file)]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert message in lines[0]


def test_a_process_exits_with_2() -> None:
    found = subprocess.run([sys.executable, "-m", "diptych.cli", "dump", "absent.py"], capture_output=True, text=True)
    assert (found.returncode, found.stderr) == (2, "diptych: absent.py: there is no such file\n")
