"""Bundles say what was traced, and refuse what is none in one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from diptych.backends.reference.interpreter import evaluate
from diptych.cli import main
from diptych.inspector.bundles import models, read, write
from diptych.inspector.numbering import Numbering
from diptych.inspector.subjects import Subject
from diptych.ir import Builder, Constant, DiptychError, Function, parse, print_function
from diptych.passes.provenance import equations_of

from tests.inspector.test_why import TEXT
from tests.random_programs import random_program

DOCS = Path(__file__).parent.parent.parent / "docs"


def _same(ours: Subject, theirs: Subject) -> None:
    assert (ours.backend, ours.donate, ours.function) == (theirs.backend, theirs.donate, theirs.function)
    mine, others = Numbering(ours.function, ours.records), Numbering(theirs.function, theirs.records)
    for stage, other in zip(mine.stages, others.stages, strict=True):
        assert print_function(stage.function, locations="full") == print_function(other.function, locations="full")
        assert stage.function == other.function
        assert stage.order == other.order and mine.numbers(stage.news) == others.numbers(other.news)
        record, again = stage.record, other.record
        if record is None or again is None or record.provenance is None or again.provenance is None:
            assert record is again is None
            continue
        assert (record.name, record.seconds, record.fired) == (again.name, again.seconds, again.fired)
        pairs = zip(equations_of(stage.function), equations_of(other.function), strict=True)
        assert all(mine.origin(one, record) == others.origin(two, again) for one, two in pairs)
        replaced = zip(record.provenance.replacements, again.provenance.replacements, strict=True)
        assert all((one.rule, mine.equations[one.of]) == (two.rule, others.equations[two.of]) for one, two in replaced)


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


def test_large_constants_stand_beside_where_they_are_wanted(tmp_path: Path) -> None:
    path = tmp_path / "f.dipt"
    write(path, [Subject(_with_large_constant(), "reference")], arrays=True)
    assert (tmp_path / "f.dipt.npz").is_file() and path.stat().st_size < 4000
    (found,) = read(path)
    assert found.function == _with_large_constant()
    write(path, [Subject(_with_large_constant(), "reference")])
    assert not (tmp_path / "f.dipt.npz").exists()


def test_absent_constants(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "f.dipt"
    write(path, [Subject(_with_large_constant(), "numpy")])
    (found,) = read(path)
    assert print_function(found.function) == print_function(_with_large_constant())
    assert found.function != _with_large_constant()  # nobody knows
    for verb in ("dump", "passes", "cost", "memory"):
        assert main([verb, str(path)]) == 0
    write(tmp_path / "again.dipt", [found])
    assert read(tmp_path / "again.dipt")[0].function == found.function
    with pytest.raises(DiptychError) as raised:
        evaluate(found.function, [])
    assert "its elements were not kept with the program" in str(raised.value)
    assert "record it with its arrays" in str(raised.value)


def test_what_a_program_first_ran_on(tmp_path: Path) -> None:
    path = tmp_path / "f.dipt"
    arrays = (np.ones((64, 32), np.float32), np.full((32, 8), 2, np.float32))
    subject = Subject(parse(TEXT), "numpy", inputs=arrays)
    write(path, [subject], arrays=True)
    (found,) = read(path)
    assert found.inputs is not None
    assert all(np.array_equal(one, other) for one, other in zip(found.inputs, arrays, strict=True))
    (tmp_path / "f.dipt.npz").unlink()
    assert read(path)[0].inputs is None


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


VALUE = {"id": 77, "name": None, "type": "f32[64,32]"}


def _set(number: int, *path: Any) -> Callable[[list[dict[str, Any]]], None]:
    """Sets what lies at a path, its last part, in a line."""
    *way, last, value = path

    def change(lines: list[dict[str, Any]]) -> None:
        at: Any = lines[number]
        for step in way:
            at = at[step]
        at[last] = value

    return change


KINDS = "source, program, stage, memory, runs"
FAULTS: dict[str, tuple[Callable[[list[dict[str, Any]]], Any], str]] = {
    "no header": (lambda lines: lines.pop(0), "line 1: header.kind is \"program\" but must be 'header'"),
    "another version": (_set(0, "version", 2), "line 1: version is 2 but must be 1, the one that this diptych reads"),
    "another format": (_set(0, "format", "zip"), "line 1: header.format is \"zip\" but must be 'dipt'"),
    "another kind": (_set(2, "kind", "cake"), f'line 3: kind is "cake" but must be one of {KINDS}'),
    "no object": (lambda lines: lines.insert(1, []), f"line 2: kind is null but must be one of {KINDS}"),  # pyright: ignore
    "a stage alone": (lambda lines: lines.pop(1), "line 2: stage comes before any program"),
    "a backend that is none": (_set(1, "backend", "tpu"), 'line 2: program.backend is "tpu" but must be'),
    "a parameter out of reach": (_set(1, "donate", [9]), "line 2: program.donate has 9 but must be below 2, the"),
    "what is unknown": (_set(2, "colour", 3), "line 3: stage.colour is unknown"),
    "negative seconds": (_set(2, "seconds", -1.0), "line 3: stage.seconds is -1.0 but must be"),
    "an op that is none": (_set(1, "equations", 0, "op", "negg"), "line 2: op 'negg' is unknown; try: neg"),
    "no op": (_set(1, "equations", 0, "op", None), "line 2: program.equations[0].op is missing"),
    "an operand out of reach": (
        _set(1, "equations", 0, "operands", [77]),
        "line 2: program.equations[0].operands has 77, which does not stand before",
    ),
    "another type": (
        _set(1, "equations", 0, "results", 0, "type", "f32[3]"),
        "line 2: program.equations[0]: neg: %2 is f32[3] but must be f32[64,32], what neg gives here",
    ),
    "no type": (_set(1, "equations", 0, "results", 0, "type", "f33[3]"), "line 2: program.equations[0].results: dtype"),
    "a type that changes": (
        _set(1, "parameters", 0, "id", 2),
        "line 2: program.equations[0].operands has 0, which does not stand before",
    ),
    "an order out of reach": (_set(1, "order", [99]), "line 2: program.order has 99, which does not stand before"),
    "an order that is none": (
        lambda lines: lines[1]["order"].reverse(),
        "line 2: @f: ",
    ),
    "a result out of reach": (_set(1, "results", 0, 99), "line 2: program has 99, which does not stand before"),
    "a frame out of reach": (
        _set(1, "equations", 0, "frame", 4),
        "line 2: program.equations[0].frame has 4, which does not stand before",
    ),
    "an origin out of reach": (
        _set(3, "equations", [{"id": 99, "op": "neg", "operands": [0], "results": [VALUE], "origin": 77}]),
        "line 4: stage.equations[0].origin has 77, which does not stand before",
    ),
    "no origin": (
        lambda lines: lines[2].update(
            equations=[{"id": 99, "op": "neg", "operands": [0], "results": [VALUE]}], order=[99, *lines[1]["order"]]
        ),
        "line 3: stage.equations: equation 99 has no origin",
    ),
    "a replaced one out of reach": (
        _set(3, "replacements", 0, "of", 99),
        "line 4: stage.replacements.of has 99, which does not stand before",
    ),
    "a value out of reach": (
        _set(3, "replacements", 0, "values", [77]),
        "line 4: stage.replacements.values has 77, which does not stand before",
    ),
    "runs of nothing": (
        lambda lines: lines.append({"kind": "runs", "program": 4, "count": 1, "seconds": 1.0}),
        "line 15: runs.program is 4 but must be below 1",
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
        (b"{}\n" * 200_000, "file has 200000 lines but must have at most 100000"),
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


def test_the_schema_is_current_and_holds(tmp_path: Path) -> None:
    schema = json.loads((DOCS / "trace-bundle.schema.json").read_text())
    assert schema == models.schema(), "run: python docs/make_bundle_schema.py"
    write(tmp_path / "f.dipt", [Subject(random_program(3, 12).function, "numpy")])
    lines = _lines(tmp_path / "f.dipt")
    assert {line["kind"] for line in lines} >= {"header", "program", "stage", "memory"}
    for line in lines:
        jsonschema.validate(line, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"kind": "program"}, schema)


def test_what_was_there_is_not_lost(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script, weights = tmp_path / "f.ir", tmp_path / "weights.npz"
    script.write_text(TEXT)
    weights.write_bytes(b"mine")
    for output, message in (
        (script, "--output is {} but must end in .dipt"),
        (tmp_path / "weights", "--output is {} but must end in .dipt"),
    ):
        assert main(["trace", str(script), "-o", str(output)]) == 2
        assert capsys.readouterr().err == f"diptych: {message.format(output)}\n"
    bundle = tmp_path / "f.dipt"
    assert main(["trace", str(script), "-o", str(bundle)]) == 0
    assert main(["trace", str(bundle), "-o", str(bundle)]) == 2
    assert capsys.readouterr().err == f"diptych: --output is {bundle}, the target itself, but must be another file\n"
    assert main(["view", str(script), "-o", str(script)]) == 2
    assert capsys.readouterr().err == f"diptych: --output is {script} but must end in .html\n"
    assert (script.read_text(), weights.read_bytes()) == (TEXT, b"mine")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["f.dipt", "f.ir", "weights.npz"]


def test_files_that_are_cut(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bundle = tmp_path / "f.dipt"
    write(bundle, [Subject(parse(TEXT), "numpy")])
    lines = bundle.read_text().splitlines(keepends=True)
    bundle.write_text("".join(lines[:5]))
    assert main(["memory", str(bundle)]) == 2
    assert capsys.readouterr().err == f"diptych: {bundle}: @f has 3 stages but must have 11\n"
    bundle.write_text(lines[0])
    assert main(["passes", str(bundle)]) == 2
    assert capsys.readouterr().err == f"diptych: {bundle}: there is no program in it\n"


def test_another_backend_than_the_bundles(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bundle = tmp_path / "f.dipt"
    write(bundle, [Subject(parse(TEXT), "numpy")])
    assert main(["passes", str(bundle), "--backend", "jax"]) == 0
    assert capsys.readouterr().out.startswith("@f on jax\n")
    assert main(["memory", str(bundle), "--backend", "reference"]) == 2
    assert "reference plans by itself" in capsys.readouterr().err
