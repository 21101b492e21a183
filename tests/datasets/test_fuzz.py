"""Reading arrays and plain pickles with faults."""

from __future__ import annotations

import collections

from tests.datasets.fuzz import faulty_files, outcome


def test_faulty_files_are_read_or_refused() -> None:
    found = collections.Counter(map(outcome, faulty_files(1, 400)))
    assert set(found) == {"read", "refused"} and min(found.values()) > 8
