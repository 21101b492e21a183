"""The reader on files with faults."""

from __future__ import annotations

from pathlib import Path

from tests.events.mutations import count_outcomes


def test_faulty_files_are_read_or_refused(tmp_path: Path) -> None:
    found = count_outcomes(1, 1500, tmp_path / "x")
    assert min(found.values()) > 50
