"""Batches whose rows devices cannot share give the numbers of one device, in two and in four processes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.mesh.test_processes import launched
from tests.mesh.test_strategies import by_variable

pytest.importorskip("jax")


def _check(found: list[dict[str, Any]], alone: dict[str, Any]) -> None:
    for each in found:
        one, other, total = each.pop("refused")
        told = "batch: process 1 has a part of shape {} and process 0 one of {}, but the parts of a batch must be alike"
        assert one == f"{told.format([16, 25], [16, 24])} but for their rows"
        assert other == f"{told.format([16, 25], [15, 24])} but for their rows"
        assert total == f"{12.0 * 7 * len(found)}"
        for name, numbers in each.items():
            assert numbers == pytest.approx(alone[name], rel=1e-5, abs=1e-5), name


def test_batches_that_do_not_divide(tmp_path: Path) -> None:
    (alone,) = launched(1, "remainders.py")
    _check(by_variable(2, tmp_path, "remainders.py", devices=2), alone)
    _check(launched(4, "remainders.py", "dataset"), alone)
