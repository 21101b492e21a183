"""Reading event files."""

from __future__ import annotations

from pathlib import Path

import pytest
from diptych.events import DamagedData, Event, read
from diptych.events.records import framed


def test_events_come_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "x"
    events = [Event(step=1), Event(step=2, file_version="a")]
    path.write_bytes(b"".join(framed(event.SerializeToString()) for event in events))
    found = read(str(path))
    assert next(found) == events[0]
    assert list(found) == events[1:]


def test_what_is_no_event_is_named_by_its_place_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(framed(Event(step=1).SerializeToString()) + framed(b"\x10\x01\x1a\x05a"))
    found = read(path)
    assert next(found).step == 1
    with pytest.raises(DamagedData) as error:
        next(found)
    assert str(error.value) == f"diptych.events.read: {path}, byte 32: field 3 is 4 bytes longer than its message"


def test_a_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        next(read(tmp_path / "x"))
