"""Bundles say what was traced, and refuse what is none in one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from diptych.cli import main
from diptych.inspector.bundle import numbered, read, write
from diptych.inspector.subjects import Subject
from diptych.ir import Builder, Constant, DiptychError, Function, parse

from tests.inspector.test_why import TEXT
from tests.random_programs import random_program


def _same(ours: Subject, theirs: Subject) -> None:
    assert (ours.backend, ours.donate, ours.function) == (theirs.backend, theirs.donate, theirs.function)
    for mine, other in zip(ours.records, theirs.records, strict=True):
        assert (mine.name, mine.seconds, mine.fired) == (other.name, other.seconds, other.fired)
        assert mine.after == other.after and mine.provenance is not None and other.provenance is not None
        places = ({equation: n for n, equation in enumerate(numbered(each.before))} for each in (mine, other))
        first, second = places
        if other.changed:
            for left, right in zip(numbered(mine.after), numbered(other.after), strict=True):
                assert first[mine.provenance.origins[left]] == second[other.provenance.origins[right]]
            pairs = zip(mine.provenance.replacements, other.provenance.replacements, strict=True)
            assert all(left.rule == right.rule and first[left.of] == second[right.of] for left, right in pairs)


@pytest.mark.parametrize("seed", range(25))
def test_what_is_read_is_what_was_written(seed: int, tmp_path: Path) -> None:
    wanted = [Subject(random_program(seed + offset, 12).function, "numpy", (0,)) for offset in (0, 1000)]
    write(tmp_path / "f.dipt", wanted)
    for found, subject in zip(read(tmp_path / "f.dipt"), wanted, strict=True):
        _same(found, subject)


def test_every_verb_reads_bundles(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program, bundle = str(tmp_path / "f.ir"), str(tmp_path / "f.dipt")
    Path(program).write_text(TEXT)
    assert main(["trace", program, "-o", bundle, "--backend", "numpy"]) == 0
    capsys.readouterr()
    for verb in (["dump", "--all-passes"], ["why", "%square"], ["cost", "--peak", "9", "--bandwidth", "9"]):
        found = []
        for target in (program, bundle):
            assert main([verb[0], target, *verb[1:]]) == 0
            found.append(capsys.readouterr().out)
        assert found[0] == found[1], verb
    assert main(["passes", bundle]) == 0 and "neg_neg 1" in capsys.readouterr().out
    assert main(["dump", bundle, "--stage", "after=simplify"]) == 0
    assert "neg" not in capsys.readouterr().out
    assert main(["dump", bundle, "--stage", "after=nothing"]) == 2
    assert "stage is nothing but must be frontend, final, or a pass of numpy: erase_marks" in capsys.readouterr().err


def _with_large_constant() -> Function:
    b = Builder("f")
    b.find_location = False
    return b.finish([b.sin(b.constant(value=Constant(np.arange(5000, dtype=np.float32))))])


def test_large_constants_stand_beside(tmp_path: Path) -> None:
    path = tmp_path / "f.dipt"
    write(path, [Subject(_with_large_constant(), "reference")])
    assert (tmp_path / "f.dipt.npz").is_file() and path.stat().st_size < 4000
    (found,) = read(path)
    assert found.function == _with_large_constant()
    write(path, [Subject(parse(TEXT), "reference")])
    assert not (tmp_path / "f.dipt.npz").exists()


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def _set(number: int, *path: Any) -> Callable[[list[dict[str, Any]]], None]:
    """Sets what lies at a path, its last part, in a line."""
    *way, last, value = path

    def change(lines: list[dict[str, Any]]) -> None:
        at: Any = lines[number]
        for step in way:
            at = at[step]
        at[last] = value

    return change


FAULTS: dict[str, tuple[Callable[[list[dict[str, Any]]], Any], str]] = {
    "no header": (lambda lines: lines.pop(0), "line 1: header.kind is \"program\" but must be 'header'"),
    "another version": (_set(0, "version", 2), "line 1: version is 2 but must be 1, the one that this diptych reads"),
    "another format": (_set(0, "format", "zip"), "line 1: header.format is \"zip\" but must be 'dipt'"),
    "another kind": (_set(2, "kind", "cake"), 'line 3: kind is "cake" but must be program or stage'),
    "no object": (lambda lines: lines.insert(1, []), "line 2: kind is null but must be program or stage"),  # pyright: ignore
    "a stage alone": (lambda lines: lines.pop(1), "line 2: stage comes before any program"),
    "a backend that is none": (_set(1, "backend", "tpu"), 'line 2: program.backend is "tpu" but must be'),
    "a parameter out of reach": (_set(1, "donate", [9]), "line 2: program.donate has 9 but must be below 2, the"),
    "what is unknown": (_set(2, "colour", 3), "line 3: stage.colour is unknown"),
    "negative seconds": (_set(2, "seconds", -1.0), "line 3: stage.seconds is -1.0 but must be"),
    "no document": (_set(1, "function", {"version": 1}), "line 2: function is missing"),
    "too few origins": (_set(3, "origins", [0]), "line 4: stage.origins is a list 1 long but must be 4 long"),
    "an origin out of reach": (_set(3, "origins", 0, 99), "line 4: stage.origins has 99 but must be below 8"),
    "a replaced one out of reach": (
        _set(3, "replacements", 0, "of", 99),
        "line 4: stage.replacements.of has 99 but must",
    ),
    "a value out of reach": (
        _set(3, "replacements", 0, "values", [[0, 9]]),
        "line 4: stage.replacements.values has 9 but",
    ),
    "half a place": (
        _set(3, "replacements", 0, "values", [[0]]),
        "line 4: stage.replacements[0].values[0] is a list 1 long",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_faults(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change, message = FAULTS[name]
    path = tmp_path / "f.dipt"
    write(path, [Subject(parse(TEXT), "numpy")])
    lines = _lines(path)
    assert lines[3]["after"] == "simplify"
    change(lines)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert main(["passes", str(path)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"diptych: {path}: {message}"), line


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "line 1, column 1: text is not JSON: Expecting value"),
        (b"{", "line 1, column 2: text is not JSON"),
        (b"\xff\xfe", "file is no UTF-8 text"),
        (b"[" * 5000, "line 1, column"),
        (b"{}\n" * 20_000, "file has 20000 lines but must have at most 10000"),
    ],
)
def test_files_that_are_none(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "f.dipt"
    path.write_bytes(content)
    with pytest.raises(DiptychError, match="f.dipt: ") as raised:
        read(path)
    assert message in str(raised.value)


def test_no_such_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["passes", str(tmp_path / "none.dipt")]) == 2
    assert "none.dipt: No such file or directory" in capsys.readouterr().err
    (tmp_path / "f.ir").write_text(TEXT)
    assert main(["trace", str(tmp_path / "f.ir"), "-o", str(tmp_path / "none" / "f.dipt")]) == 2
    assert "No such file or directory" in capsys.readouterr().err
