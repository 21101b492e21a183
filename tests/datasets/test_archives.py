"""Archives give the files that are named, and nothing else."""

from __future__ import annotations

import io
import random
import tarfile
import zipfile
from pathlib import Path

import pytest
from diptych.datasets import DamagedFile
from diptych.datasets.archives import extract_tar, extract_zip


def tar(path: Path, entries: list[tarfile.TarInfo]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for entry in entries:
            data = b"x" * entry.size
            archive.addfile(entry, io.BytesIO(data))
    return path


def entry(name: str, size: int = 3, kind: bytes = tarfile.REGTYPE) -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    found.size, found.type, found.linkname = size, kind, "/etc/passwd" if kind == tarfile.SYMTYPE else ""
    return found


def test_named_files_alone_are_written(tmp_path: Path) -> None:
    path = tar(tmp_path / "a.tar.gz", [entry("in/a"), entry("../outside"), entry("in/b"), entry("/in/c")])
    extract_tar(path, "in", ["a", "b"], tmp_path / "target")
    found = sorted(str(each.relative_to(tmp_path)) for each in tmp_path.rglob("*") if each.is_file())
    assert found == ["a.tar.gz", "target/in/a", "target/in/b"]


def test_links_and_missing_files_are_refused(tmp_path: Path) -> None:
    path = tar(tmp_path / "a.tar.gz", [entry("in/a", 0, tarfile.SYMTYPE)])
    with pytest.raises(DamagedFile, match="holds no in/a"):
        extract_tar(path, "in", ["a"], tmp_path)
    assert not (tmp_path / "in").exists()


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    sound = tar(tmp_path / "a.tar.gz", [entry("in/a", 100000)]).read_bytes()
    for data in (b"", b"nothing", sound[: len(sound) // 2]):
        (tmp_path / "b").write_bytes(data)
        with pytest.raises(DamagedFile):
            extract_tar(tmp_path / "b", "in", ["a"], tmp_path)
        with pytest.raises(DamagedFile):
            extract_zip(tmp_path / "b", ["a"], tmp_path)


def test_members_of_a_zip_file(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("gzip/a", b"abc")
    extract_zip(tmp_path / "a.zip", ["gzip/a"], tmp_path / "target")
    assert (tmp_path / "target" / "a").read_bytes() == b"abc"
    with pytest.raises(DamagedFile, match="holds no gzip/b"):
        extract_zip(tmp_path / "a.zip", ["gzip/b"], tmp_path / "target")


def test_changed_bytes_are_read_or_refused(tmp_path: Path) -> None:
    """Nothing but DamagedFile, and nothing outside of the target."""
    choose = random.Random(0)
    tar(tmp_path / "a.tar.gz", [entry("in/a", 400), entry("in/b", 30)])
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("in/a", b"abc" * 100)
        archive.writestr("in/b", b"def")
    refused = 0
    for name in ("a.tar.gz", "a.zip"):
        sound = (tmp_path / name).read_bytes()
        for _ in range(150):
            data = bytearray(sound)
            for _ in range(choose.randint(1, 3)):
                data[choose.randrange(len(data))] = choose.randrange(256)
            (tmp_path / "changed").write_bytes(data)
            try:
                if name == "a.zip":
                    extract_zip(tmp_path / "changed", ["in/a", "in/b"], tmp_path / "target")
                else:
                    extract_tar(tmp_path / "changed", "in", ["a", "b"], tmp_path / "target")
            except DamagedFile:
                refused += 1
    assert refused > 150
    assert {each.name for each in tmp_path.iterdir()} == {"a.tar.gz", "a.zip", "changed", "target"}
