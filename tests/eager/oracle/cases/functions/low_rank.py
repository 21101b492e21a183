"""Singular values of matrices of low rank."""

from __future__ import annotations

CASES = """
[each.shape for each in torch.svd_lowrank(floats(4, 3), q=2)]
[each.shape for each in torch.svd_lowrank(floats(2, 3, 4), q=2)]
[each.shape for each in torch.pca_lowrank(floats(7, 8))]
[each.shape for each in torch.pca_lowrank(floats(7, 3), 2, niter=0)]
torch.pca_lowrank(floats(4, 3), q=9)
torch.pca_lowrank(floats(4, 3), niter=-1)
"""


def _product(torch, doubles, shape, rank):
    return doubles(shape[0], rank) @ doubles(rank, shape[1])


def values_of_low_rank(torch, doubles):
    found = []
    for shape in ((6, 4), (4, 6)):
        a = _product(torch, doubles, shape, 2)
        u, s, v = torch.svd_lowrank(a, q=3)
        found.append([s[:2], bool(s[2] < 1e-12), u @ torch.diag(s) @ v.mT])
    return found


def values_beside_another(torch, doubles):
    a, m = _product(torch, doubles, (6, 4), 2), doubles(1, 4)
    return torch.svd_lowrank(a + m, q=2, M=m)[1]


def principal_components(torch, leaf):
    x = leaf(8, 2) @ torch.tensor([[1.0, 0.5, -1.0], [0.3, 2.0, 0.7]], dtype=torch.float64) + 3.0
    _, s, v = torch.pca_lowrank(x, q=2)
    return s, (v @ v.mT).detach(), torch.pca_lowrank(x, q=3, center=False)[1][0]
