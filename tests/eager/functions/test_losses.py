"""Losses at the edges of what numbers hold."""

from __future__ import annotations

import diptych.eager as torch

F = torch.nn.functional


def test_saturated_probabilities_have_finite_gradients() -> None:
    """In 32 bits sigmoid(20) is 1: the logarithm of the rest is infinite."""
    x = torch.tensor([20.0, -120.0, 0.0], requires_grad=True)
    F.binary_cross_entropy(torch.sigmoid(x), torch.tensor([0.0, 1.0, 1.0])).backward()
    assert x.grad is not None
    assert bool(torch.isfinite(x.grad).all())
