"""Losses of margins and distances, as modules."""

from __future__ import annotations

CASES = """
nn.MarginRankingLoss(0.3)(leaf(4), leaf(4), tensor([1, -1, 1, -1], "int64"))
nn.HingeEmbeddingLoss(0.3, reduction="sum")(leaf(4), tensor([1, -1, 1, -1], "int64"))
nn.SoftMarginLoss()(leaf(4), tensor([1, -1, 1, -1], "int64"))
nn.MultiLabelMarginLoss()(leaf(2, 3), tensor([[2, -1, 0], [0, 1, -1]], "int64"))
nn.MultiLabelSoftMarginLoss(doubles(3, low=0.1))(leaf(2, 3), bools(2, 3).double())
nn.MultiMarginLoss(2, 0.5, doubles(3, low=0.1))(leaf(2, 3), tensor([2, 0], "int64"))
nn.MultiMarginLoss(3)
nn.MultiMarginLoss(weight=floats(2, 2))
nn.CosineEmbeddingLoss(0.2)(leaf(2, 3), leaf(2, 3), tensor([1, -1], "int64"))
nn.TripletMarginLoss(0.5, 1, swap=True)(leaf(2, 3), leaf(2, 3), leaf(2, 3))
nn.TripletMarginLoss(0)
nn.TripletMarginWithDistanceLoss(margin=0.5, swap=True)(leaf(2, 3), leaf(2, 3), leaf(2, 3))
nn.TripletMarginWithDistanceLoss(distance_function=lambda x, y: (x * y).sum(1), reduction="none")(leaf(2, 3), leaf(2, 3), leaf(2, 3))
nn.TripletMarginWithDistanceLoss(margin=0)
repr(nn.TripletMarginWithDistanceLoss())
repr(nn.MultiMarginLoss())
list(nn.MultiMarginLoss(weight=floats(2)).state_dict())
"""
