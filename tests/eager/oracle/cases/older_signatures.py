"""Numbers in front of the tensors that they scale."""

from __future__ import annotations

CASES = """
torch.add(leaf(3), 10, leaf(3))
torch.add(leaf(3), 10, other=leaf(3))
leaf(3).add(10, leaf(3))
floats(3).add_(-0.5, floats(3))
torch.sub(leaf(3), 2, leaf(3))
floats(3).sub_(2, floats(3))
torch.addcmul(leaf(3), 2, leaf(3), leaf(3))
torch.addcmul(leaf(3), 2, tensor1=leaf(3), tensor2=leaf(3))
floats(3).addcmul_(0.5, floats(3), floats(3))
torch.addcdiv(leaf(3), 2, leaf(3), leaf(3))
floats(3).addcdiv_(-0.5, floats(3), floats(3))
torch.addmm(2, leaf(2, 2), 3, leaf(2, 2), leaf(2, 2))
torch.addmm(2, leaf(2, 2), leaf(2, 2), leaf(2, 2))
leaf(2, 2).addmm(2, 3, leaf(2, 2), leaf(2, 2))
leaf(2, 2).addmm(2, leaf(2, 2), leaf(2, 2))
floats(2, 2).addmm_(2, 3, floats(2, 2), floats(2, 2))
torch.addmv(2, leaf(2), 3, leaf(2, 3), leaf(3))
torch.addr(2, leaf(2, 3), leaf(2), leaf(3))
torch.baddbmm(2, leaf(1, 2, 2), 3, leaf(1, 2, 2), leaf(1, 2, 2))
torch.addbmm(2, leaf(2, 2), 3, leaf(1, 2, 2), leaf(1, 2, 2))
torch.where(tensor([[1, 0], [0, 1]], "bool"))
torch.where(floats(2, 2))
"""
