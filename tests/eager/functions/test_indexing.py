"""Indices that are computed first, and so checked when they are read."""

from __future__ import annotations

import diptych.eager as torch
import pytest
from diptych.ir import DiptychError


@pytest.mark.numpy_alone("XLA raises nothing for an index that is out of range")
def test_indices_that_wait_are_checked_when_they_are_read() -> None:
    places = torch.tensor([0, 2]) * 2
    found = torch.arange(4)[places]
    with pytest.raises(DiptychError, match=r"^gather: indices\[0\] is 4 but must be from 0 to 3: axis 0 has size 4"):
        found.tolist()


@pytest.mark.numpy_alone("XLA raises nothing for an index that is out of range")
def test_targets_that_wait_are_checked_when_they_are_read() -> None:
    target = torch.tensor([0, 1]) * 3
    loss = torch.nn.functional.cross_entropy(torch.tensor([[0.5, 1.0, 2.0], [1.0, 0.0, 3.0]]), target)
    with pytest.raises(DiptychError, match=r"^gather: indices\[0\] is 3 but must be from 0 to 2: axis 0 has size 3"):
        loss.item()


def test_targets_that_wait_may_hold_the_ignored_class() -> None:
    target = torch.tensor([0, -50]) * 2
    assert torch.nn.functional.cross_entropy(torch.zeros(2, 3), target).item() == pytest.approx(1.0986123)
