"""Operands that PyTorch's own messages name otherwise."""

from __future__ import annotations

import enum

import diptych.eager as torch
import numpy as np
import pytest


class Level(enum.IntEnum):
    LOW = 2


def test_numbers_of_other_classes_count_as_numbers() -> None:
    x = torch.tensor([1.0, 2.0])
    assert torch.add(x, Level.LOW).tolist() == [3.0, 4.0]
    assert torch.mul(x, np.float64(0.5)).tolist() == [0.5, 1.0]
    assert torch.pow(x, np.int64(2)).tolist() == [1.0, 4.0]
    assert torch.clamp(x, np.float32(1.5), 3).tolist() == [1.5, 2.0]


def test_numbers_alone_are_refused() -> None:
    for call in (lambda: torch.add(1, 2), lambda: torch.div(1, 2), lambda: torch.maximum(1, 2)):
        with pytest.raises(TypeError, match=r"^\w+\(\): argument 'input' \(position 1\) must be Tensor, not int$"):
            call()


def test_a_bound_of_each_kind_is_refused() -> None:
    with pytest.raises(TypeError, match=r"^clamp\(\): min and max must be both numbers or both tensors$"):
        torch.clamp(torch.ones(2), torch.ones(2), 1.0)
