"""Ranks, inverses of Moore and Penrose, least squares."""

from __future__ import annotations

CASES = """
torch.linalg.matrix_rank(tensor([[1.0, 2.0], [2.0, 4.0]], "float64"))
torch.linalg.pinv(leaf(3, 2))
torch.linalg.pinv(tensor([[4.0, 1.0], [1.0, 3.0]], "float64"), hermitian=True)
torch.linalg.lstsq(leaf(4, 2), leaf(4, 1)).solution
torch.linalg.pinv(leaf(3, 1) @ leaf(1, 4))
torch.linalg.pinv(leaf(2, 3, 3), rtol=0.5)
torch.linalg.pinv(leaf_of([[4.0, 1.0], [1.0, 3.0]]), hermitian=True)
"""


def curvature_of_inverses(torch, leaf):
    a = leaf(3, 2)
    (first,) = torch.autograd.grad((torch.linalg.pinv(a) ** 3).sum(), a, create_graph=True)
    return (first**2).sum()


def inverses_of_complex_matrices(torch, complexes):
    a = complexes(3, 2, dtype="complex128").requires_grad_()
    return torch.autograd.grad((torch.linalg.pinv(a).abs() ** 3).sum(), a)[0]
