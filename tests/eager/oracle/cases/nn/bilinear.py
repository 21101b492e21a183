"""Bilinear maps as a module."""

from __future__ import annotations

from tests.eager.oracle.cases.nn.conv import _filled

CASES = """
repr(nn.Bilinear(2, 3, 4))
repr(nn.Bilinear(2, 3, 4, bias=False))
list(nn.Bilinear(2, 3, 4).state_dict())
nn.Bilinear(2, 3, 4).weight.shape
nn.Bilinear(0, 3, 4)
nn.Bilinear(2, 3, 4, dtype=torch.float64).bias.dtype
bool((nn.Bilinear(16, 3, 40).weight.abs() <= 0.25).all())
bool(nn.Bilinear(16, 3, 40).bias.abs().max() > 0.2)
"""


def results_and_gradients(torch, nn, doubles, leaf):
    return _filled(torch, nn.Bilinear(2, 3, 4), doubles)(leaf(2, 2), leaf(2, 3))
