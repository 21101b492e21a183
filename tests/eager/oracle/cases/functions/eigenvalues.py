"""Eigenvalues of any square matrices."""

from __future__ import annotations

CASES = """
torch.linalg.eigvals(torch.tensor([[2.0, 1.0], [1.0, 3.0]]))
torch.linalg.eigvals(leaf_of([[2.0, 1.0], [0.5, 3.0]]))
torch.linalg.eigvals(leaf_of([[[0.0, 1.0], [-2.0, 0.5]], [[1.0, 2.0], [3.0, 4.0]]]))
torch.linalg.eigvals(leaf_of([[1.0, 2.0, 0.5], [0.3, -1.0, 2.0], [1.5, 0.2, 0.7]])).abs().max()
torch.linalg.eig(floats(2))
torch.linalg.eig(floats(2, 3))
torch.linalg.eig(ints(2, 2))
"""


def eigenvectors(torch, leaf_of):
    """Up to the phase that each is free to have: what they project onto, and how long their parts are."""
    a = leaf_of([[1.0, 2.0, 0.5], [0.3, -1.0, 2.0], [1.5, 0.2, 0.7]])
    values, vectors = torch.linalg.eig(a)
    order = values.detach().real.argsort()
    return values[order].real, vectors.abs()[:, order], (vectors @ torch.diag(values) @ torch.linalg.inv(vectors)).real


def of_complex_matrices(torch, complexes):
    a = complexes(3, 3, dtype="complex128").requires_grad_()
    values, vectors = torch.linalg.eig(a)
    (first,) = torch.autograd.grad(values.abs().sum() + (vectors.abs() ** 3).sum(), a)
    return first


def curvature(torch, leaf_of):
    """Second derivatives, of eigenvalues and of eigenvectors."""
    a = leaf_of([[1.0, 2.0, 0.5], [0.3, -1.0, 2.0], [1.5, 0.2, 0.7]])
    values, vectors = torch.linalg.eig(a)
    (first,) = torch.autograd.grad((values.abs() ** 2).sum(), a, create_graph=True, retain_graph=True)
    (other,) = torch.autograd.grad((vectors.abs() ** 3).sum(), a, create_graph=True)
    return (first**2).sum(), (other**2).sum()


def derivatives_of_four_orders(torch):
    x = torch.tensor([[1.0, 0.3, 0.2], [0.1, 2.0, 0.5], [0.4, 0.2, 3.5]], dtype=torch.float64, requires_grad=True)
    weights = torch.arange(1.0, 10.0, dtype=torch.float64).view(3, 3).sin()
    values, vectors = torch.linalg.eig(x)
    found = [(vectors.abs() ** 4 * values.abs()).sum()]
    for _ in range(4):
        (slope,) = torch.autograd.grad(found[-1], x, create_graph=True)
        found.append((slope * weights).sum())
    return [each.detach() for each in found]
