"""Windows against loops in Python."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import pytest
from diptych.backends.reference import window
from diptych.backends.tolerances import disagreement, tolerance
from diptych.ir import ops

from tests.backends.runs import on_both


def windows(shape: tuple[int, ...], *, window: Any, stride: Any, padding: Any, dilation: Any) -> Iterator[Any]:
    """Each window's place, and the places of its elements inside x in row-major order."""
    counts = [
        max(0, (size + low + high - (extent - 1) * step - 1) // move + 1)
        for size, extent, move, (low, high), step in zip(shape, window, stride, padding, dilation, strict=True)
    ]
    for place in product(*map(range, counts)):
        elements = []
        for offset in product(*map(range, window)):
            at = tuple(
                p * move - low + o * step
                for p, move, (low, _), o, step in zip(place, stride, padding, offset, dilation, strict=True)
            )
            if all(0 <= a < size for a, size in zip(at, shape, strict=True)):
                elements.append(at)
        yield place, elements, counts


def _attributes(random: np.random.Generator, rank: int) -> dict[str, Any]:
    return {
        "window": tuple(int(random.integers(1, 4)) for _ in range(rank)),
        "stride": tuple(int(random.integers(1, 4)) for _ in range(rank)),
        "padding": tuple((int(random.integers(0, 3)), int(random.integers(0, 3))) for _ in range(rank)),
        "dilation": tuple(int(random.integers(1, 3)) for _ in range(rank)),
    }


def _first_largest(x: np.ndarray, elements: list[Any]) -> Any:
    """The last nan, else the first of the largest; None of nothing."""
    best = None
    for at in elements:
        if best is None or np.isnan(x[at]) or x[at] > x[best]:
            best = at
    return best


@pytest.mark.parametrize("seed", range(16))
def test_windows_are_their_definition(seed: int) -> None:
    random = np.random.default_rng(seed)
    rank = 1 + seed % 3
    attributes = _attributes(random, rank)
    shape = tuple(int(size) for size in random.integers(4, 7, rank))
    x = random.integers(-3, 3, shape).astype(np.float64)  # many ties
    x[random.random(shape) < 0.05] = np.nan
    x[random.random(shape) < 0.1] = -np.inf
    values = random.normal(size=shape)
    everything = list(windows(shape, **attributes))
    counts = everything[0][2] if everything else [0] * rank
    sums, largest, gathered = np.zeros(counts), np.full(counts, -np.inf), np.zeros(counts)
    updates, scattered = random.normal(size=counts), np.zeros(shape)
    for place, elements, _ in everything:
        sums[place] = sum(values[at] for at in elements)
        best = _first_largest(x, elements)
        if best is not None:
            largest[place], gathered[place] = x[best], values[best]
            scattered[best] += updates[place]
    for op, operands, wanted in (
        (ops.window_sum, [values], sums),
        (ops.window_max, [x], largest),
        (ops.window_gather, [x, values], gathered),
        (ops.window_scatter, [x, updates], scattered),
    ):
        found = on_both(op, operands, **attributes)[0]
        problem = disagreement(found, wanted, tolerance(op, found.dtype))
        assert problem is None, f"{op.name} {problem}"


@pytest.mark.parametrize("shape", [(5, 4, 6), (2, 3, 4, 6)])
def test_blocks_of_rows_are_worked_on_alone(shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    x, values = random.integers(0, 3, shape).astype(np.float32), random.random(shape)
    ones = (1,) * (len(shape) - 2)
    attributes = {
        "window": (*ones, 2, 3), "stride": (*ones, 2, 1), "padding": ((0, 0),) * len(ones) + ((0, 0), (1, 1)),
        "dilation": (*ones, 1, 1),
    }  # fmt: skip
    gather, scatter = window.OVERRIDES[ops.window_gather], window.OVERRIDES[ops.window_scatter]
    whole = gather(np, x, values, **attributes)
    spread = scatter(np, x, whole, **attributes)
    monkeypatch.setattr(window, "BLOCK", 50)
    np.testing.assert_array_equal(gather(np, x, values, **attributes), whole)
    np.testing.assert_array_equal(scatter(np, x, whole, **attributes), spread)
    assert spread.shape == shape and spread.dtype == np.float64
