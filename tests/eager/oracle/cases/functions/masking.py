"""Functions of the elements where a mask holds."""

from __future__ import annotations

CASES = """
torch.masked.sum(leaf(2, 3), 1, mask=tensor([[True, False, True], [False, False, False]], "bool"))
torch.masked.sum(leaf(2, 3))
torch.masked.prod(leaf(2, 3), 1, mask=tensor([True, False, True], "bool"))
torch.masked.cumsum(leaf(2, 3), 1, mask=tensor([True, False, True], "bool"))
torch.masked.cumprod(leaf(2, 3), 1, mask=tensor([True, False, True], "bool"))
torch.masked.amax(leaf(2, 3), 1, mask=tensor([True, False, True], "bool"))
torch.masked.amin(leaf(2, 3), 1, mask=tensor([True, False, True], "bool"))
torch.masked.argmax(floats(2, 3), 1, mask=tensor([[True, False, True], [False, True, True]], "bool"))
torch.masked.argmin(floats(2, 3), 1, mask=tensor([[True, False, True], [False, True, True]], "bool"))
torch.masked.mean(leaf(2, 3), 1, mask=tensor([[True, False, True], [False, False, False]], "bool"))
torch.masked.median(leaf(2, 3), 1, mask=tensor([[True, False, True], [True, True, True]], "bool"))
torch.masked.norm(leaf(2, 3), 2, 1, mask=tensor([[True, False, True], [True, True, True]], "bool"))
torch.masked.var(leaf(2, 3), 1, mask=tensor([[True, False, True], [True, True, True]], "bool"))
torch.masked.std(leaf(2, 3), 1, False, mask=tensor([[True, False, True], [True, True, True]], "bool"))
torch.masked.logsumexp(leaf(2, 3), 1, mask=tensor([[True, False, True], [True, True, True]], "bool"))
torch.masked.logaddexp(leaf(3), leaf(3), input_mask=tensor([True, False, True], "bool"))
torch.masked.softmax(leaf(2, 3), 1, mask=tensor([[True, False, True], [True, True, True]], "bool"))
torch.masked.log_softmax(leaf(2, 3), 1)
torch.masked.softmin(leaf(2, 3), 1, mask=tensor([[True, False, True], [True, True, True]], "bool"))
torch.masked.normalize(leaf(2, 3), 2.0, 1, mask=tensor([[True, False, True], [True, True, True]], "bool"))
"""
