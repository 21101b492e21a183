"""Cross entropy of probabilities."""

from __future__ import annotations

CASES = """
F.binary_cross_entropy(leaf(2, 3, low=0.1, high=0.9), leaf(2, 3, low=0, high=1))
F.binary_cross_entropy(leaf(2, 3, low=0.1, high=0.9), doubles(2, 3, low=0, high=1), reduction="sum")
F.binary_cross_entropy(leaf(2, 3, low=0.1, high=0.9), doubles(2, 3, low=0, high=1), reduction="none")
F.binary_cross_entropy(leaf(2, 3, low=0.1, high=0.9), doubles(2, 3, low=0, high=1), weight=doubles(2, 3, low=0.5))
F.binary_cross_entropy(leaf(2, 3, low=0.1, high=0.9), doubles(2, 3, low=0, high=1), doubles(3, low=0.5), reduction="sum")
F.binary_cross_entropy(tensor([0.0, 1.0, 0.0, 1.0], "float64"), tensor([0.0, 1.0, 1.0, 0.0], "float64"), reduction="none")
F.binary_cross_entropy(leaf_of([0.0, 1.0, 0.5]), tensor([1.0, 0.0, 1.0], "float64"))
F.binary_cross_entropy(floats(2, low=0, high=1), floats(3, low=0, high=1))
F.binary_cross_entropy(floats(2, low=0, high=1), doubles(2, low=0, high=1))
F.binary_cross_entropy(floats(2, low=0, high=1), ints(2, low=0, high=2))
F.binary_cross_entropy(tensor([1.5], "float32"), tensor([1.0], "float32"))
F.binary_cross_entropy_with_logits(leaf(2, 3), leaf(2, 3, low=0, high=1))
F.binary_cross_entropy_with_logits(leaf(2, 3), doubles(2, 3, low=0, high=1), reduction="sum")
F.binary_cross_entropy_with_logits(leaf(2, 3), doubles(2, 3, low=0, high=1), reduction="none")
F.binary_cross_entropy_with_logits(leaf(2, 3), doubles(2, 3, low=0, high=1), weight=doubles(3, low=0.5))
F.binary_cross_entropy_with_logits(leaf(2, 3), doubles(2, 3, low=0, high=1), pos_weight=doubles(3, low=0.5))
F.binary_cross_entropy_with_logits(leaf(2, 3), doubles(2, 3, low=0, high=1), doubles(3), pos_weight=doubles(3, low=0.5), reduction="sum")
F.binary_cross_entropy_with_logits(tensor([1000.0, -1000.0, 1000.0], "float32"), tensor([1.0, 0.0, 0.0], "float32"), reduction="none")
F.binary_cross_entropy_with_logits(leaf_of([0.0, 0.0]), tensor([1.0, 0.0], "float64"))
F.binary_cross_entropy_with_logits(floats(2, 3), floats(3))
F.binary_cross_entropy_with_logits(floats(2), floats(2), reduction="avg")
"""
