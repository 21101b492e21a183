"""idx files: read to the number, refused where they are not whole."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import numpy as np
import pytest
from diptych.datasets import DamagedFile
from diptych.datasets.idx import read_idx

from tests.datasets.files import idx


@pytest.mark.parametrize("dtype", ["uint8", "int8", "int16", "int32", "float32", "float64"])
@pytest.mark.parametrize("packed", [False, True])
def test_arrays_come_back(tmp_path: Path, dtype: str, packed: bool) -> None:
    array = np.arange(-12, 12).reshape(2, 3, 4).astype(dtype)
    (tmp_path / "file").write_bytes(gzip.compress(idx(array)) if packed else idx(array))
    found = read_idx(tmp_path / "file")
    np.testing.assert_array_equal(found, array)
    assert found.dtype == array.dtype and found.flags.writeable


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "begins with nothing but must begin with the head of an idx file"),
        (b"\x80\x02}q", "begins with 80027d71 but must begin with the head of an idx file"),
        (b"\0\0\x08\x03\0\0\0\x01", "ends in its head"),
        (b"\0\0\x08\x01\0\0\0\x05ab", "holds 2 bytes of data but its head says 5"),
        (b"\0\0\x08\x01\0\0\0\x02abc", "holds more than the 2 bytes of data that its head says"),
        (b"\0\0\x08\x02" + b"\xff" * 8, f"says that it holds {0xFFFFFFFF**2} bytes but may hold at most 1073741824"),
        (
            gzip.compress(idx(np.zeros(100, np.uint8)), mtime=0)[:-12],
            "is no sound gzip file: Compressed file ended before the end-of-stream marker was reached",
        ),
    ],
)
def test_what_is_damaged_is_refused(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "file").write_bytes(data)
    with pytest.raises(DamagedFile) as caught:
        read_idx(tmp_path / "file")
    assert str(caught.value) == f"{tmp_path / 'file'}: {message}"


def test_a_packed_file_may_not_grow_beyond_the_limit(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(gzip.compress(idx(np.zeros(10**6, np.uint8))))
    with pytest.raises(DamagedFile, match="says that it holds 1000000 bytes but may hold at most 999"):
        read_idx(tmp_path / "file", max_bytes=999)


def test_changed_bytes_are_read_or_refused(tmp_path: Path) -> None:
    """Nothing but DamagedFile, whatever is in the file."""
    choose = random.Random(0)
    refused = 0
    for packed in (False, True):
        sound = idx(np.arange(64, dtype=np.uint8).reshape(8, 8))
        sound = gzip.compress(sound, mtime=0) if packed else sound
        for _ in range(300):
            data = bytearray(sound)
            for _ in range(choose.randint(1, 3)):
                data[choose.randrange(min(len(data), 40))] = choose.randrange(256)
            (tmp_path / "file").write_bytes(data[: choose.randint(0, len(data))])
            try:
                read_idx(tmp_path / "file", max_bytes=1 << 20)
            except DamagedFile:
                refused += 1
    assert refused > 500
