"""Which gradients go as one: the answers are those of PyTorch 2.13."""

from __future__ import annotations

import diptych.eager as torch
import pytest
from diptych.eager.nn.parallel.hooked import buckets_of

SINGLE, DOUBLE = torch.float32, torch.float64


@pytest.mark.parametrize(
    ("sizes", "limits", "forward", "backward"),
    [
        ([(5, SINGLE)], [100], [[0]], [[0]]),
        ([(5, SINGLE), (20, SINGLE), (5, SINGLE)], [50], [[2], [0, 1]], [[2, 1], [0]]),
        ([(5, SINGLE), (20, SINGLE), (5, SINGLE)], [1, 400], [[1, 2], [0]], [[2], [1, 0]]),
        ([(2, DOUBLE), (2, SINGLE), (2, DOUBLE)], [1000], [[1], [0, 2]], [[1], [2, 0]]),
        ([(60, SINGLE), (55, SINGLE), (12, DOUBLE)], [1, 300], [[2], [1], [0]], [[2], [1], [0]]),
    ],
)
def test_buckets(
    sizes: list[tuple[int, torch.dtype]], limits: list[int], forward: list[list[int]], backward: list[list[int]]
) -> None:
    parameters = [torch.zeros(size, dtype=dtype) for size, dtype in sizes]
    assert buckets_of(parameters, limits, reverse=False) == forward
    assert buckets_of(parameters, limits, reverse=True) == backward
