"""Stacks of recurrent layers: what modules compute with, for every mode."""

from __future__ import annotations

from tests.eager.oracle.cases.nn.conv import _filled


def all_modes(torch, nn, doubles, leaf):
    found = []
    for kind in (nn.RNN, nn.LSTM, nn.GRU):
        for options in (
            {}, {"num_layers": 2, "bidirectional": True}, {"batch_first": True, "bias": False},
        ):  # fmt: skip
            layer = _filled(torch, kind(2, 3, **options), doubles)
            output, state = layer(leaf(2, 4, 2))
            found += [output, state]
            found.append(torch.autograd.grad(output.square().sum(), list(layer.parameters()), retain_graph=True))
    return found


def projections_and_states(torch, nn, doubles, leaf):
    lstm = _filled(torch, nn.LSTM(2, 3, 2, proj_size=2, bidirectional=True), doubles)
    output, states = lstm(leaf(3, 2, 2), (leaf(4, 2, 2), leaf(4, 2, 3)))
    relu = _filled(torch, nn.RNN(2, 3, nonlinearity="relu"), doubles)
    gru = _filled(torch, nn.GRU(2, 3, batch_first=True), doubles)
    return [output, states, relu(leaf(3, 2), leaf(1, 3)), gru(leaf(2, 3, 2), leaf(1, 2, 3))]
