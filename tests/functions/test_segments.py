"""Reductions of segments, against loops of numpy."""

import numpy as np
import pytest
from diptych.functions import segments as f

from tests.functions.evaluation import run

DATA = np.random.RandomState(0).randn(8, 3).astype(np.float32)
IDS = np.array([2, 0, 2, -1, 4, 0, 9, 2])
REDUCTIONS = {
    "sum": np.sum, "mean": np.mean, "prod": np.prod, "min": np.min, "max": np.max,
    "sqrt_n": lambda x, axis: x.sum(axis) / np.sqrt(len(x)),
}  # fmt: skip


@pytest.mark.parametrize("how", REDUCTIONS)
def test_reductions(how):
    found = run(f.reduced, DATA, IDS, count=5, how=how, empty=7)
    wanted = [REDUCTIONS[how](DATA[each == IDS], axis=0) if (each == IDS).any() else np.full(3, 7) for each in range(5)]
    np.testing.assert_allclose(found, wanted, rtol=1e-5)


def test_segments_without_parts():
    whole = run(f.reduced, np.array([3, 1]), np.array([0, 0]), count=2, how="max")
    assert whole.tolist() == [3, np.iinfo(whole.dtype).min]
    assert run(f.reduced, DATA, IDS, count=5, how="min")[1].tolist() == [np.finfo(np.float32).max] * 3
    assert run(f.reduced, DATA, IDS, count=5, how="prod")[1].tolist() == [1] * 3


def test_means_of_integers_are_cut():
    assert run(f.reduced, np.array([1, 2, 4]), np.array([0, 0, 1]), count=2, how="mean").tolist() == [1, 4]
