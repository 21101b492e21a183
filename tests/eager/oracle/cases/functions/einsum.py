"""Sums of products over labelled axes."""

from __future__ import annotations

CASES = """
torch.einsum("ij,jk->ik", leaf(2, 3), leaf(3, 4))
torch.einsum("ij,jk", leaf(2, 3), leaf(3, 4))
torch.einsum("bij,bjk->bik", leaf(2, 2, 3), leaf(2, 3, 2))
torch.einsum("bij,bjk->ikb", leaf(2, 2, 3), leaf(2, 3, 2))
torch.einsum("bhid,bhjd->bhij", leaf(1, 2, 2, 3), leaf(1, 2, 3, 3))
torch.einsum("i,j->ij", leaf(2), leaf(3))
torch.einsum("i,i", leaf(3), leaf(3))
torch.einsum("i,i->i", leaf(3), leaf(3))
torch.einsum("ij,i->ij", leaf(2, 3), leaf(2))
torch.einsum("ij->", leaf(2, 3))
torch.einsum("ij->j", leaf(2, 3))
torch.einsum("ij->ji", leaf(2, 3)) * 1
torch.einsum("ii", leaf(3, 3))
torch.einsum("ii->i", leaf(3, 3)) * 1
torch.einsum("iii->i", leaf(2, 2, 2)) * 1
torch.einsum("jiki->ikj", leaf(2, 3, 2, 3)) * 1
torch.einsum("ij,jk,kl->il", leaf(2, 3), leaf(3, 2), leaf(2, 2))
torch.einsum("ij,ij,ij->", leaf(2, 3), leaf(2, 3), leaf(2, 3))
torch.einsum("bn,anm,bm->ba", leaf(2, 3), leaf(2, 3, 2), leaf(2, 2))
torch.einsum("...ij,...jk", leaf(2, 2, 3), leaf(2, 1, 3, 2))
torch.einsum("...j,jk->...k", leaf(2, 2, 3), leaf(3, 2))
torch.einsum("i...,j->ij", leaf(2, 3), leaf(3))
torch.einsum("ij...->ij", leaf(2, 3, 2))
torch.einsum("...ii->...i", leaf(2, 3, 3)) * 1
torch.einsum("ij,jk->ik", leaf(2, 1), leaf(3, 4))
torch.einsum("aB,bC", leaf(2, 3), leaf(2, 4))
torch.einsum(" i j , j k -> i k ", leaf(2, 3), leaf(3, 2))
torch.einsum(leaf(2, 3), [0, 1], leaf(3, 4), [1, 2], [0, 2])
torch.einsum(leaf(2, 3), [0, 1], leaf(3, 4), [1, 2])
torch.einsum(leaf(2, 3), [0, 26], [26, 0]) * 1
torch.einsum(leaf(2, 3), [..., 1], [1, ...]) * 1
torch.einsum("ij,j", [leaf(2, 3), leaf(3)])
torch.einsum("->", tensor(2.0)) * 1
torch.einsum(",ij", leaf(), leaf(2, 3))
torch.einsum("ij->", ints(2, 3))
torch.einsum("ij->", bools(2, 3))
torch.einsum("ij,jk->ik", ints(2, 3), ints(3, 2))
torch.einsum("i,i->i", floats(3), doubles(3))
torch.einsum("i,i->i", bools(3), bools(3))
torch.einsum("ij,jk->ik", bools(2, 3), bools(3, 2))
torch.einsum("ij,jk->ik", floats(2, 3), doubles(3, 2))
torch.einsum("ij,jk->ik", complexes(2, 3), complexes(3, 2))
torch.einsum("ij,jk->ik", floats(0, 3), floats(3, 2))
torch.einsum("ij,jk->ik", floats(2, 0), floats(0, 2))
torch.einsum("ij,jk->ik", floats(2, 3))
torch.einsum("ij,jk->ik", floats(2, 3), floats(3, 4), floats(3, 4))
torch.einsum("ijk,jk", floats(2, 3), floats(3, 4))
torch.einsum("...ijk", floats(2, 3))
torch.einsum("ij->iz", floats(2, 3))
torch.einsum("ij->ii", floats(2, 3))
torch.einsum("i1->i", floats(2, 3))
torch.einsum("ij->i1", floats(2, 3))
torch.einsum("ij->i->j", floats(2, 3))
torch.einsum("i.j", floats(2, 3))
torch.einsum("......", floats(2, 3))
torch.einsum("ij->i.", floats(2, 3))
torch.einsum("ij->......", floats(2, 3))
torch.einsum("iij->ij", floats(2, 3, 4))
torch.einsum("ij,kj->ik", floats(2, 3), floats(3, 4))
torch.einsum("...,...", floats(2), floats(3))
torch.einsum("ij,j", floats(2, 3), [1.0])
torch.einsum("ij")
torch.einsum(3, floats(2, 3))
torch.einsum(floats(2, 3), [0, 99])
"""
