"""The command: what it prints, and one clear line for whatever is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from diptych import replace
from diptych.backends.pipelines import PIPELINES
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

def leaving():
    sys.exit(4)

def done():
    print(step()[0].item())
    sys.exit(0)

number = 3

def taking(size, rate=0.1):
    return torch.ones(size)

def read():
    return {"losses": [torch.ones(5).exp(), {"last": torch.ones(6).exp()}], "name": "read"}

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


def test_dump_as_written_runs_no_pass(
    program: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("diptych.inspector.subjects.run_passes", None)
    assert main(["dump", str(program)]) == 0
    assert capsys.readouterr().out == TEXT


def test_dump_after_a_pass(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dump", str(program), "--stage", "after=simplify", "--backend", "numpy"]) == 0
    assert capsys.readouterr().out == "func @double(%x: f32[2]) -> (f32[2]) {\n  return %x\n}\n"


def test_dump_after_every_pass(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dump", str(program), "--all-passes"]) == 0
    titles = [line for line in capsys.readouterr().out.splitlines() if line.startswith("//")]
    assert titles == ["// as written", *(f"// after {name}" for name in PIPELINES["numpy"])]


def test_dump_as_json(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dump", str(program), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["function"]["name"] == "double"


def test_what_is_dumped_as_json_can_be_dumped(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dump", str(program), "--json"]) == 0
    file = program.with_name("double.json")
    file.write_text(capsys.readouterr().out)
    assert main(["dump", str(file)]) == 0
    assert capsys.readouterr().out == TEXT


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
    assert lines[1].split() == ["pass", "ms", "ops", "after", "bytes", "after", "rules", "fired"]
    simplify = lines[3].split()
    assert [simplify[0], *simplify[2:]] == ["simplify", "2", "0", "32", "0", "neg_neg", "1"]


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
            "diptych: {folder}/train_it.py:nothing: nothing was run; try: run a session, or read a tensor's value",
        ),
        (
            ["dump", "{folder}/train_it.py:broken"],
            "diptych: {folder}/train_it.py:broken: ZeroDivisionError: division by zero",
        ),
        (
            ["dump", "{folder}/train_it.py:taking"],
            "diptych: {folder}/train_it.py:taking(size, rate=0.1) is called without arguments: "
            "missing a required argument: 'size'; try: name a function that takes none and calls it",
        ),
        (
            ["dump", "{folder}/train_it.py:"],
            "diptych: {folder}/train_it.py:: there is no name of a function behind the colon; "
            "try: {folder}/train_it.py runs the script",
        ),
        (["ops", "matmull"], "diptych: ops: there is no op matmull"),
        (
            ["dump", "{folder}/double.ir", "--stage", "after=magic", "--backend", "numpy"],
            f"diptych: stage is magic but must be frontend, final, or a pass of numpy: {', '.join(PIPELINES['numpy'])}",
        ),
        (["dump", "{folder}"], "diptych: {folder}: is no file"),
        (["dump", "{folder}/train_it.py:leaving"], "diptych: {folder}/train_it.py:leaving: ended with status 4"),
        (["dump", "{folder}/" + 500 * "x"], "diptych: {folder}/" + 500 * "x" + ": File name too long"),
        (
            ["dump", "{folder}/absent.py", "--stage", "after=magic", "--backend", "reference"],
            "diptych: stage is magic but must be frontend, final, or a pass of reference: none",
        ),
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
        ("notes.txt", b"", "file ends in .txt but must end in .ir, .json, .py or .dipt"),
        ("bad.ir", b"\xff\xfe", "file is no UTF-8 text: invalid start byte at byte 0"),
        ("bad.json", b"\xff\xfe", "file is no UTF-8 text: invalid start byte at byte 0"),
        ("empty.ir", b"", "line 1, column 1: the end of the text is found where 'func' is expected"),
        (
            "wrong.ir",
            b"func @f(%x: f32[2]) -> (f32[2]) {\n  %y: f32[2] = negg %x\n  return %y\n}",
            "line 2, column 16: op 'negg' is unknown; try: neg",
        ),
        ("cut.json", b"{", "line 1, column 2: text is not JSON: Expecting property name enclosed in double quotes"),
        ("other.json", b"[]", "document is a list 0 long but must be an object"),
        ("deep.json", b"[" * 1000, "line 1, column 501: JSON nests deeper than 500"),
        ("broken.py", b"def f(:", "SyntaxError: invalid syntax (broken.py, line 1)"),
        ("raises.py", b"raise ValueError('one\\ntwo')", "ValueError: one; two"),
        ("exits.py", b"import sys\nsys.exit(3)", "ended with status 3"),
        ("says.py", b"import sys\nsys.exit('no data')", "ended saying no data"),
        ("loops.py", b"def f(): f()\nf()", "RecursionError: maximum recursion depth exceeded"),
    ],
)
def test_bad_files(name: str, content: bytes, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    assert main(["dump", str(file)]) == 2
    assert capsys.readouterr().err == f"diptych: {file}: {message}\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK", "file holds no arrays of numbers: File is not a zip file"),
        ("objects", "file holds no arrays of numbers: Object arrays cannot be loaded when allow_pickle=False"),
        ("large", "file has 268435457 bytes but must have at most 268435456"),
    ],
)
def test_bad_constants_beside_a_program(
    content: bytes | str, message: str, program: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    beside = program.with_name("double.ir.npz")
    if content == "objects":
        np.savez(beside, a=np.array([{}], dtype=object))
    elif content == "large":
        with zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.npy", b"0" * (2**28 + 1))
    else:
        beside.write_bytes(content)
    assert main(["dump", str(program)]) == 2
    assert capsys.readouterr().err == f"diptych: {beside}: {message}\n"


@pytest.mark.parametrize("framework", ["import torch", "import tensorflow as tf"])
def test_scripts_of_the_frameworks_are_answered(
    framework: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = tmp_path / "theirs.py"
    body = "torch.ones(3).sum().item()" if "torch" in framework else "tf.Session().run(tf.reduce_sum(tf.ones([3])))"
    script.write_text(f"{framework}\n{body}\n")
    assert main(["dump", str(script), "--locations"]) == 0
    assert "// theirs.py:2" in capsys.readouterr().out
    assert not replace.installed()


@pytest.mark.parametrize("verb", ["dump", "trace"])
def test_what_stands_behind_two_dashes_is_the_scripts(
    verb: str, script: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["-o", str(script.with_suffix(".dipt"))] if verb == "trace" else []
    assert main([verb, str(script), *options, "--", "--backend", "-x"]) == 0
    assert "arguments ['--backend', '-x']" in capsys.readouterr().err


def test_one_of_several_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "two.py"
    script.write_text("import torch\nfor size in (2, 3):\n    torch.ones(size).exp().sum().item()\n")
    assert main(["dump", str(script), "--program", "1"]) == 0
    out = capsys.readouterr().out
    assert "f32[3]" in out and "f32[2]" not in out
    for number in ("2", "-1"):
        assert main(["dump", str(script), "--program", number]) == 2
        assert capsys.readouterr().err.endswith(
            f"diptych: --program is {number} but must be below 2, the number of programs\n"
        )


def test_programs_of_one_name_have_numbers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "two.py"
    script.write_text("import torch\nfor size in (2, 3):\n    torch.ones(size).exp().sum().item()\n")

    def printed(*arguments: str) -> list[str]:
        assert main([*arguments, "--backend", "numpy"]) == 0
        return capsys.readouterr().out.splitlines()

    where, peak = str(script), ("--peak", "100", "--bandwidth", "20")
    for verb, arguments in (
        ("dump", ("--filter", "op=exp")), ("passes", ()), ("why", ("%0",)), ("cost", peak), ("memory", ()),
        ("why-not", ("--fuse", "%0", "%1")), ("bisect", ("--a", "numpy", "--b", "reference")),
    ):  # fmt: skip
        lines = printed(verb, where, *arguments)
        titles = [line for line in lines if line.startswith("@")]
        starts = [f"@step, program {number}" for number in (0, 1)]
        assert [title[: len(start)] for title, start in zip(titles, starts, strict=True)] == starts, verb
        (title,) = (line for line in printed(verb, where, *arguments, "--program", "1") if line.startswith("@"))
        assert title.startswith(starts[1])
        found = [json.loads(line) for line in printed(verb, where, *arguments, "--json")]
        assert [each["number"] for each in found] == [0, 1]
    lines = printed("dump", where)
    assert [line for line in lines if line.startswith("//")] == ["// program 0", "// program 1"]
    assert printed("dump", where, "--program", "1", "--all-passes")[0] == "// program 1, as written"
    assert printed("dump", where, "--program", "1", "--format", "mermaid")[0] == "%% program 1"
    assert printed("profile", where, "--runs", "1", "--program", "1")[0].startswith("@step, program 1 on numpy: ")


def test_what_functions_return_is_read(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dump", f"{script}:read"]) == 0
    out = capsys.readouterr().out
    assert "f32[5]" in out and "f32[6]" in out


def test_what_a_file_runs_when_imported_is_not_of_its_function(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = tmp_path / "apart.py"
    script.write_text("import torch\ntorch.ones(7).sum().item()\ndef step():\n    return torch.ones(5).sum()\n")
    assert main(["dump", f"{script}:step"]) == 0
    out = capsys.readouterr().out
    assert "f32[5]" in out and "f32[7]" not in out


NAMED = "func @f(%x: f32[batch,4]) -> (f32[batch]) { %y: f32[batch] = reduce_sum %x {axes=[1]} return %y }"


def test_named_dimensions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "named.ir"
    file.write_text(NAMED)
    assert main(["dump", str(file)]) == 0 and "f32[batch,4]" in capsys.readouterr().out
    assert main(["dump", str(file), "--stage", "final", "--size", "batch=7"]) == 0
    assert "f32[7,4]" in capsys.readouterr().out
    assert main(["diff", str(file), f"{file}@final", "--size", "batch=7", "--exit-code"]) == 0
    capsys.readouterr()
    for verb in (["passes"], ["dump", "--stage", "source"], ["trace", "-o", str(tmp_path / "f.dipt")]):
        assert main([verb[0], str(file), *verb[1:], "--backend", "numpy"]) == 2
        assert capsys.readouterr().err == (
            "diptych: @f has dimensions with names, batch, but numpy compiles for numbers; try: --size batch=32\n"
        )
    assert main(["passes", str(file), "--size", "n=3"]) == 2
    assert capsys.readouterr().err == "diptych: --size has n, but named dimensions are: batch\n"


def test_a_script_that_ends_as_done(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dump", f"{script}:done"]) == 0
    assert "matmul" in capsys.readouterr().out


def test_an_interrupted_script(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "slow.py"
    file.write_text("raise KeyboardInterrupt")
    assert main(["dump", str(file)]) == 130
    assert capsys.readouterr().err == "diptych: interrupted\n"


def test_a_target_may_have_the_name_of_a_module(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = script.rename(script.with_name("json.py"))
    assert main(["dump", f"{script}:program", "--json"]) == 0
    assert sys.modules["json"] is json and '"version"' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["passes", "x.ir", "--size", "n"],
            "diptych passes: argument --size: n must be NAME=SIZE; try: diptych passes --help\n",
        ),
        (["ops", "--", "x"], "diptych: ops runs no script: nothing can stand behind --; try: diptych --help\n"),
        ([], "diptych: the following arguments are required: VERB; try: diptych --help\n"),
        (
            ["dump", "x.ir", "--stage", "final", "--all-passes"],
            "diptych dump: argument --all-passes: not allowed with argument --stage; try: diptych dump --help\n",
        ),
    ],
)
def test_wrong_arguments(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert (ended.value.code, capsys.readouterr().err) == (2, message)


def test_a_process_exits_with_2() -> None:
    found = subprocess.run([sys.executable, "-m", "diptych.cli", "dump", "absent.py"], capture_output=True, text=True)
    assert (found.returncode, found.stderr) == (2, "diptych: absent.py: there is no such file\n")
