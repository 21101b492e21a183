"""Steps of views, where the oracle's cases do not reach."""

from __future__ import annotations

import diptych.eager as torch
import pytest
from diptych.ir import Unsupported


def gradient(sizes: tuple[int, ...], strides: tuple[int, ...], offset: int, weights: list[float]) -> list[float]:
    """Of a leaf that shows elements 1 to 4 of six."""
    leaf = torch.arange(6.0)[1:5].requires_grad_()
    part = leaf.as_strided(sizes, strides, offset)
    assert type(part.grad_fn).__name__ == "AsStridedBackward0"
    (part * torch.tensor(weights).reshape(sizes)).sum().backward()
    assert leaf.grad is not None
    return leaf.grad.tolist()


def test_as_strided_of_a_leaf_that_is_a_view() -> None:
    """The numbers are PyTorch's."""
    assert gradient((2,), (1,), 2, [2.0, 3.0]) == [0.0, 2.0, 3.0, 0.0]
    assert gradient((2, 2), (1, 1), 1, [2.0, 3.0, 5.0, 7.0]) == [2.0, 8.0, 7.0, 0.0]


def test_as_strided_of_a_view_of_such_a_leaf() -> None:
    leaf = torch.arange(6.0)[1:5].requires_grad_()
    (leaf[1:].as_strided((2,), (2,), 2) * torch.tensor([2.0, 3.0])).sum().backward()
    assert leaf.grad is not None
    assert leaf.grad.tolist() == [0.0, 2.0, 0.0, 3.0]


def test_as_strided_beyond_such_a_leaf() -> None:
    leaf = torch.arange(6.0)[1:5].requires_grad_()
    with pytest.raises(Unsupported, match="^as_strided: shows elements beyond a leaf that is a view and wants its"):
        leaf.as_strided((2,), (1,), 0)
    with torch.no_grad():
        assert leaf.as_strided((2,), (1,), 0).tolist() == [0.0, 1.0]


def test_as_strided_of_such_a_leaf_shares_its_memory() -> None:
    base = torch.arange(6.0)
    base.numpy()
    leaf = base[1:5].requires_grad_()
    part = leaf.detach().as_strided((2,), (2,), 2)
    with torch.no_grad():
        shown = leaf.as_strided((2,), (2,), 2)
        shown.mul_(10)
    assert base.tolist() == [0.0, 1.0, 20.0, 3.0, 40.0, 5.0]
    assert part.tolist() == [20.0, 40.0]
