"""Weights as a length and a direction, by a hook."""

from __future__ import annotations

from tests.eager.oracle.cases.nn.conv import _filled


def lengths_and_directions(torch, nn, doubles, leaf):
    import warnings

    found = []
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        for dim in (0, 1, None):
            layer = nn.utils.weight_norm(_filled(torch, nn.Conv1d(2, 3, 2), doubles), dim=dim)
            result = layer(leaf(1, 2, 3))
            gradients = torch.autograd.grad(result.square().sum(), list(layer.parameters()), retain_graph=True)
            found.append([list(layer.state_dict()), layer.weight_g, result, gradients])
    removed = nn.utils.remove_weight_norm(layer)
    found.append([list(removed.state_dict()), [str(each.message) for each in told]])
    for make in (
        lambda: nn.utils.remove_weight_norm(nn.Identity()),
        lambda: nn.utils.weight_norm(layer) and nn.utils.weight_norm(layer),
    ):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", FutureWarning)
                make()
        except (ValueError, RuntimeError) as error:
            found.append(str(error))
    return found
