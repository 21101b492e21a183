"""A process that comes to the end of its script is heard of: others raise an error where they would wait for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mesh.test_processes import launched
from tests.mesh.test_strategies import by_variable

pytest.importorskip("jax")
TOLD = "process {} has come to the end of its script"
TOGETHER = ("all_reduce", "again", "broadcast", "barrier", "objects", "module", "step", "join", "save")
ON_A_MESH = ("run", "again", "odd", "unfed", "fit", "monitored")


def test_collectives_messages_and_modules() -> None:
    *others, last = launched(3, "leaving.py")
    assert last == {"together": 4.0}
    for rank, each in enumerate(others):
        received: dict[str, object] = {}
        if rank == 0:
            group = "process 1 has come to the end of its process group"
            received = {"sent before": 11.0, "recv": TOLD.format(2), "group": group, "recv any": group}
        assert each == {"together": 4.0, "alone": 6.0, **received, **dict.fromkeys(TOGETHER, TOLD.format(2))}


def test_programs_of_a_mesh(tmp_path: Path) -> None:
    chief, worker = by_variable(2, tmp_path, "leaving_graph.py", chief_status=1)
    assert worker == {"together": 24.0}
    assert chief == {
        "together": 24.0,
        "read": 24.0,
        **dict.fromkeys(ON_A_MESH, TOLD.format(1)),
    }
    assert (tmp_path / "kernel.index").exists()
