"""Downloads arrive whole or not at all, and say what to do where they cannot be had."""

from __future__ import annotations

import hashlib
import io
import urllib.error
import urllib.request
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from diptych.datasets import DownloadFailed
from diptych.datasets.downloading import fetch
from diptych.datasets.published import Published

DATA = b"what is in the file" * 10000


class Answer(io.BytesIO):
    """What a server answers."""

    def __init__(self, data: bytes, length: int | None) -> None:
        super().__init__(data)
        self.headers = Message()
        if length is not None:
            self.headers["Content-Length"] = str(length)


def serve(monkeypatch: pytest.MonkeyPatch, pages: dict[str, Any]) -> list[str]:
    """Answers addresses from `pages`, bytes or errors; returns the list of those asked for."""
    asked: list[str] = []

    def urlopen(request: urllib.request.Request, timeout: float) -> Answer:
        asked.append(request.full_url)
        page = pages[request.full_url]
        if isinstance(page, Exception):
            raise page
        return page if isinstance(page, Answer) else Answer(page, len(page))

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    return asked


def published(*addresses: str, checksum: str | None = None) -> Published:
    return Published("file.gz", addresses, checksum)


@pytest.mark.parametrize("hash_name", ["md5", "sha256"])
def test_a_sound_file_arrives_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hash_name: str) -> None:
    asked = serve(monkeypatch, {"http://one/": DATA})
    file = published("http://one/", checksum=hashlib.new(hash_name, DATA).hexdigest())
    for _ in range(2):
        assert fetch(file, tmp_path / "new" / "folder").read_bytes() == DATA
    assert asked == ["http://one/"]
    assert [path.name for path in (tmp_path / "new" / "folder").iterdir()] == ["file.gz"]


def test_the_next_address_is_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = {"http://one/": urllib.error.URLError("gone"), "http://two/": DATA}
    assert serve(monkeypatch, pages) == []
    assert fetch(published("http://one/", "http://two/"), tmp_path).read_bytes() == DATA


def test_a_file_without_a_length_arrives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    serve(monkeypatch, {"http://one/": Answer(DATA, None)})
    assert fetch(published("http://one/"), tmp_path).read_bytes() == DATA


def test_a_damaged_file_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = {"http://cut/": Answer(DATA[:-5], len(DATA)), "http://other/": DATA}
    serve(monkeypatch, pages)
    with pytest.raises(DownloadFailed) as caught:
        fetch(published("http://cut/", "http://other/", checksum="0" * 32), tmp_path)
    assert str(caught.value) == (
        "file.gz: could not be downloaded from "
        f"http://cut/ (it ended after {len(DATA) - 5} of {len(DATA)} bytes), nor from "
        f"http://other/ (its md5 is {hashlib.md5(DATA).hexdigest()} but must be {'0' * 32})\n"
        f"  try: put the file there by hand: {tmp_path / 'file.gz'}"
    )
    assert list(tmp_path.iterdir()) == []


def test_without_a_network_the_error_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DownloadFailed) as caught:
        fetch(published("http://one/"), tmp_path)
    assert str(caught.value) == (
        "file.gz: could not be downloaded from http://one/ (no network)\n"
        f"  try: put the file there by hand: {tmp_path / 'file.gz'}"
    )
    assert isinstance(caught.value, RuntimeError)


def test_a_bar_shows_how_far_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    serve(monkeypatch, {"http://one/": DATA})
    fetch(published("http://one/"), tmp_path)
    assert "file.gz: 100%" in capsys.readouterr().err


def test_without_tqdm_there_is_no_bar(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "tqdm", None)
    serve(monkeypatch, {"http://one/": DATA})
    assert fetch(published("http://one/"), tmp_path).read_bytes() == DATA
    assert capsys.readouterr().err == ""
