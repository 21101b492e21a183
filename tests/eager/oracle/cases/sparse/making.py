"""Making sparse tensors."""

from __future__ import annotations

CASES = """
torch.sparse_coo_tensor([[0, 1, 1], [2, 0, 2]], [3.0, 4.0, 5.0], (2, 3))
torch.sparse_coo_tensor([[0, 1, 1], [2, 0, 2]], [3.0, 4.0, 5.0])
torch.sparse_coo_tensor(ints(2, 3, low=0), floats(3), (6, 6))
torch.sparse_coo_tensor(ints(2, 3, low=0), floats(3, 2), (6, 6, 2))
torch.sparse_coo_tensor(ints(2, 3, low=0, dtype="int32"), floats(3))
torch.sparse_coo_tensor(ints(2, 3, low=0), [1, 2, 3], (6, 6))
torch.sparse_coo_tensor(ints(2, 3, low=0), floats(3), (6, 6), dtype=torch.float64)
torch.sparse_coo_tensor(ints(2, 3, low=0), floats(3), (6, 6), is_coalesced=True)
torch.sparse_coo_tensor(ints(2, 3, low=0), floats(3), (6, 6), requires_grad=True)
torch.sparse_coo_tensor((2, 3))
torch.sparse_coo_tensor((2, 3), dtype=torch.int64)
torch.sparse_coo_tensor([[1]], 5.0, (2,))
torch.sparse_coo_tensor([[0], [1]], [True], (2, 2))
torch.sparse_coo_tensor(torch.zeros(2, 0), [], (2, 3))
torch.sparse_coo_tensor(torch.empty((2, 0)).long(), [])
torch.sparse_coo_tensor(ints(2, 3, low=0), floats(3), (3,))
torch.sparse_coo_tensor(ints(2, 3, low=0), floats(2), (6, 6))
torch.sparse_coo_tensor(ints(2, 3, low=0), floats(3, 2), (6, 6, 3))
torch.sparse_coo_tensor([[0, 1, 1], [2, 0, 2]], floats(3), (1, 3), check_invariants=True)
torch.sparse_coo_tensor([[0, -1, 1], [2, 0, 2]], floats(3), (2, 3), check_invariants=True)
torch.sparse_coo_tensor([[0, -1, 1], [2, 0, 2]], floats(3))
torch.sparse_coo_tensor(ints(3, low=0), floats(3), (6, 6))
torch.sparse_coo_tensor(ints(2, 3, low=0), floats(3), 2)
torch.sparse_coo_tensor(ints(2, 3, low=0), ints(3), (6, 6), requires_grad=True)
torch.sparse.FloatTensor(ints(2, 3, low=0), floats(3), (6, 6))
torch.sparse.FloatTensor(ints(2, 3, low=0), floats(3), torch.Size([6, 6]))
torch.sparse.FloatTensor(ints(2, 3, low=0), floats(3))
torch.sparse.FloatTensor(2, 3)
torch.sparse.FloatTensor()
torch.sparse.DoubleTensor(ints(2, 3, low=0), doubles(3), (6, 6))
torch.sparse.LongTensor(ints(2, 3, low=0), ints(3), (6, 6))
isinstance(torch.sparse_coo_tensor((2, 3)), torch.sparse.FloatTensor)
isinstance(torch.sparse_coo_tensor((2, 3)), torch.FloatTensor)
isinstance(floats(2), torch.sparse.FloatTensor)
torch.zeros(2, 3, layout=torch.sparse_coo)
torch.empty(2, 3, layout=torch.sparse_coo)
torch.zeros_like(torch.sparse_coo_tensor(ints(1, 3, low=0), floats(3, 2), (6, 2)))
torch.empty_like(torch.sparse_coo_tensor(ints(1, 3, low=0), floats(3, 2), (6, 2)))
torch.sparse.spdiags(floats(3, 4), tensor([-1, 0, 2], "int64"), (4, 4))
torch.sparse.spdiags(floats(4), tensor([0], "int64"), (3, 5))
torch.sparse.spdiags(floats(2, 4), tensor([1, 1], "int64"), (4, 4))
torch.sparse.spdiags(floats(2, 4), tensor([1], "int64"), (4, 4))
"""


def values_share_memory(torch, floats):
    values = floats(2)
    x = torch.sparse_coo_tensor([[0, 1]], values, (3,))
    values.mul_(2)
    return x


def invariants(torch, floats):
    found = []
    with torch.sparse.check_sparse_tensor_invariants():
        found.append(torch.sparse.check_sparse_tensor_invariants.is_enabled())
        try:
            torch.sparse_coo_tensor([[5]], floats(1), (3,))
        except RuntimeError as error:
            found.append(str(error))
        with torch.sparse.check_sparse_tensor_invariants(False):
            found.append(torch.sparse_coo_tensor([[5]], floats(1), (3,))._nnz())
    found.append(torch.sparse.check_sparse_tensor_invariants.is_enabled())
    torch.sparse.check_sparse_tensor_invariants.enable()
    found.append(torch.sparse.check_sparse_tensor_invariants.is_enabled())
    torch.sparse.check_sparse_tensor_invariants.disable()

    @torch.sparse.check_sparse_tensor_invariants()
    def checked():
        return torch.sparse.check_sparse_tensor_invariants.is_enabled()

    return found, checked()
