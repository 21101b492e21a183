"""Distances between an input and a target."""

from __future__ import annotations

CASES = """
F.mse_loss(leaf(2, 3), leaf(2, 3))
F.mse_loss(leaf(2, 3), leaf(2, 3), reduction="sum")
F.mse_loss(leaf(2, 3), leaf(2, 3), reduction="none")
F.mse_loss(leaf(), leaf())
F.mse_loss(floats(0), floats(0))
F.mse_loss(floats(2), doubles(2))
F.mse_loss(floats(2), ints(2))
F.mse_loss(ints(2), ints(2))
F.mse_loss(floats(2, 3), floats(2, 2))
F.mse_loss(floats(2), floats(2), reduction="avg")
F.l1_loss(leaf(2, 3), leaf(2, 3))
F.l1_loss(leaf(2, 3), leaf(2, 3), reduction="sum")
F.l1_loss(leaf(2, 3), leaf(2, 3), reduction="none")
F.l1_loss(leaf_of([1.0, 2.0]), leaf_of([1.0, 3.0]))
F.l1_loss(floats(2), doubles(2))
F.smooth_l1_loss(leaf(2, 3), leaf(2, 3))
F.smooth_l1_loss(leaf(2, 3), leaf(2, 3), reduction="sum")
F.smooth_l1_loss(leaf(2, 3), leaf(2, 3), reduction="none")
F.smooth_l1_loss(leaf(2, 3), leaf(2, 3), beta=0.5)
F.smooth_l1_loss(leaf(2, 3), leaf(2, 3), beta=0)
F.smooth_l1_loss(leaf(2, 3), leaf(2, 3), beta=-1.0)
F.smooth_l1_loss(leaf_of([0.0, 1.0]), leaf_of([1.0, 1.0]))
F.mse_loss(leaf(2, 3), leaf(2, 3), weight=doubles(2, 3, low=0.1))
F.mse_loss(leaf(2, 3), leaf(2, 3), weight=doubles(2, 3, low=0.1), reduction="none")
F.mse_loss(floats(2, 3), floats(2, 3), weight=floats(3))
F.mse_loss(floats(2), floats(2), weight=floats(2), reduction="avg")
F.l1_loss(leaf(2, 3), leaf(2, 3), weight=doubles(2, 3, low=0.1), reduction="sum")
F.l1_loss(leaf(2, 3), leaf(2, 3), weight=leaf(2, 3, low=0.1))
F.huber_loss(leaf(2, 3), leaf(2, 3))
F.huber_loss(leaf(2, 3), leaf(2, 3), delta=0.4, reduction="none")
F.huber_loss(leaf(2, 3), leaf(2, 3), delta=0.4, weight=doubles(2, 3, low=0.1))
F.huber_loss(leaf_of([1.0, 2.0]), leaf_of([2.0, 2.0]), reduction="sum")
F.huber_loss(floats(2), floats(2), delta=0)
F.huber_loss(floats(2), floats(2), reduction="avg")
F.huber_loss(floats(2), floats(2), reduction="avg", weight=floats(2))
F.huber_loss(floats(2), floats(2), weight=floats(3))
F.huber_loss(ints(2), ints(2))

# -- far away ----
F.huber_loss(leaf_of([inf, -inf, nan, 2.0, -2.0, 0.5]), leaf_of([0.0, 0.0, 0.0, 0.0, 0.0, 0.0]), "none", 2.0)
F.smooth_l1_loss(leaf_of([inf, -inf, nan, 2.0, -0.5]), leaf_of([0.0, 0.0, 0.0, 0.0, 0.0]), reduction="none", beta=0.5)
F.l1_loss(leaf_of([inf, nan, 1.0, -1.0]), leaf_of([0.0, 0.0, 1.0, 0.0]), reduction="none")
"""


def second_derivatives_of_bent_losses(torch, F, leaf_of):
    x = leaf_of([0.25, 1.0, -2.0, 3.0])
    y = torch.zeros_like(x)
    found = []
    for each in (F.huber_loss(x, y, reduction="sum"), F.smooth_l1_loss(x, y, reduction="sum", beta=2.0)):
        (first,) = torch.autograd.grad(each, x, create_graph=True)
        found.extend(torch.autograd.grad(first.square().sum(), x))
    return found
