"""The verb `compile`: what it says, what it leaves in the folder, and that programs are not run for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from diptych import backends
from diptych.cli import main
from diptych.inspector.tables import counted
from diptych.ir import parse

pytest.importorskip("jax")

TEXT = """func @f(%x: f32[32,32], %w: f32[32,64]) -> (f32[32]) {
  %s: f32[32,32] = exp %x
  %wide: f32[32,64] = matmul %s, %w
  %m: f32[32] = reduce_max %wide {axes=[1]}
  return %m
}
"""
STEPS = """
import torch
torch.manual_seed(0)
net = torch.nn.Linear(8, 4)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for step in range(3):
    loss = net(torch.ones(16, 8)).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(loss.item())
"""


@pytest.fixture
def target(tmp_path: Path) -> str:
    path = tmp_path / "f.ir"
    path.write_text(TEXT)
    return str(path)


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    assert main(["compile", *arguments, "--json"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_on_numpy(target: str, capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = printed(capsys, target, "--backend", "numpy")
    executable = backends.compile_anew(parse(TEXT), backend="numpy")
    told = executable.figures
    assert (found["program"], found["number"], found["backend"], found["cached"]) == ("f", None, "numpy", None)
    assert (found["arguments"], found["results"], found["peak"]) == (12288, 128, told.peak)
    assert found["executable"] == len(executable.source)
    assert main(["compile", target, "--backend", "numpy"]) == 0
    head, names, row = capsys.readouterr().out.splitlines()
    assert head == "1 program on numpy"
    heads = "program ops passes ms compiling ms executable kB arguments results temporary cache"
    assert " ".join(names.split()) == heads
    cells = row.split()
    assert cells[:2] == ["@f", str(found["ops"])] and cells[4] == f"{found['executable'] / 1000:.1f}"
    assert cells[5:] == ["12.3k", "128", counted(found["temporary"]), "none"]
    assert found["temporary"] == told.temporary


def test_on_jax_it_is_what_xla_says(target: str, capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = printed(capsys, target, "--backend", "jax")
    told = backends.compile_anew(parse(TEXT), backend="jax").figures
    for name in ("arguments", "results", "aliased", "temporary", "code", "peak"):
        assert found[name] == getattr(told, name), name
    assert found["compiling_seconds"] > found["passes_seconds"] > 0 and found["executable"] > 100
    assert found["ops"] == 3 and found["cached"] is None


def test_nothing_is_run(target: str, capsys: pytest.CaptureFixture[str]) -> None:
    with backends.captured() as ran:
        for backend in ("numpy", "jax", "jax:cpu:0"):
            assert printed(capsys, target, "--backend", backend)[0]["backend"] == backend
    assert not ran


def test_the_folder(target: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(tmp_path / "new" / "folder")
    arguments = (target, "--backend", "jax", "--cache", folder)
    assert [printed(capsys, *arguments)[0]["cached"] for _ in range(2)] == [False, True]
    assert main(["compile", *arguments]) == 0
    assert capsys.readouterr().out.splitlines()[-1].endswith("  found there")


def test_a_script_finds_what_was_compiled(tmp_path: Path) -> None:
    """All of it: a run afterwards adds nothing to the folder."""
    script, folder = tmp_path / "steps.py", tmp_path / "folder"
    script.write_text(STEPS)
    environment = {**os.environ, "DIPTYCH_COMPILATION_CACHE": str(folder)}
    command = [sys.executable, "-m", "diptych"]

    def run(*arguments: str, **more: str) -> str:
        ran = subprocess.run(
            [*command, *arguments], env={**environment, **more}, capture_output=True, text=True, cwd=tmp_path
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def kept() -> set[str]:
        return {each.name for each in folder.iterdir() if not each.name.endswith("-atime")}

    said = run("compile", str(script), "--backend", "jax")
    before = kept()
    assert len(before) == said.count("new there") == 2
    losses = run("run", str(script), DIPTYCH_BACKEND="jax")
    assert kept() == before and len(losses.splitlines()) == 3
    assert run("compile", str(script), "--backend", "jax").count("found there") == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{folder}/none.ir"], "{folder}/none.ir: there is no such file"),
        (["{folder}/named.ir"], "compile: @g has dimensions with names, n, but must have numbers; try: --size n=32"),
        (["{folder}/f.ir", "--program", "1"], "--program is 1 but must be below 1, the number of programs"),
        (["{folder}/f.ir", "--backend", "jax", "--cache", "{folder}/f.ir"], "{folder}/f.ir: File exists"),
        (
            ["{folder}/f.ir", "--backend", "jax:cpu:99"],
            "backend jax: there is no cpu:99 here: the last one is cpu:0",
        ),
    ],
)
def test_errors(
    arguments: list[str], message: str, target: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "named.ir").write_text("func @g(%x: f32[n]) -> (f32[n]) { %y: f32[n] = exp %x return %y }")
    assert main(["compile", *(each.replace("{folder}", str(tmp_path)) for each in arguments)]) == 2
    assert capsys.readouterr().err == f"diptych: {message.replace('{folder}', str(tmp_path))}\n"


@pytest.mark.parametrize("backend", ["reference", "jax:moon", "numpy:cpu"])
def test_backends(backend: str, target: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["compile", target, "--backend", backend])
    assert ended.value.code == 2
    must = f"argument --backend: {backend} must be numpy, jax or jax with a device, such as jax:gpu:0"
    assert must in capsys.readouterr().err


def test_who_interprets_compiles_nothing(target: str, capsys: pytest.CaptureFixture[str]) -> None:
    from diptych.backends.settings import configured

    with configured(backend="reference"):
        assert main(["compile", target]) == 2
    said = "diptych: compile: reference compiles nothing: it interprets; try: --backend jax\n"
    assert capsys.readouterr().err == said


def test_sizes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "named.ir"
    file.write_text("func @g(%x: f32[n]) -> (f32[n]) { %y: f32[n] = exp %x return %y }")
    for backend in ("numpy", "jax"):
        (found,) = printed(capsys, str(file), "--backend", backend, "--size", "n=10")
        assert found["arguments"] == 40


def test_numpy_keeps_nothing_in_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, folder = tmp_path / "f.ir", tmp_path / "folder"
    path.write_text("func @f(%x: f32[4]) -> (f32[4]) {\n  %y: f32[4] = exp %x\n  return %y\n}")
    assert main(["compile", str(path), "--backend", "numpy", "--cache", str(folder)]) == 2
    assert "compile: --cache is of jax, and numpy keeps nothing" in capsys.readouterr().err
    assert not folder.exists()
