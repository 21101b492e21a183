"""The reader on files with faults."""

from __future__ import annotations

import collections
from pathlib import Path

from tests.events.fuzz import faulty_files, outcome


def test_faulty_files_are_read_or_refused(tmp_path: Path) -> None:
    found = collections.Counter(outcome(tmp_path / "x", data) for data in faulty_files(1, 1500))
    assert set(found) == {"read", "refused"} and min(found.values()) > 30
