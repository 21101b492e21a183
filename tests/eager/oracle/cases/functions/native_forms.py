"""Functions of `torch` in forms of their own."""

from __future__ import annotations

CASES = """
torch.dropout(leaf(2, 3), 0.5, False)
torch.dropout(leaf(2, 3), p=0.0, train=True)
torch.dropout(leaf(2, 3), p=1.0, train=True)
torch.dropout(leaf(2, 3), p=2.0, train=False)
torch.dropout(1.5, 0.5, True)
torch.alpha_dropout(leaf(2, 3), 0.0, True)
torch.alpha_dropout(leaf(2, 3), -0.5, True)
torch.feature_dropout(leaf(2, 3, 2), 1.0, True)
torch.feature_dropout(leaf(2, 3, 2), 0.5, train=False)
torch.feature_alpha_dropout(leaf(2, 3, 2), 0.5, False)
torch.embedding(leaf(4, 2), torch.tensor([[0, 3], [1, 1]]))
torch.embedding(leaf(4, 2), torch.tensor([0, 3, 1]), padding_idx=3)
torch.embedding(leaf(4, 2), torch.tensor([0, 3, 1]), -1)
torch.embedding(leaf(4, 2), torch.tensor([0, 0, 1]), scale_grad_by_freq=True)
torch.embedding(leaf(4, 2), [0])
torch.detach(leaf(3))
torch.detach(3)
torch.get_device(floats(3))
torch.get_device(3)
torch.is_distributed(floats(3))
torch.is_same_size(floats(2, 3), floats(3, 2))
torch.is_same_size(floats(2, 3), floats(2, 3))
torch.is_same_size(floats(2, 3), 3)
torch.cosine_similarity(leaf(2, 3), leaf(2, 3))
torch.pairwise_distance(leaf(2, 3), leaf(2, 3), keepdim=True)
torch.pdist(leaf(3, 2))
torch.bilinear(leaf(2, 3), leaf(2, 2), leaf(4, 3, 2))
"""
