"""Linear maps, and modules that only rearrange."""

from __future__ import annotations

CASES = """
nn.Linear(2, 3).weight.shape
nn.Linear(2, 3).bias.shape
nn.Linear(2, 3).in_features
nn.Linear(2, 3).out_features
nn.Linear(2, 3, bias=False).bias
nn.Linear(2, 3, False).bias
list(nn.Linear(2, 3, bias=False).state_dict())
list(nn.Linear(2, 3).state_dict())
nn.Linear(2, 3, dtype=torch.float64).weight.dtype
nn.Linear(2, 3, device="cpu").weight.device
nn.Linear(2, 3).weight.requires_grad
nn.Linear(2, 3)(floats(4, 2)).shape
nn.Linear(2, 3)(floats(2)).shape
nn.Linear(2, 3)(floats(5, 4, 2)).shape
nn.Linear(2, 3)(floats(0, 2)).shape
nn.Linear(2, 3)(floats(4, 3))
nn.Linear(2, 3)(doubles(4, 2))
nn.Linear(2, 3)(ints(4, 2))
nn.Linear(2, 3)(1.0)
nn.Linear(2, 0)(floats(4, 2)).shape
nn.Linear(in_features=2, out_features=3).weight.shape
nn.Linear(2)
nn.Linear(-1, 2)
repr(nn.Linear(2, 3))
repr(nn.Linear(2, 3, bias=False))
nn.Identity()(leaf(3) * 1)
nn.Identity(3, anything="goes")(floats(2))
repr(nn.Identity())
nn.Flatten()(leaf(2, 3, 2))
nn.Flatten(0)(leaf(2, 3))
nn.Flatten(start_dim=0, end_dim=1)(leaf(2, 3, 2))
nn.Flatten()(floats(3))
repr(nn.Flatten())
repr(nn.Flatten(0, 1))
nn.Unflatten(1, (2, 3))(leaf(2, 6))
nn.Unflatten(-1, (2, -1))(leaf(2, 6))
nn.Unflatten(0, [2])(leaf(2))
nn.Unflatten(1, (4, 2))(floats(2, 6))
nn.Unflatten(2, (4, 2))(floats(2, 6))
nn.Unflatten(1, 3)
nn.Unflatten(1, (2, 3.0))
repr(nn.Unflatten(1, (2, 3)))
"""


def first_weights_are_within_bounds(torch, nn):
    layer = nn.Linear(16, 32)
    bound = 0.25
    return [
        bool((each.abs() <= bound).all()) and bool(each.abs().max() > 0.2) for each in (layer.weight, layer.bias)
    ]  # fmt: skip


def weights_may_be_drawn_again(torch, nn):
    layer = nn.Linear(4, 4)
    before = layer.weight.clone()
    layer.reset_parameters()
    return bool((layer.weight != before).any()), layer.weight.requires_grad, layer.weight.is_leaf


def a_linear_map_learns(torch, nn, leaf, doubles):
    layer = nn.Linear(2, 3, dtype=torch.float64)
    with torch.no_grad():
        layer.weight.copy_(doubles(3, 2))
        layer.bias.copy_(doubles(3))
    y = layer(leaf(4, 2))
    (y * doubles(4, 3)).sum().backward(retain_graph=True)
    return y, layer.weight.grad, layer.bias.grad
