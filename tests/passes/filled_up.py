"""Programs that are filled up, held against those for the very sizes; and batches of rows, and of texts."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from diptych.backends.reference.interpreter import evaluate
from diptych.ir import (
    Builder,
    Dimension,
    Function,
    TensorType,
    Value,
    dtypes,
    named,
    verify,
)
from diptych.passes.padding import any_axis_of, padded, real_places
from diptych.passes.specialise import specialise

N, M = named("n"), named("m")
CAPACITY = 7
SIZES = [{"n": 3, "m": 5}, {"n": 7, "m": 1}, {"n": 1, "m": 7}, {"n": 7, "m": 7}]

Sizes = dict[str, int]
Given = list[tuple[np.ndarray, dict[int, str]]]  # arrays, and the names that their axes have


def filled(array: np.ndarray, axes: Iterable[int]) -> np.ndarray:
    for axis in axes:
        array = np.take(array, np.minimum(np.arange(CAPACITY), array.shape[axis] - 1), axis)
    return array


def check_of(function: Function, sizes: Sizes, given: Given) -> None:
    """Real rows are those of the program for these very sizes."""
    capacities = dict.fromkeys(sizes, CAPACITY)
    made, axes = padded(function, capacities)
    verify(made)
    wanted = evaluate(specialise(function, sizes), [array for array, _ in given])
    counts = [np.int64(size) for size in sizes.values()]
    found = evaluate(made, [*(filled(array, named) for array, named in given), *counts])
    for result, lies, ours, theirs in zip(function.results, axes, found, wanted, strict=True):
        for axis, dim in enumerate(result.shape):
            if isinstance(dim, Dimension):
                ours = np.take(ours, real_places(lies[axis] or any_axis_of(dim), sizes, capacities), axis)
        np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-6, equal_nan=True)


def check(function: Function, size: int, arrays: list[np.ndarray], places: list[tuple[int, int]]) -> None:
    """The same, of one name."""
    check_of(
        function,
        {"n": size},
        [(array, {a: "n" for p, a in places if p == place}) for place, array in enumerate(arrays)],
    )


def rows(b: Builder, *shape: int) -> Value:
    return b.parameter(TensorType(dtypes.f64, (N, *shape)))


def words(b: Builder, *shape: int) -> Value:
    return b.parameter(TensorType(dtypes.f64, (N, M, *shape)))


def given_words(sizes: Sizes, *shape: int) -> Given:
    array = np.random.default_rng(3).standard_normal((sizes["n"], sizes["m"], *shape))
    return [(array, {0: "n", 1: "m"})]
