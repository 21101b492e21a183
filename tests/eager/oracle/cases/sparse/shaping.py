"""Axes in another order, parts and joins."""

from __future__ import annotations

_SPARSE = "torch.sparse_coo_tensor([[0, 1, 1, 0], [2, 0, 2, 2]], floats(4), (2, 3))"
_WIDE = "torch.sparse_coo_tensor([[0, 1, 1, 0]], floats(4, 2, 3), (2, 2, 3))"
_HELD = "torch.sparse_coo_tensor(tensor([[0, 1, 1, 0], [2, 0, 2, 1]], 'int64'), leaf(4), (2, 3))"

CASES = f"""
{_SPARSE}.t()
torch.t({_SPARSE})
{_SPARSE}.T
{_SPARSE}.mT
{_SPARSE}.transpose(0, 1)
{_SPARSE}.transpose(0, 0)
{_WIDE}.transpose(1, 2)
{_WIDE}.transpose(0, 1)
{_WIDE}.permute(0, 2, 1)
{_SPARSE}.permute(1, 0)
{_SPARSE}.permute(0, 0)
{_WIDE}.permute(1, 0, 2)
{_HELD}.t().to_dense()
{_SPARSE}[0]
{_SPARSE}[-1]
{_SPARSE}[0, 2]
{_SPARSE}[:, 1]
{_WIDE}[0]
{_WIDE}[1, 0]
{_SPARSE}.select(1, 2)
{_SPARSE}.unsqueeze(0)
{_SPARSE}.unsqueeze(-1)
{_WIDE}.unsqueeze(2)
{_SPARSE}.index_select(0, tensor([1, 0, 1], "int64"))
{_SPARSE}.index_select(1, tensor([2, 0], "int64"))
{_WIDE}.index_select(2, tensor([2, 0], "int64"))
torch.cat([{_SPARSE}, {_SPARSE}])
torch.cat([{_SPARSE}, {_SPARSE}], 1)
torch.cat([{_WIDE}, {_WIDE}], 2)
torch.cat([{_SPARSE}, floats(2, 3)])
torch.stack([{_SPARSE}, {_SPARSE}])
torch.stack([{_HELD}, {_HELD}]).to_dense()
{_SPARSE}.view(-1)
{_SPARSE}.reshape(-1)
{_SPARSE}.flatten()
{_SPARSE}.squeeze()
{_SPARSE}.expand(2, 2, 3)
list({_SPARSE})
"""
