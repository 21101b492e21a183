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
"""
