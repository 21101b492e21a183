"""What the page knows is what the verbs print, and no more than may be shown."""

from __future__ import annotations

import gzip
import json
import re
from base64 import b64decode
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from diptych.cli import main
from diptych.inspector.roofline import Peak
from diptych.inspector.subjects import Subject
from diptych.inspector.view.layouts import containers
from diptych.inspector.view.page import page as page_of
from diptych.ir import Function, parse, print_function

from tests.random_programs import random_program

HOSTILE = "</script><script>alert(1)</script>"
PEAK = Peak(100, 20)


def unpacked(text: str) -> dict[str, Any]:
    found = re.search(r'id="data">([^<]*)</script>', text)
    assert found is not None
    return json.loads(gzip.decompress(b64decode(found[1])))


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    assert main([*arguments, "--json"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_figures_are_those_of_the_verbs(bundle: Path, page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    programs = unpacked(page.read_text())["programs"]
    passes = printed(capsys, "passes", str(bundle))
    for stage in ("frontend", "final"):
        costs = printed(capsys, "cost", str(bundle), "--stage", stage, "--peak", "100", "--bandwidth", "20")
        for program, cost, table in zip(programs, costs, passes, strict=True):
            rows = rows_of(program, 0 if stage == "frontend" else len(program["stages"]) - 1)
            assert [row[:2] for row in rows] == [[each["flops"], each["bytes"]] for each in cost["equation"]]
            assert sum(row[0] for row in rows) == cost["total"]["flops"]
            assert sum(row[1] for row in rows) == cost["total"]["bytes"]
            estimates = [
                (row[2], each["estimated_seconds"] * 1e6) for row, each in zip(rows, cost["equation"], strict=True)
            ]
            assert all(shown == pytest.approx(told, abs=1e-3) for shown, told in estimates)
            for shown, before, told in zip(program["stages"][1:], program["stages"], table["passes"], strict=False):
                assert (shown["name"], shown["seconds"], shown["fired"]) == (
                    told["name"],
                    told["seconds"],
                    told["fired"],
                )
                assert [before["equations"], shown["equations"]] == told["equations"]
                assert [before["bytes"], shown["bytes"]] == told["bytes"]
    for program, told in zip(programs, printed(capsys, "memory", str(bundle), "--slots"), strict=True):
        memory = program["memory"]
        assert (memory["peak"], memory["arena"]) == (told["peak"], told["arena"])
        assert [each[1] for each in memory["there"]] == [each["bytes"] for each in told["there"]]
        slots = [[each["offset"], each["bytes"], each["first"], each["last"]] for each in told["slots"]]
        assert sorted(each[1:] for each in memory["placed"]) == sorted(slots)


def rows_of(program: dict[str, Any], place: int) -> list[list[Any]]:
    """The costs of a stage's equations, without views and constants, as the page adds them up."""
    costs: dict[int, list[Any]] = {number: each[5] for number, each in enumerate(program["equations"])}
    order: list[int] = []
    for stage in program["stages"][: place + 1]:
        order = stage["order"] if stage["order"] is not None else order
        costs.update((news[0], news[4]) for news in stage["news"] if len(news) > 3)
    strings_of_views = {number for number, each in enumerate(program["equations"]) if each[6]}
    constants = {number for number, each in enumerate(program["equations"]) if not costs[number][1]}
    return [costs[number] for number in order if number not in strings_of_views | constants]


@pytest.mark.parametrize("seed", range(12))
def test_every_equation_stands_in_one_container(seed: int) -> None:
    subject = Subject(random_program(seed, 25).function, "numpy")
    for stage in subject.stages:
        found = containers(stage)
        boxes = [box for container in found for box in container.boxes]
        assert len({id(box) for box in boxes}) == len(boxes)
        for container in found:
            assert len(container.boxes) == len(container.layers) == len(container.places)
            on_layer: dict[int, list[float]] = {}
            for layer, place in zip(container.layers, container.places, strict=True):
                on_layer.setdefault(layer, []).append(place)
            for places in on_layer.values():
                ordered = sorted(places)
                assert all(right - left > 0.99 for left, right in pairwise(ordered))


def chain(count: int) -> Function:
    lines = "\n".join(
        f"  %v{n + 1}: f32[8] = {'neg' if n % 3 else 'exp'} %v{n}  // chain.py:{n % 50 + 1}" for n in range(count)
    )
    return parse(f"func @chain(%v0: f32[8]) -> (f32[8]) {{\n{lines}\n  return %v{count}\n}}")


def test_2000_equations_take_less_than_a_megabyte() -> None:
    programs = [random_program(seed, 400).function for seed in range(20)]
    subjects = [Subject(each, "numpy") for each in programs]
    assert sum(len(each.equations) for each in programs) >= 2000
    assert len(page_of(subjects, title="large", peak=PEAK)) < 1_000_000
    assert len(page_of([Subject(chain(2000), "numpy")], title="chain", peak=PEAK)) < 1_000_000


def hostile() -> Function:
    text = print_function(parse("func @f(%x: f32[2]) -> (f32[2]) { %y: f32[2] = neg %x return %y }"))
    place = f'"{HOSTILE}":1'
    return parse(text.replace("@f", f'@"{HOSTILE}"').replace("neg %x", f"neg %x  // {place}"))


def test_names_cannot_leave_the_data() -> None:
    text = page_of([Subject(hostile(), "numpy")], title=HOSTILE, peak=PEAK)
    assert "<script>alert" not in text and text.count("</script>") == 2
    found = unpacked(text)
    assert found["title"] == HOSTILE and found["programs"][0]["name"] == HOSTILE
    assert found["files"][0]["path"] == HOSTILE


def test_titles_that_look_like_the_pages_own_marks() -> None:
    text = page_of([Subject(hostile(), "numpy")], title="@DATA@ @SCRIPT@", peak=PEAK)
    assert "<title>@DATA@ @SCRIPT@ - diptych</title>" in text
    assert unpacked(text)["title"] == "@DATA@ @SCRIPT@"


def test_redacted_pages_have_no_source(bundle: Path, tmp_path: Path) -> None:
    file = tmp_path / "redacted.html"
    assert main(["view", str(bundle), "-o", str(file), "--no-source", "--peak", "9", "--bandwidth", "9"]) == 0
    found = unpacked(file.read_text())
    assert found["redacted"] and all(each["text"] is None for each in found["files"])
    assert {each["path"] for each in found["files"]} == {"train_net.py"}
    text = json.dumps(found)
    assert str(bundle.parent) not in text and "torch.relu(self.inner(x))" not in text


def test_refusals(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "f.ir").write_text(print_function(chain(3)))
    target = str(tmp_path / "f.ir")
    assert main(["view", target, "-o", str(tmp_path / "none/page.html"), "--peak", "9", "--bandwidth", "9"]) == 2
    assert capsys.readouterr().err.endswith("none/page.html: No such file or directory\n")
    assert main(["view", target, "-o", "x.html", "--peak", "9"]) == 2
    assert capsys.readouterr().err == "diptych: --peak and --bandwidth are given together, or neither is\n"
    monkeypatch.setitem(__import__("sys").modules, "fast_sugiyama", None)
    assert (
        main(["view", str(tmp_path / "none.py"), "-o", str(tmp_path / "page.html"), "--peak", "9", "--bandwidth", "9"])
        == 2
    )
    assert capsys.readouterr().err == (
        "diptych: view: fast-sugiyama, which says where boxes of a graph stand, is not installed; "
        "try: pip install 'diptych[view]'\n"
    )
