"""Programs are recorded while they run: by a variable of the environment, by a block, and by `diptych run --trace`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import diptych
import diptych.eager as torch
import numpy as np
import pytest
from diptych import backends
from diptych.cli import main
from diptych.inspector.bundles import read
from diptych.ir import DiptychError, parse
from diptych.ir.location import is_detailed

SCRIPT = """
import diptych.eager as torch

def squared(x):
    return (x * x).sum()

for size in (2, 3):
    print(squared(torch.ones(size)).item())
{more}
"""
DOUBLE = "func @double(%x: f32[2]) -> (f32[2]) { %y: f32[2] = add %x, %x return %y }"


def script(folder: Path, more: str = "") -> Path:
    file = folder / "squares.py"
    file.write_text(SCRIPT.replace("{more}", more))
    return file


def run(file: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, file.name], cwd=file.parent, env={**os.environ, **variables}, capture_output=True, text=True
    )


def test_a_variable_records_a_process(tmp_path: Path) -> None:
    ran = run(script(tmp_path), DIPTYCH_TRACE="traces")
    assert (ran.stdout, ran.stderr) == ("2.0\n3.0\n", "")
    (bundle,) = (tmp_path / "traces").iterdir()
    assert bundle.name.startswith("squares-") and bundle.suffix == ".dipt"
    subjects = read(bundle)
    assert len(subjects) == 2 and all(subject.runs is not None and subject.runs.count == 1 for subject in subjects)
    places = [equation.location for equation in subjects[0].function.equations]
    found = {(place.function, place.text, *(caller.line for caller in place.callers)) for place in places if place}
    assert ("squared", "return (x * x).sum()", 8) in found
    assert subjects[0].source_of(str(tmp_path / "squares.py")) == (tmp_path / "squares.py").read_text()


def test_nothing_is_recorded_without(tmp_path: Path) -> None:
    assert run(script(tmp_path)).stdout == "2.0\n3.0\n"
    assert [path.name for path in tmp_path.iterdir()] == ["squares.py"]


@pytest.mark.parametrize("ending", ["raise SystemExit(3)", "1 / 0", "import os; os._exit(1)"])
def test_what_ran_before_a_failure_is_there(ending: str, tmp_path: Path) -> None:
    run(script(tmp_path, ending), DIPTYCH_TRACE="traces")
    (bundle,) = (tmp_path / "traces").iterdir()
    assert len(read(bundle)) == 2


def test_what_is_forked_writes_into_no_file_of_its_parents(tmp_path: Path) -> None:
    more = "import os\nif os.fork() == 0:\n    torch.ones(5).sum().item()\nelse:\n    os.wait()"
    assert run(script(tmp_path, more), DIPTYCH_TRACE="traces").returncode == 0
    (bundle,) = (tmp_path / "traces").iterdir()
    assert len(read(bundle)) == 2


def test_a_block_is_recorded(tmp_path: Path) -> None:
    step = backends.compile(parse(DOUBLE), backend="numpy")
    with diptych.recording(tmp_path / "step.dipt", arrays=True):
        assert is_detailed()
        for _ in range(3):
            step(np.ones(2, np.float32))
        torch.ones(3).sum().item()
    assert not is_detailed()
    step(np.ones(2, np.float32))
    double, other = read(tmp_path / "step.dipt")
    assert double.function == parse(DOUBLE) and double.runs is not None and other.runs is not None
    assert (double.runs.count, len(double.runs.listed), double.runs.compiled) == (3, 3, None)
    assert other.runs.compiled is not None
    assert double.inputs is not None and double.inputs[0].tolist() == [1, 1]
    assert [record.name for record in double.records][:2] == ["erase_marks", "simplify"]


def test_a_traced_script_has_its_runs(tmp_path: Path) -> None:
    file, bundle = script(tmp_path, "for _ in range(3):\n    squared(torch.ones(2)).item()"), tmp_path / "squares.dipt"
    assert main(["trace", str(file), "-o", str(bundle), "--backend", "numpy"]) == 0
    small, large = (subject.runs for subject in read(bundle))
    assert small is not None and large is not None and (small.count, large.count) == (4, 1)
    assert len(small.listed) == 4 and sum(seconds for _, seconds in small.listed) == pytest.approx(small.seconds)
    begins = [begin for begin, _ in (*small.listed[:1], *large.listed, *small.listed[1:])]
    assert begins == sorted(begins)
    # and still has them when it is written again, but not for a backend on which nothing ran
    again = tmp_path / "again.dipt"
    assert main(["trace", str(bundle), "-o", str(again)]) == 0
    assert [subject.runs for subject in read(again)] == [small, large]
    assert main(["trace", str(bundle), "-o", str(again), "--backend", "reference"]) == 0
    assert [subject.runs for subject in read(again)] == [None, None]


def test_a_redacted_bundle_says_nothing_of_the_source(tmp_path: Path) -> None:
    with diptych.recording(tmp_path / "step.dipt", redacted=True):
        torch.full((3,), 4.25).sum().item()
    text = (tmp_path / "step.dipt").read_text()
    assert "torch.full((3,), 4.25)" not in text and os.path.dirname(__file__) not in text
    (subject,) = read(tmp_path / "step.dipt")
    places = [equation.location for equation in subject.function.equations]
    assert {place.file for place in places if place is not None} == {"test_recording.py"}
    assert subject.source_of("test_recording.py") is None


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DiptychError, match="file/traces: Not a directory"), diptych.recording(tmp_path / "file/traces"):
        pass
