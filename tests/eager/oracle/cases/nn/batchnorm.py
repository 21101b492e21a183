"""Normalisation of channels over a batch, as modules."""

from __future__ import annotations

CASES = """
repr(nn.BatchNorm1d(3))
repr(nn.BatchNorm2d(3, 1e-3, 0.2, False, False))
repr(nn.BatchNorm3d(3, momentum=None, bias=False))
nn.BatchNorm1d(3).state_dict()
nn.BatchNorm1d(3, affine=False).state_dict()
nn.BatchNorm1d(3, track_running_stats=False).state_dict()
nn.BatchNorm1d(3, dtype=torch.float64).state_dict()
nn.BatchNorm1d(3, bias=False).bias
nn.BatchNorm2d(3).state_dict()._metadata
nn.BatchNorm1d(3)(floats(4, 3))
nn.BatchNorm1d(3)(floats(4, 3, 2))
nn.BatchNorm2d(3)(floats(4, 3, 2, 2)).shape
nn.BatchNorm3d(3)(floats(2, 3, 2, 1, 2)).shape
nn.BatchNorm1d(3)(floats(4))
nn.BatchNorm1d(3)(floats(4, 3, 2, 2))
nn.BatchNorm2d(3)(floats(4, 3))
nn.BatchNorm3d(3)(floats(4, 3))
nn.BatchNorm1d(3)(floats(4, 2))
nn.BatchNorm1d(3)(floats(1, 3))
nn.BatchNorm1d(3).eval()(floats(1, 3))
nn.BatchNorm1d(3)(doubles(4, 3))
nn.BatchNorm1d(3, track_running_stats=False).eval()(floats(4, 3))
nn.BatchNorm1d(num_features=3, eps=0.1, momentum=0.5, affine=True, track_running_stats=True, device="cpu", dtype=torch.float32)(floats(2, 3))
"""


def it_learns_and_remembers(torch, nn, doubles):
    layer = nn.BatchNorm1d(3, dtype=torch.float64)
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)
    losses = []
    for _ in range(4):
        loss = (layer(doubles(5, 3)) ** 2 * doubles(3)).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    layer.eval()
    return losses, layer.state_dict(), layer(doubles(2, 3))


def without_momentum_it_averages_all(torch, nn, doubles):
    layer = nn.BatchNorm1d(2, momentum=None, dtype=torch.float64)
    for _ in range(3):
        layer(doubles(4, 2))
    return layer.state_dict()


def statistics_of_an_evaluation_stay(torch, nn, floats):
    layer = nn.BatchNorm2d(2)
    layer(floats(2, 2, 2, 2))
    layer.eval()
    layer(floats(2, 2, 2, 2))
    return layer.num_batches_tracked, layer.running_mean


def statistics_may_be_reset(torch, nn, floats):
    layer = nn.BatchNorm1d(2)
    layer(floats(4, 2))
    layer.reset_running_stats()
    return layer.state_dict()


def parameters_may_be_reset(torch, nn, floats):
    layer = nn.BatchNorm1d(2)
    with torch.no_grad():
        layer.weight.fill_(3)
        layer.bias.fill_(3)
    layer.reset_parameters()
    return layer.state_dict()


def states_of_before_the_number_of_batches_load(torch, nn, floats):
    layer = nn.Sequential(nn.BatchNorm1d(2))
    state = dict(layer.state_dict())
    del state["0.num_batches_tracked"]
    return layer.load_state_dict(state)


def states_with_a_version_need_the_number_of_batches(torch, nn, floats):
    layer = nn.Sequential(nn.BatchNorm1d(2))
    state = layer.state_dict()
    del state["0.num_batches_tracked"]
    layer.load_state_dict(state)


def a_half_module_keeps_the_number_of_batches(torch, nn, floats):
    layer = nn.BatchNorm1d(2).half()
    y = layer(floats(4, 2, dtype="float16"))
    return y, layer.state_dict()


def in_two_modes(torch, nn, leaf):
    """What moves the running statistics counts as no write: gradients of an evaluation may be taken after it."""
    layer = nn.BatchNorm1d(3, momentum=0.0, dtype=torch.float64)
    x = leaf(4, 3)
    return layer(x), layer.eval()(x), layer.train()(x)
