"""`torch.Size`."""

from __future__ import annotations

CASES = """
torch.Size([2, 3])
torch.Size((2, 3))
torch.Size()
torch.Size([])
str(torch.Size([2, 3]))
floats(2, 3).shape
floats(2, 3).size()
floats(2, 3).size(0)
floats(2, 3).size(-1)
floats(2, 3).size(dim=1)
floats(2, 3).size(2)
floats(2, 3).size(-3)
floats().size(0)
floats(2, 3).shape[0]
floats(2, 3, 4).shape[1:]
floats(2, 3, 4).shape[-1]
floats(2, 3).shape[2]
floats(2, 3).shape == (2, 3)
(2, 3) == floats(2, 3).shape
floats(2, 3).shape == [2, 3]
floats(2, 3).shape != torch.Size([2, 4])
floats(2, 3).shape + (4,)
(4,) + floats(2, 3).shape
floats(2, 3).shape + torch.Size([4])
floats(2, 3).shape + [4]
floats(2, 3).shape * 2
2 * floats(2, 3).shape
floats(2, 3, 4).shape.numel()
torch.Size([]).numel()
torch.Size([2, 0]).numel()
list(floats(2, 3).shape)
tuple(floats(2, 3).shape)
len(floats(2, 3).shape)
3 in floats(2, 3).shape
hash(torch.Size([2, 3])) == hash((2, 3))
isinstance(floats(2).shape, tuple)
torch.Size([2.5])
torch.Size(["a"])
torch.Size(3)
torch.Size([True, 2])
torch.Size([2, torch.tensor(3)])
torch.Size([np.int64(3)])
floats(2, 3).shape.count(2)
floats(2, 3).shape.index(3)
max(floats(2, 3).shape)
floats(2, 3).dim()
floats(2, 3).ndim
floats(2, 3).numel()
floats(2, 3).nelement()
len(floats(2, 3))
len(floats())
"""


def copies_are_sizes(torch):
    import copy
    import pickle

    size = torch.Size([2, 3])
    return copy.copy(size), copy.deepcopy(size), pickle.loads(pickle.dumps(size))
