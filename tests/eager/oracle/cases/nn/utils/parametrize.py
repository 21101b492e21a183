"""Parameters that are computed from others."""

from __future__ import annotations

import copy

from tests.eager.oracle.cases.nn.conv import _filled


def _kinds(nn):
    class Doubled(nn.Module):
        def forward(self, x):
            return x * 2

        def right_inverse(self, x):
            return x / 2

    class Split(nn.Module):
        def forward(self, x, y):
            return x + y

        def right_inverse(self, x):
            return x * 0.25, x * 0.75

    class Narrow(nn.Module):
        def forward(self, x):
            return x.float()

    class Flat(nn.Module):
        def forward(self, x):
            return x.reshape(-1)

    class Undone(Doubled):
        def right_inverse(self, x):
            return [3]

    class Nothing(nn.Module):
        def forward(self, x):
            return None

    return Doubled, Split, Narrow, Flat, Undone, Nothing


def a_life(torch, nn, doubles, leaf):
    Doubled, Split, *_ = _kinds(nn)
    parametrize = nn.utils.parametrize
    layer = _filled(torch, nn.Linear(3, 2), doubles)
    weight = layer.weight
    parametrize.register_parametrization(layer, "weight", Doubled())
    found = [repr(layer), list(layer.state_dict()), layer.weight, layer.parametrizations.weight.original is weight]
    parametrize.register_parametrization(layer, "weight", Doubled())
    result = layer(leaf(1, 3))
    found += [result, torch.autograd.grad(result.sum(), weight, retain_graph=True)]
    layer.weight = torch.ones(2, 3, dtype=torch.float64)
    found += [weight, layer.weight, parametrize.is_parametrized(layer), parametrize.is_parametrized(layer, "bias")]
    with parametrize.cached():
        found.append(layer.weight is layer.weight)
    found += [copy.deepcopy(layer).weight, parametrize.type_before_parametrizations(layer).__name__]
    parametrize.register_parametrization(layer, "bias", Split())
    found += [list(layer.state_dict()), layer.bias]
    other = parametrize.transfer_parametrizations_and_params(layer, _filled(torch, nn.Linear(3, 2), doubles))
    found.append(other.weight)
    parametrize.remove_parametrizations(layer, "weight")
    parametrize.remove_parametrizations(layer, "bias")
    return [*found, type(layer).__name__, layer.weight is weight, layer.weight, layer.bias]


def training_goes_on(torch, nn, doubles):
    layer = nn.utils.parametrize.register_parametrization(
        _filled(torch, nn.Linear(2, 1), doubles), "weight", _kinds(nn)[0]()
    )
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)
    for _ in range(3):
        optimizer.zero_grad()
        layer(torch.ones(1, 2, dtype=torch.float64)).square().sum().backward()
        optimizer.step()
    return [layer.weight, layer.bias]


def what_is_refused(torch, nn, doubles):
    Doubled, Split, Narrow, Flat, Undone, Nothing = _kinds(nn)
    parametrize, found = nn.utils.parametrize, []

    def twice(kind):
        return parametrize.register_parametrization(
            parametrize.register_parametrization(nn.Linear(2, 2).double(), "weight", Doubled()), "weight", kind()
        )

    def removed(kind):
        return parametrize.remove_parametrizations(
            parametrize.register_parametrization(nn.Linear(2, 2), "weight", kind()), "weight", leave_parametrized=False
        )

    def assigned(kind):
        layer = parametrize.register_parametrization(nn.Linear(2, 2).double(), "weight", kind(), unsafe=True)
        layer.weight = doubles(2, 2)

    for make in (
        lambda: parametrize.register_parametrization(nn.Linear(2, 2).double(), "weight", Narrow()),
        lambda: parametrize.register_parametrization(nn.Linear(2, 2), "weight", Flat()),
        lambda: parametrize.register_parametrization(nn.Linear(2, 2), "weight", Nothing()),
        lambda: parametrize.register_parametrization(nn.Linear(2, 2), "weight", Undone()),
        lambda: parametrize.register_parametrization(nn.Identity(), "weight", Doubled()),
        lambda: parametrize.remove_parametrizations(nn.Identity(), "weight"),
        lambda: twice(Narrow), lambda: twice(Flat), lambda: twice(Nothing), lambda: removed(Split),
        lambda: assigned(Narrow), lambda: parametrize.ParametrizationList([], doubles(1)),
        lambda: parametrize.register_parametrization(nn.Linear(2, 2), "weight", Doubled()).__getstate__(),
    ):  # fmt: skip
        try:
            make()
        except (RuntimeError, ValueError) as error:
            found.append(str(error))
    return found
