"""Tensors of data: what torch has no words for, or other ones."""

from __future__ import annotations

import diptych.eager as torch
import ml_dtypes
import numpy as np
import pytest


def test_deep_lists_end() -> None:
    nested: list[object] = []
    for _ in range(100):
        nested = [nested]
    with pytest.raises(ValueError, match=r"^too many dimensions 'list'$"):
        torch.tensor(nested)


def test_arrays_of_bfloat16() -> None:
    array = np.array([1.5, 2.5], ml_dtypes.bfloat16)
    assert torch.from_numpy(array).dtype is torch.bfloat16
    assert torch.tensor(array).tolist() == [1.5, 2.5]


def test_arrays_that_run_backwards() -> None:
    """PyTorch refuses them; here they are as good as others."""
    assert torch.tensor(np.arange(3)[::-1]).tolist() == [2, 1, 0]


def test_conversions_of_arrays_are_silent() -> None:
    """No warning where a number overflows or is nan: PyTorch gives none."""
    assert torch.tensor(np.array([1e300]), dtype=torch.float32).tolist() == [float("inf")]
    assert torch.tensor(np.array([np.nan]), dtype=torch.int64).dtype is torch.int64
    assert torch.tensor([1e300, 1.0]).tolist() == [float("inf"), 1.0]
