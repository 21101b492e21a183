"""Places in order."""

from __future__ import annotations

import numpy as np
from diptych.eager.sparse.ordering import distinct, in_order, merged, numbered


def test_places_are_numbered_row_by_row() -> None:
    assert numbered(np.array([[0, 1], [2, 0]]), (2, 3)).tolist() == [2, 3]
    assert numbered(np.zeros((0, 2), np.int64), ()).tolist() == [0, 0]


def test_different_places() -> None:
    places, groups = distinct(np.array([[1, 0, 1], [0, 2, 0]]), (2, 3))
    assert places.tolist() == [[0, 1], [2, 0]]
    assert groups.tolist() == [1, 0, 1]


def test_order() -> None:
    assert in_order(np.array([[0, 1, 1], [2, 0, 1]]), (2, 3))
    assert not in_order(np.array([[0, 1, 1], [2, 0, 0]]), (2, 3))


def test_lists_are_gone_through_side_by_side() -> None:
    one, two = np.array([[3, 1]]), np.array([[1, 3, 0]])
    places, first, second = merged(one, two, (4,))
    assert places.tolist() == [[1, 3, 0, 1]]
    assert first.tolist() == [1, 3]
    assert second.tolist() == [0, 1, 2]


def test_lists_in_order_and_equal_ones() -> None:
    places, first, second = merged(np.array([[0, 2]]), np.array([[1, 2]]), (4,))
    assert (places.tolist(), first.tolist(), second.tolist()) == ([[0, 1, 2]], [0, 2], [1, 2])
    places, first, second = merged(np.array([[2, 0]]), np.array([[2, 0]]), (4,))
    assert (places.tolist(), first.tolist(), second.tolist()) == ([[2, 0]], [0, 1], [0, 1])
