"""Places in order: what numpy finds out about them when they are read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def numbered(places: np.ndarray, sizes: Sequence[int]) -> np.ndarray:
    """For each place [axes, elements] its number when all are counted row by row."""
    found = np.zeros(places.shape[1], np.int64)
    for axis, size in zip(places, sizes, strict=False):
        found = found * size + axis
    return found


def distinct(places: np.ndarray, sizes: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """(the different places in order, for each element the number of its place)."""
    _, first, groups = np.unique(numbered(places, sizes), return_index=True, return_inverse=True)
    return np.ascontiguousarray(places[:, first]), groups.reshape(-1)


def in_order(places: np.ndarray, sizes: Sequence[int]) -> bool:
    """Whether places are in order and different."""
    numbers = numbered(places, sizes)
    return bool((numbers[1:] > numbers[:-1]).all())


def merged(one: np.ndarray, two: np.ndarray, sizes: Sequence[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two lists of places as one, each gone through once from its start, the smaller of both fronts first and equal
    ones together: (places, for each element of either list where it went)."""
    first, second = numbered(one, sizes), numbered(two, sizes)
    if np.array_equal(first, second):
        return one, np.arange(len(first)), np.arange(len(first))
    if (first[1:] > first[:-1]).all() and (second[1:] > second[:-1]).all():
        places, into = distinct(np.concatenate([one, two], 1), sizes)
        return places, into[: len(first)], into[len(first) :]
    left, right, count = 0, 0, 0
    into = np.empty(len(first), np.int64), np.empty(len(second), np.int64)
    taken: list[int] = []  # columns of both lists side by side
    while left < len(first) or right < len(second):
        ahead = right == len(second) or (left < len(first) and first[left] <= second[right])
        equal = ahead and right < len(second) and first[left] == second[right]
        taken.append(left if ahead else len(first) + right)
        if ahead:
            into[0][left] = count
            left += 1
        if equal or not ahead:
            into[1][right] = count
            right += 1
        count += 1
    return np.ascontiguousarray(np.concatenate([one, two], 1)[:, taken]), *into
