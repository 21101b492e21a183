"""Programs of TensorFlow 1 train in two and four processes as in one, end together, and leave one set of files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.mesh.test_processes import launched
from tests.mesh.test_strategies import by_variable

pytest.importorskip("jax")


@pytest.fixture(scope="module")
def alone() -> dict[str, Any]:
    (found,) = launched(1, "together.py")
    return found


def _check(found: list[dict[str, Any]], alone: dict[str, Any]) -> None:
    for each in found:
        for name, told in each.items():
            if name != "refused":
                assert told["numbers"] == pytest.approx(alone[name]["numbers"], rel=1e-5, abs=1e-6), name
                assert told.get("files") == alone[name].get("files")


def test_two_processes_of_two_devices(alone: dict[str, Any], tmp_path: Path) -> None:
    found = by_variable(2, tmp_path, "together.py", devices=2)
    _check(found, alone)
    roles = [each["estimator"].pop("role") for each in found]
    assert roles == [["chief", 0, True, 2, 0], ["worker", 0, False, 2, 1]]
    assert alone["estimator"]["role"] == ["worker", 0, True, 1, 0]
    for each in found:
        told = each["estimator"]
        assert told["steps"] == alone["estimator"]["steps"] == 7 and told["last"] == "model.ckpt-9"
        assert told["files"] == {".": 1, "chief": 1, "eval": 1}
        assert not told["evaluated"] and alone["estimator"]["evaluated"]  # by an evaluator, of which there is none
        assert each["monitored"]["files"] == {".": 1, "chief": 1} and each["keras"]["files"] == {".": 1}
        assert each["runs"]["asserted"] == alone["runs"]["asserted"] == "assertion failed: [too large]"
        variables = each["variables"]
        assert variables["before"] == variables["after"] == found[0]["variables"]["before"]
        assert len(each["estimator"]["numbers"]) == 12
    assert [each["ends"]["read"] for each in found] == [[2, 4, 8], []] and alone["ends"]["read"] == [2, 4, 8]
    for rank, each in enumerate(found):
        other = re.sub(r" of \d+ operations| \(\w{8}\)", "", each["ends"]["other"])
        mean, largest = "a program for Mean:0", "a program for Max:0"
        names = (mean, largest) if rank else (largest, mean)
        assert other == (
            f"process {1 - rank} is about to run {names[0]}, and process {rank} {names[1]}, but processes that share a "
            "mesh must run the same in the same order"
        )
        assert each["refused"] == [
            "tf.keras.Model: a data set whose parts several processes make is not supported",
            "mesh(data=2) has the devices of 1 processes, but there are 2",
            "tf.train.Saver: kernel is split over processes, of which each has 12 rows",
            "tf.train.SessionManager.wait_for_session on a mesh of several processes is not supported",
            "tf.train.Supervisor on a mesh of several processes is not supported",
            "tf.estimator.RunConfig over 2 processes: train_distribute is None but must be a "
            "MultiWorkerMirroredStrategy; there are no parameter servers",
            "tf.estimator.RunConfig over 2 processes: train_distribute is OneDeviceStrategy but must be a "
            "MultiWorkerMirroredStrategy; there are no parameter servers",
        ]


def test_four_processes_that_were_launched(alone: dict[str, Any]) -> None:
    _check(launched(4, "together.py", "monitored"), alone)
