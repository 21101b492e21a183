"""Sums and softmax."""

from __future__ import annotations

_SPARSE = "torch.sparse_coo_tensor([[0, 1, 1, 0], [2, 0, 2, 2]], floats(4), (2, 3))"
_WIDE = "torch.sparse_coo_tensor([[0, 1, 1, 0]], floats(4, 2), (2, 2))"
_HELD = "torch.sparse_coo_tensor(tensor([[0, 1, 1, 0], [2, 0, 2, 1]], 'int64'), leaf(4), (2, 3))"

CASES = f"""
torch.sparse.sum({_SPARSE})
torch.sparse.sum({_SPARSE}, 0)
torch.sparse.sum({_SPARSE}, -1)
torch.sparse.sum({_SPARSE}, (0, 1))
torch.sparse.sum({_SPARSE}, dtype=torch.float64)
torch.sparse.sum({_SPARSE}, 2)
torch.sparse.sum({_WIDE}, 0)
torch.sparse.sum({_WIDE}, 1)
torch.sparse.sum({_WIDE}, (0, 1))
torch.sparse.sum({_HELD}, 0).to_dense()
torch.sparse.sum({_HELD})
torch.sparse.softmax({_SPARSE}, 1)
torch.sparse.softmax({_SPARSE}, 0)
torch.sparse.softmax({_SPARSE}, -1, dtype=torch.float64)
torch.sparse.softmax({_WIDE}, 1)
torch.sparse.softmax({_WIDE}, 0)
torch.sparse.log_softmax({_SPARSE}, 1)
torch.sparse.log_softmax({_WIDE}, 1)
torch.sparse.softmax({_HELD}, 1).to_dense()
torch.sparse.log_softmax({_HELD}, 1).to_dense()
torch.sparse.softmax({_SPARSE}, 2)
torch.sparse.sum(floats(2, 3))
torch.sparse.softmax(floats(2, 3), 1)
"""
