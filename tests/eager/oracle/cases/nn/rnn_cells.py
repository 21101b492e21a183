"""Cells of recurrent networks."""

from __future__ import annotations

from tests.eager.oracle.cases.nn.conv import _filled

CASES = """
nn.RNNCellBase(2, 3, True, 2).bias_ih.shape
repr(nn.RNNCell(2, 3, False, "relu"))
repr(nn.LSTMCell(2, 3))
list(nn.GRUCell(2, 3).state_dict())
nn.RNNCell(2, 3, nonlinearity="sin")(floats(2))
nn.RNNCell(2, 3)(floats(1, 1, 2))
nn.GRUCell(2, 3)(floats(1, 3))
nn.GRUCell(2, 3)(floats(2, 2), floats(1, 3))
nn.LSTMCell(2, 3)(floats(2, 2), (floats(2, 3), floats(2, 2)))
"""


def cells(torch, nn, doubles, leaf):
    found = []
    for kind in (nn.RNNCell, nn.GRUCell):
        cell = _filled(torch, kind(2, 3), doubles)
        found += [cell(leaf(2, 2)), cell(leaf(2), leaf(3)), cell(leaf(2, 2), leaf(2, 3))]
    cell = _filled(torch, nn.LSTMCell(2, 3, bias=False), doubles)
    return [*found, cell(leaf(2, 2)), cell(leaf(2), (leaf(3), leaf(3)))]
