"""Checkpoints in several processes: each reads what its devices have, and what fails in one fails in all."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mesh.test_processes import launched


def test_state_on_meshes_of_two_processes(tmp_path: Path) -> None:
    found = launched(2, "reloaded.py", str(tmp_path), devices=2)
    partial = f"{tmp_path}/step-000000002.partial"
    for each in found:
        assert each["axes"] == {"model/0.weight": "model .", "optimizer/state/0/exp_avg": "model data", "host": None}
        for name in ("same", "other"):
            assert each[name]["losses"] == pytest.approx(each["losses"], rel=1e-5)
        shapes = {name: (each[name]["weight"], each[name]["moment"]) for name in ("same", "other", "across", "unnamed")}
        half, quarter = [[16, 16]] * 2, [[16, 8]] * 2
        assert shapes == {
            "same": (half, quarter),
            "other": ([[32, 8]] * 2, quarter),
            "across": (half, quarter),
            "unnamed": (None, [[32, 4]] * 2),  # of what was split, along the axis that the mesh still has
        }
        assert {each[name]["host"] for name in shapes} == {"ndarray"}
        assert all(each[name]["once"] for name in shapes)
        # Of what is split in four a process needs two pieces, and where its axis lies between processes one of two.
        assert each["pieces"] > each["same"]["pieces"] > each["across"]["pieces"]

        for rank in (0, 1):
            told = f"save_checkpoint: process {rank} failed: {partial}/part-{rank:05}."
            assert each[f"{rank} fails"].startswith(told) and "File too large" in each[f"{rank} fails"]
        assert each["unlike"] == "save_checkpoint: process 1 failed: x is of type object, which is not saved"
        assert each["left"] == [1] and each["then"] == [1, 2]
    assert found[0]["damaged"] == ""
    damaged = f"{tmp_path}/step-000000001/part-00001.safetensors: "
    assert found[1]["damaged"].startswith(damaged) and found[1]["damaged"].endswith("its checksum is another one")
