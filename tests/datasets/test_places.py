"""Where files are looked for, in which order."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from diptych.datasets.places import find, find_folder


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")
    return path


def test_the_users_folder_comes_first_then_the_listed_ones_then_the_usual(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    monkeypatch.setenv("DIPTYCH_DATA", f"{one}{os.pathsep}{two}")
    assert find("x.gz", [tmp_path / "root"], ["MNIST/raw", "mnist"]) is None
    places = [
        Path.home() / ".keras/datasets/mnist/x.gz", two / "mnist/x.gz", two / "MNIST/raw/x.gz", one / "mnist/x.gz",
        tmp_path / "root/x.gz",
    ]  # fmt: skip
    for place in places:
        touch(place)
        assert find("x.gz", [tmp_path / "root"], ["MNIST/raw", "mnist"]) == place


def test_files_are_found_packed_or_not(tmp_path: Path) -> None:
    touch(tmp_path / "a")
    touch(tmp_path / "b.gz")
    assert find("a.gz", [tmp_path]) == tmp_path / "a"
    assert find("b", [tmp_path]) == tmp_path / "b.gz"


def test_a_listed_folder_counts_itself_by_its_name_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of MNIST and of FashionMNIST bear the same names."""
    touch(tmp_path / "mnist" / "x.gz")
    touch(tmp_path / "fashion" / "x.gz")
    for name, found in (("mnist", tmp_path / "mnist" / "x.gz"), ("fashion", None)):
        monkeypatch.setenv("DIPTYCH_DATA", str(tmp_path / name))
        assert find("x.gz", [], ["mnist"]) == found


def test_a_folder_counts_where_all_its_files_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIPTYCH_DATA", str(tmp_path))
    touch(tmp_path / "batches" / "a")
    assert find_folder("batches", ["a", "b"], []) is None
    touch(tmp_path / "batches" / "b")
    assert find_folder("batches", ["a", "b"], []) == tmp_path / "batches"


def test_who_has_no_home_looks_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(number: int) -> None:
        raise KeyError(number)

    monkeypatch.delenv("HOME")
    monkeypatch.setattr("pwd.getpwuid", unknown)
    monkeypatch.setenv("DIPTYCH_DATA", f"~nobody/files{os.pathsep}{tmp_path}")
    place = touch(tmp_path / "x")
    assert find("x", [], ["."]) == place


def test_a_place_that_may_not_be_looked_at_holds_nothing(tmp_path: Path) -> None:
    place = touch(tmp_path / "x")
    assert find("x", [tmp_path / ("long" * 100), tmp_path]) == place
    assert find_folder("long" * 100, ["x"], [tmp_path]) is None
