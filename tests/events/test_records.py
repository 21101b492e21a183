"""Records of files: their layout, files that are being written, and damage."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from diptych.events import DamagedData, RecordWriter, read_records
from diptych.events.checksums import masked_crc32c
from diptych.events.records import MAX_RECORD, check_size, framed


def test_the_layout() -> None:
    """As TensorFlow writes a record of `abc`."""
    assert framed(b"abc").hex() == "0300000000000000b099490e6162636e57f121"


def test_a_writer_appends_to_a_file() -> None:
    file = io.BytesIO()
    writer = RecordWriter(file)
    writer.write(b"abc")
    writer.write(b"")
    writer.flush()
    assert file.getvalue() == framed(b"abc") + framed(b"")
    assert not writer.closed
    writer.close()
    assert writer.closed


def test_records_come_back_with_their_offsets(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(framed(b"abc") + framed(b"") + framed(b"de"))
    assert list(read_records(path)) == [(12, b"abc"), (31, b""), (47, b"de")]


def test_a_record_that_is_not_whole_ends_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x"
    whole = framed(b"abc") + framed(b"defg")
    for size in range(len(whole) + 1):
        path.write_bytes(whole[:size])
        wanted = [b"abc", b"defg"][: (size >= 19) + (size >= len(whole))]
        assert [data for _, data in read_records(path)] == wanted


def test_a_file_that_grows_is_read_on(tmp_path: Path) -> None:
    path = tmp_path / "x"
    with path.open("wb", buffering=0) as file:
        file.write(framed(b"abc"))
        records = read_records(path)
        assert next(records) == (12, b"abc")
        file.write(framed(b"de"))
        assert next(records) == (31, b"de")


@pytest.mark.parametrize("place, where, name", [(0, 0, "length"), (9, 0, "length"), (13, 12, "data"), (17, 12, "data")])
def test_damage_is_named(place: int, where: int, name: str, tmp_path: Path) -> None:
    path = tmp_path / "x"
    good = framed(b"old")
    bad = bytearray(framed(b"abc"))
    bad[place] ^= 0x10
    path.write_bytes(good + bad)
    records = read_records(path)
    assert next(records) == (12, b"old")
    with pytest.raises(DamagedData) as error:
        next(records)
    covered, given = (bad[:8], bad[8:12]) if name == "length" else (bad[12:15], bad[15:])
    checksum, wanted = int.from_bytes(given, "little"), masked_crc32c(bytes(covered))
    reason = f"the checksum of the {name} is {checksum:#010x} but must be {wanted:#010x}"
    assert (error.value.offset, error.value.reason) == (19 + where, reason)
    assert str(error.value) == f"diptych.events.read: {path}, byte {19 + where}: {reason}"


def test_lengths_are_limited(tmp_path: Path) -> None:
    path = tmp_path / "x"
    length = (MAX_RECORD + 1).to_bytes(8, "little")
    path.write_bytes(length + masked_crc32c(length).to_bytes(4, "little") + b"abc")
    with pytest.raises(DamagedData) as error:
        list(read_records(path))
    assert str(error.value) == (
        f"diptych.events.read: {path}, byte 0: the length is 1073741825 bytes but must be at most 1073741824"
    )

    class Long(bytes):
        def __len__(self) -> int:
            return MAX_RECORD + 1

    with pytest.raises(ValueError) as refused:
        check_size(Long())
    assert str(refused.value) == "diptych.events: a record is 1073741825 bytes but must be at most 1073741824"
