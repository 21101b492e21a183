"""Products of matrices."""

from __future__ import annotations

_SPARSE = "torch.sparse_coo_tensor([[0, 1, 1, 0], [2, 0, 2, 2]], floats(4), (2, 3))"
_OTHER = "torch.sparse_coo_tensor([[0, 2, 2, 1], [1, 0, 1, 1]], floats(4), (3, 2))"
_HELD = "torch.sparse_coo_tensor(tensor([[0, 1, 1, 0], [2, 0, 2, 2]], 'int64'), leaf(4), (2, 3))"
_SAME = "torch.sparse_coo_tensor(tensor([[0, 2, 2, 1], [1, 0, 1, 1]], 'int64'), leaf(4), (3, 2))"

CASES = f"""
torch.sparse.mm({_SPARSE}, floats(3, 4))
torch.sparse.mm(floats(4, 2), {_SPARSE})
torch.sparse.mm({_SPARSE}, {_OTHER})
torch.sparse.mm(floats(4, 2), floats(2, 3))
torch.spmm({_SPARSE}, floats(3, 4))
torch.mm({_SPARSE}, floats(3, 4))
torch.mm(floats(4, 2), {_SPARSE})
torch.mm({_SPARSE}, {_OTHER})
{_SPARSE} @ floats(3, 4)
{_SPARSE} @ floats(3)
floats(4, 2) @ {_SPARSE}
{_SPARSE}.mm(floats(3, 4))
{_SPARSE}.matmul(floats(3, 4))
torch.mv({_SPARSE}, floats(3))
torch.sparse.addmm(floats(2, 4), {_SPARSE}, floats(3, 4), beta=0.5, alpha=2)
torch.sparse.addmm(floats(2, 4), {_SPARSE}, floats(3, 4), beta=0)
torch.addmm(floats(2, 4), {_SPARSE}, floats(3, 4))
torch.smm({_SPARSE}, floats(3, 4))
torch.hspmm({_SPARSE}, floats(3, 4))
torch.sparse.mm({_HELD}, leaf(3, 4))
torch.sparse.mm(leaf(4, 2), {_HELD})
torch.sparse.mm({_HELD}, {_SAME}).to_dense()
torch.mm({_HELD}, leaf(3, 4))
{_HELD} @ leaf(3)
torch.sparse.addmm(leaf(2, 4), {_HELD}, leaf(3, 4), beta=0.5, alpha=2)
F.linear(floats(4, 3), {_SPARSE})
torch.bmm({_SPARSE}.unsqueeze(0), floats(1, 3, 2))
torch.sparse.mm({_SPARSE}, floats(2, 4))
torch.mm({_SPARSE}, doubles(3, 4))
torch.sparse.mm({_SPARSE}, 3)
{_SPARSE} @ floats(4)
torch.sparse.mm({_SPARSE}, floats(3, 4), "sum")
torch.sparse_coo_tensor((2, 3)) @ floats(3, 4)
torch.sparse.mm(torch.sparse_coo_tensor([[0, 1]], floats(2, 3), (2, 3)), floats(3, 2))
torch.sparse.mm({_SPARSE}, {_SPARSE})
torch.bmm(floats(1, 3, 2), {_SPARSE}.unsqueeze(0))
torch.hspmm(floats(2, 2), floats(2, 2))
"""


def _gradient(torch, doubles, multiply):
    x = torch.sparse_coo_tensor([[0, 1, 1, 0], [2, 0, 2, 2]], doubles(4), (2, 3), requires_grad=True)
    dense = doubles(3, 4).requires_grad_()
    (multiply(x, dense) * doubles(2, 4)).sum().backward()
    return x.grad.coalesce(), dense.grad


def gradient_of_sparse_mm(torch, doubles):
    return _gradient(torch, doubles, torch.sparse.mm)


def gradient_of_addmm(torch, doubles):
    return _gradient(torch, doubles, lambda x, y: torch.sparse.addmm(doubles(2, 4), x, y))


def the_gradient_of_a_sparse_one_by_grad(torch, doubles):
    x = torch.sparse_coo_tensor([[0, 1, 1], [2, 0, 2]], doubles(3), (2, 3), requires_grad=True)
    return torch.autograd.grad(torch.sparse.mm(x, doubles(3, 4)).sum(), x)


def names_of_nodes(torch, doubles):
    x = torch.sparse_coo_tensor([[0, 1, 1], [2, 0, 2]], doubles(3), (2, 3), requires_grad=True)
    found = torch.sparse.mm(x, doubles(3, 4)), torch.mm(x, doubles(3, 4)), x @ doubles(3), x.to_dense(), x * 2, -x
    more = x.coalesce(), x.coalesce().values(), torch.sparse.sum(x, 0), torch.sparse.softmax(x, 1), x + x
    return [each.grad_fn.name() for each in (*found, *more)]


def two_layers_of_a_graph_network(torch, doubles, leaf):
    edges = torch.tensor([[0, 1, 2, 3, 1, 0, 3, 2, 0], [1, 0, 3, 2, 2, 2, 0, 1, 0]])
    adjacency = torch.sparse.FloatTensor(edges, torch.ones(9), torch.Size([4, 4])).double()
    x, first, second = doubles(4, 5), leaf(5, 6), leaf(6, 3)
    hidden = torch.relu(torch.spmm(adjacency, torch.mm(x, first)))
    return torch.log_softmax(torch.spmm(adjacency, torch.mm(hidden, second)), 1)
