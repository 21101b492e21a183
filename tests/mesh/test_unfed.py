"""Programs that are fed nothing: those that all processes must run are compared, others one may run alone."""

from __future__ import annotations

import re

import pytest

from tests.mesh.test_processes import launched

pytest.importorskip("jax")
FED = "a program for Sum:0"
ALONE = {
    "summed": "a program for Sum_1:0",
    "written": "a program for AssignAdd:0, new value of whole",
    "initialized": "a program for new value of whole",
    "drawn": "a program for random_normal:0, new value of random_normal/RandomStandardNormal",
}


def test_programs_without_batches() -> None:
    first, second = launched(2, "unfed.py", devices=2)
    assert first["read"] == [128, [4, 8]] and first["made"] == [256, [4, 8]] and "read" not in second
    for rank, each in enumerate((first, second)):
        assert (each["sum"], each["grown"], each["after"], each["odd"]) == (64, 128, 2048, 11 * 128)
        for name, run in ALONE.items():
            other, own = (FED, run) if rank == 0 else (run, FED)
            assert re.sub(r" of \d+ operations| \(\w{8}\)", "", each[name]) == (
                f"process {1 - rank} is about to run {other}, and process {rank} {own}, but processes that share a mesh "
                "must run the same in the same order"
            )
