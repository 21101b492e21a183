"""What losses refuse in their own words."""

from __future__ import annotations

import diptych.eager as torch
import pytest
from diptych.ir import Unsupported

F = torch.nn.functional


@pytest.mark.parametrize("name", ["mse_loss", "l1_loss"])
def test_weights_of_distances_are_refused(name: str) -> None:
    x = torch.ones(2)
    with pytest.raises(
        Unsupported, match=rf"^{name}\(\): weight is not there\n  try: reduction='none', times the weights$"
    ):
        getattr(F, name)(x, x, weight=x)


def test_saturated_probabilities_have_finite_gradients() -> None:
    """In 32 bits sigmoid(20) is 1: the logarithm of the rest is infinite."""
    x = torch.tensor([20.0, -120.0, 0.0], requires_grad=True)
    F.binary_cross_entropy(torch.sigmoid(x), torch.tensor([0.0, 1.0, 1.0])).backward()
    assert x.grad is not None
    assert bool(torch.isfinite(x.grad).all())
