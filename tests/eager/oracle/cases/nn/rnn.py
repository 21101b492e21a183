"""Recurrent networks."""

from __future__ import annotations

from tests.eager.oracle.cases.nn.conv import _filled

CASES = """
repr(nn.RNN(2, 3))
nn.RNNBase("LSTM", 2, 3).mode
nn.RNNBase("x", 2, 3)
repr(nn.LSTM(2, 4, 2, False, True, 0.5, True, 3))
repr(nn.GRU(2, 3, num_layers=2, dropout=0.1))
list(nn.LSTM(2, 4, 2, bidirectional=True, proj_size=3).state_dict())
list(nn.GRU(2, 4, bias=False).state_dict())
[each.shape for each in nn.LSTM(2, 4, 2, bidirectional=True, proj_size=3).parameters()]
nn.RNN(2, 3, nonlinearity="sin")
nn.RNN(2, 3, proj_size=1)
nn.LSTM(2, 3, proj_size=3)
nn.LSTM(2, 3, proj_size=-1)
nn.LSTM(2, 3, dropout=2)
nn.LSTM(2, 0)
nn.LSTM(2.0, 3)
nn.LSTM(2, 3, num_layers=0)
nn.LSTM(2, 3)(floats(2))
nn.LSTM(2, 3)(doubles(2, 2))
nn.LSTM(2, 3)(floats(2, 1, 3))
nn.LSTM(2, 3)(floats(2, 1, 2), (floats(1, 1, 3), floats(1, 1, 2)))
nn.LSTM(2, 3)(floats(2, 1, 2), (floats(1, 3), floats(1, 3)))
nn.GRU(2, 3)(floats(2, 2), floats(1, 1, 3))
nn.GRU(2, 3)(floats(0, 1, 2))
bool((nn.LSTM(2, 16).weight_ih_l0.abs() <= 0.25).all())
"""


def packed_sequences(torch, nn, doubles, leaf):
    rnn = nn.utils.rnn
    found = []
    for kind, options in ((nn.LSTM, {"bidirectional": True}), (nn.GRU, {"num_layers": 2}), (nn.RNN, {"bias": False})):
        layer = _filled(torch, kind(2, 3, **options), doubles)
        packed = rnn.pack_padded_sequence(leaf(4, 3, 2), [2, 4, 1], enforce_sorted=False)
        output, state = layer(packed)
        found += [rnn.pad_packed_sequence(output), state]
    return found


def dropout_between_layers_counts_in_training_alone(torch, nn, floats):
    layer = nn.LSTM(2, 3, 2, dropout=0.5)
    x = floats(3, 2, 2)
    first, second = layer(x)[0], layer(x)[0]
    layer.eval()
    return [bool((first == second).all()), bool((layer(x)[0] == layer(x)[0]).all())]


def dropout_of_one_layer_is_warned_of(torch, nn):
    import warnings

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        nn.GRU(2, 3, dropout=0.5)
    return [str(each.message) for each in told]


def weights_that_are_computed(torch, nn, leaf):
    module, factor = nn.GRU(2, 3, dtype=torch.float64), leaf(1)
    with torch.no_grad():
        for each in module.parameters():
            each.copy_(torch.arange(each.numel()).reshape(each.shape) / 10)
    module._flat_weights = [each * factor for each in module._flat_weights]
    module(torch.ones(2, 1, 2, dtype=torch.float64))[0].sum().backward()
    return factor.grad
