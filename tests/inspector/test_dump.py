"""Programs as drawings, filtered, and in the languages that backends write."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from diptych.cli import main
from diptych.inspector.dump import MAX_NODES

STEP = """func @step(%x: f32[4,3], %w: f32[3,2]) -> (f32[4,2], f32[]) {
  %y: f32[4,2]     = matmul %x, %w       // train.py:42
  %half: f32[]     = constant {value=f32[] 0.5}
  %halves: f32[4,2] = broadcast %half {shape=[4, 2], axes=[]}
  %z: f32[4,2]     = mul %y, %halves     // lib/train.py:43
  %s: f32[]        = reduce_sum %z {axes=[0, 1]}  // model.py:42
  return %z, %s
}
"""


@pytest.fixture
def step(tmp_path: Path) -> str:
    path = tmp_path / "step.ir"
    path.write_text(STEP)
    return str(path)


def dumped(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["dump", *arguments]) == 0
    return capsys.readouterr().out


def test_dot(step: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        dumped(capsys, step, "--format", "dot")
        == """\
digraph "step" {
  node [fontname=monospace]
  n0 [label="%x\\nf32[4,3]", shape=ellipse]
  n1 [label="%w\\nf32[3,2]", shape=ellipse]
  n2 [label="matmul\\n%y: f32[4,2]\\ntrain.py:42", shape=box]
  n3 [label="broadcast 0.5\\n%halves: f32[4,2]", shape=box]
  n4 [label="mul\\n%z: f32[4,2]\\ntrain.py:43", shape=box]
  n5 [label="reduce_sum\\n%s: f32[]\\nmodel.py:42", shape=box]
  n6 [label="return", shape=ellipse]
  n0 -> n2 [label="f32[4,3]"]
  n1 -> n2 [label="f32[3,2]"]
  n2 -> n4 [label="f32[4,2]"]
  n3 -> n4 [label="f32[4,2]"]
  n4 -> n5 [label="f32[4,2]"]
  n4 -> n6 [label="f32[4,2]"]
  n5 -> n6 [label="f32[]"]
}
"""
    )


def test_mermaid(step: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = dumped(capsys, step, "--format", "mermaid").splitlines()
    assert lines[0] == "flowchart TD"
    assert lines[3] == '  n2["matmul<br>%y: f32#91;4,2#93;<br>train.py:42"]'
    assert '  n2 -->|"f32#91;4,2#93;"| n4' in lines


def test_groups_are_drawn_with_their_members(step: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = dumped(capsys, step, "--format", "dot", "--stage", "final", "--backend", "numpy")
    assert "(constant, broadcast, mul, reduce_sum)" in out and "style=rounded" in out


def test_names_that_would_be_read_as_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.ir"
    path.write_text(
        'func @"a\\"] <b>"(%x: f32[]) -> (f32[]) { %y: f32[] = neg %x  // "</script>\\".py":1\n return %y }'
    )
    assert '"a\\"] <b>"' in dumped(capsys, str(path), "--format", "dot")
    out = dumped(capsys, str(path), "--format", "mermaid")
    assert "<script" not in out and "</" not in out and out.count('"') == 6 + 4


@pytest.mark.parametrize(
    ("tests", "names"),
    [
        ("op=matmul", ["y"]),
        ("op=*m*", ["y", "s", "z"]),
        ("line=train.py:42", ["y"]),
        ("line=42", ["y", "s"]),
        ("line=lib/train.py", ["z"]),
        ("line=train.py", ["y", "z"]),
        ("name=%h*", ["half", "halves"]),
        ("dtype=f64", []),
        ("op=mul line=43", ["z"]),
    ],
)
def test_filters(tests: str, names: list[str], step: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = dumped(capsys, step, "--filter", tests).splitlines()
    assert lines[0] == f"@step: {len(names)} of 5 equations"
    assert sorted(line.split(":")[0].strip(" %") for line in lines[1:]) == sorted(names)
    found = json.loads(dumped(capsys, step, "--filter", tests, "--json"))
    assert sorted(each["results"][0]["name"] for each in found["equations"]) == sorted(names)


def test_filters_look_into_nested_functions(step: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = dumped(capsys, step, "--filter", "op=mul", "--stage", "final", "--backend", "numpy")
    assert out.splitlines()[0] == "@step: 1 of 6 equations" and "train.py:43" in out


def test_a_filtered_drawing(step: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = dumped(capsys, step, "--format", "dot", "--filter", "op=matmul").splitlines()
    assert len(lines) == 8 and not any("mul\\n%z" in line for line in lines)


def test_the_source_that_numpy_runs(step: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = dumped(capsys, step, "--stage", "source", "--backend", "numpy")
    assert "def run(p0, p1):  #  p0 = %x: f32[4,3]  p1 = %w: f32[3,2]" in out and "dot(p0, p1, " in out
    compile(out, "source", "exec")


def test_stablehlo(step: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = dumped(capsys, step, "--stage", "stablehlo")
    assert "stablehlo.dot_general" in out and "tensor<4x3xf32>" in out


def test_refusals(step: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    large = tmp_path / "large.ir"
    lines = "\n".join(f"%v{n + 1}: f32[2] = neg %v{n}" for n in range(MAX_NODES))
    large.write_text(f"func @large(%v0: f32[2]) -> (f32[2]) {{\n{lines}\nreturn %v{MAX_NODES}\n}}")
    other = f"--stage {'source'} is text"
    for arguments, message in (
        (
            ["--filter", "colour=red"],
            "filter colour=red must be KEY=PATTERN, where KEY is one of op, name, dtype, line,",
        ),
        (["--filter", "op"], "filter op must be KEY=PATTERN"),
        (["--stage", "source", "--backend", "jax"], "stage source: jax writes no Python; try: --backend numpy"),
        (["--stage", "source", "--format", "dot"], other.replace("--stage ", "stage ")),
    ):
        assert main(["dump", step, *arguments]) == 2
        assert capsys.readouterr().err.startswith(f"diptych: {message}")
    assert main(["dump", str(large), "--format", "dot"]) == 2
    assert capsys.readouterr().err == (
        "diptych: @large: a drawing has 2002 boxes but must have at most 2000; try: --filter for a part, or diptych view\n"
    )
