"""How sparse tensors print."""

from __future__ import annotations

CASES = """
repr(torch.sparse_coo_tensor([[0, 1]], [1e-6, 2e6], (3,)))
repr(torch.sparse_coo_tensor([[0, 1]], [1 + 2j, 3j], (3,)))
repr(torch.sparse_coo_tensor([[0, 1]], tensor([1, 2], "int32"), (3,)))
repr(torch.sparse_coo_tensor([[0, 1]], floats(2, 2, 2), (3, 2, 2)))
repr(torch.tensor(1.0).to_sparse())
str(torch.sparse_coo_tensor([[0, 1]], leaf(2), (3,)))
"""
