"""Weights divided by their largest singular value, by a hook."""

from __future__ import annotations

from tests.eager.oracle.cases.nn.conv import _filled


def _normed(torch, nn, doubles):
    layer = nn.utils.spectral_norm(_filled(torch, nn.Linear(3, 2), doubles), n_power_iterations=2)
    layer.weight_u.copy_(torch.tensor([0.6, 0.8]))
    layer.weight_v.copy_(torch.tensor([0.0, 0.6, 0.8]))
    return layer


def power_iterations(torch, nn, doubles, leaf):
    layer = _normed(torch, nn, doubles)
    x = leaf(2, 3)
    found = [layer(x), layer.weight_u, layer.weight_v, list(layer.state_dict()), layer.state_dict()._metadata[""]]
    layer.eval()
    found += [layer(x), torch.autograd.grad(layer(x).sum(), layer.weight_orig)]
    nn.utils.remove_spectral_norm(layer)
    return [*found, list(layer.state_dict()), layer.weight]


def older_states(torch, nn, doubles):
    """Have the weight in place of the second vector."""
    layer = _normed(torch, nn, doubles)
    layer(doubles(1, 3))
    state = {name: value for name, value in layer.state_dict().items() if name != "weight_v"}
    state["weight"] = layer.weight.detach()
    other = nn.utils.spectral_norm(nn.Linear(3, 2).double())
    other.load_state_dict(state)
    return [other.eval()(torch.ones(1, 3, dtype=torch.float64)), layer.eval()(torch.ones(1, 3, dtype=torch.float64))]


def what_is_refused(torch, nn):
    found = []
    for make in (
        lambda: nn.utils.spectral_norm(nn.Linear(2, 2), n_power_iterations=0),
        lambda: nn.utils.spectral_norm(nn.Linear(2, 2, bias=False), "bias"),
        lambda: nn.utils.remove_spectral_norm(nn.Identity()),
        lambda: nn.utils.spectral_norm(nn.utils.spectral_norm(nn.Linear(2, 2))),
        lambda: nn.utils.spectral_norm(nn.LazyLinear(2)),
    ):
        try:
            make()
        except (ValueError, RuntimeError) as error:
            found.append(str(error))
    return found
