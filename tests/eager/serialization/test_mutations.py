"""Damaged files are read or refused, whatever is in them."""

from __future__ import annotations

from tests.eager.serialization.mutations import run


def test_damaged_files_are_read_or_refused():
    found = run(400)
    assert found["refused"] > 200 and found["read"] > 5
