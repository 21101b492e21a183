""".npz files: numbers and lists come back, what would run does not."""

from __future__ import annotations

import random
import zipfile
from pathlib import Path

import numpy as np
import pytest
from diptych.datasets import DamagedFile
from diptych.datasets.npz import read_npz

from tests.datasets.files import texts


@pytest.mark.parametrize("packed", [False, True])
def test_arrays_come_back(tmp_path: Path, packed: bool) -> None:
    numbers, lists, columns = np.arange(6, dtype=">i2").reshape(2, 3), texts(4, 0), np.asfortranarray(np.eye(3)[:2])
    (np.savez_compressed if packed else np.savez)(tmp_path / "a.npz", x=numbers, y=lists, z=columns)
    x, y, z = read_npz(tmp_path / "a.npz", ("x", "y", "z"))
    np.testing.assert_array_equal(x, numbers)
    np.testing.assert_array_equal(z, columns)
    assert y.tolist() == lists.tolist() and x.dtype == numbers.dtype and x.flags.writeable


class Opened:
    """Pickles as a call."""

    def __reduce__(self) -> tuple[object, ...]:
        return print, ("ran",)


def test_an_array_that_would_run_something_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hostile = np.empty(1, object)
    hostile[0] = Opened()
    np.savez(tmp_path / "a.npz", x=hostile)
    with pytest.raises(DamagedFile, match=r"x is no array: it names (builtins|__builtin__)\.print, which"):
        read_npz(tmp_path / "a.npz", ["x"])
    assert capsys.readouterr().out == ""


def test_what_is_missing_too_large_or_no_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, x=np.zeros(1000))
    for names, limit, message in (
        (["y"], 1 << 20, "holds no array 'y' but ['x.npy']"),
        (["x"], 100, "x has 8128 bytes but may have at most 100"),
    ):
        with pytest.raises(DamagedFile) as caught:
            read_npz(path, names, max_bytes=limit)
        assert str(caught.value) == f"{path}: {message}"
    path.write_bytes(b"no archive")
    with pytest.raises(DamagedFile, match="is no sound .npz file: File is not a zip file"):
        read_npz(path, ["x"])
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", b"\x93NUMPY\x01\x00\x10\x00{'descr': '<f8'}")
    with pytest.raises(DamagedFile, match="x is no array"):
        read_npz(path, ["x"])


def test_changed_bytes_are_read_or_refused(tmp_path: Path) -> None:
    choose = random.Random(0)
    np.savez(tmp_path / "sound.npz", x=np.arange(5), y=texts(3, 0))
    sound = (tmp_path / "sound.npz").read_bytes()
    refused = 0
    for _ in range(500):
        data = bytearray(sound)
        for _ in range(choose.randint(1, 3)):
            data[choose.randrange(len(data))] = choose.randrange(256)
        (tmp_path / "a.npz").write_bytes(data)
        try:
            read_npz(tmp_path / "a.npz", ("x", "y"), max_bytes=1 << 20)
        except DamagedFile:
            refused += 1
    assert refused > 300


def test_a_refusal_is_short(tmp_path: Path) -> None:
    path = tmp_path / "changed.npz"
    np.savez(path, x=np.zeros(1000))
    path.write_bytes(path.read_bytes().replace(b"x.npy", b"y.npy", 1))  # in one of the two places that have the name
    with pytest.raises(DamagedFile) as caught:
        read_npz(path, ["x"])
    assert str(caught.value).startswith(f"{path}: is no sound .npz file: ") and len(str(caught.value)) < 350 + len(
        str(path)
    )


@pytest.mark.parametrize("head", [b"{'descr': '<f8', 'shape': (1,", b"(" * 200, b"[{'descr'}]"])
def test_heads_that_are_no_literals_are_refused(tmp_path: Path, head: bytes) -> None:
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("x.npy", b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head)
    with pytest.raises(DamagedFile, match="x is no array"):
        read_npz(tmp_path / "a.npz", ["x"])
