"""Places in vectors that depend on data, against numpy."""

import numpy as np
from diptych.functions import picking as f
from diptych.ir import dtypes

from tests.functions.evaluation import run

RANDOM = np.random.RandomState(0)


def test_true_places():
    for length in (0, 1, 50):
        mask = RANDOM.rand(length) > 0.4
        count = int(run(f.count_true, mask))
        assert count == mask.sum()
        assert run(f.true_places, mask, count=count, dtype=dtypes.i64).tolist() == np.flatnonzero(mask).tolist()


def test_coordinates():
    places = np.arange(24)
    found = [run(lambda b, x, axis=axis: f.coordinates(b, x, (2, 3, 4))[axis], places) for axis in range(3)]
    assert np.array_equal(found, np.unravel_index(places, (2, 3, 4)))


def test_first_occurrences():
    for x in (RANDOM.randint(0, 9, 40), np.array([True, False, True]), np.zeros(0), np.array([1 + 1j, 1, 1 + 1j])):
        wanted = [x.tolist().index(item) for item in x.tolist()]
        assert run(f.first_occurrences, x).tolist() == wanted
    assert run(f.first_occurrences, np.array([np.nan, 1, np.nan])).tolist() == [0, 1, 2]


def test_numbered_and_group_sizes():
    x = RANDOM.randint(0, 5, 30)
    first = run(f.first_occurrences, x)
    distinct = list(dict.fromkeys(x.tolist()))
    found = run(f.numbered, first == np.arange(30), first, dtype=dtypes.i64)
    assert [distinct[number] for number in found] == x.tolist()
    assert run(f.group_sizes, x - 1, count=3).tolist() == [(x == number).sum() for number in (1, 2, 3)]
