"""Parametrizations that are known."""

from __future__ import annotations

import warnings

from tests.eager.oracle.cases.nn.conv import _filled


def lengths_and_directions(torch, nn, doubles, leaf):
    layer = nn.utils.parametrizations.weight_norm(_filled(torch, nn.Linear(3, 2), doubles))
    result = layer(leaf(1, 3))
    found = [
        list(layer.state_dict()),
        result,
        torch.autograd.grad(result.sum(), list(layer.parameters()), retain_graph=True),
    ]
    layer.weight = doubles(2, 3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        old = nn.utils.weight_norm(_filled(torch, nn.Linear(3, 2), doubles))
    layer.load_state_dict(old.state_dict())
    return [*found, repr(layer), layer.weight]


def a_largest_singular_value_of_one(torch, nn, doubles, leaf):
    layer = nn.utils.parametrizations.spectral_norm(_filled(torch, nn.Linear(3, 2), doubles))
    norm = layer.parametrizations.weight[0]
    norm._u.copy_(torch.tensor([0.6, 0.8]))
    norm._v.copy_(torch.tensor([0.0, 0.6, 0.8]))
    x = leaf(2, 3)
    found = [layer(x), norm._u, norm._v, list(layer.state_dict())]
    layer.eval()
    found += [layer(x), torch.autograd.grad(layer(x).sum(), layer.parametrizations.weight.original)]
    flat = nn.utils.parametrizations.spectral_norm(_filled(torch, nn.Linear(3, 2), doubles), "bias")
    return [*found, flat.bias, list(flat.state_dict())]


def orthonormal_columns(torch, nn, doubles):
    found = []
    for kind, shape, has_base in (
        ("matrix_exp", (3, 3), True), ("cayley", (3, 3), True), ("householder", (3, 2), True),
        ("householder", (3, 3), False), ("matrix_exp", (2, 3), True), ("cayley", (3, 2), False),
    ):  # fmt: skip
        layer = _filled(torch, nn.Linear(*shape), doubles)
        nn.utils.parametrizations.orthogonal(layer, orthogonal_map=kind, use_trivialization=has_base)
        original = layer.parametrizations.weight.original
        with torch.no_grad():
            original.copy_(doubles(*original.shape))
            for place in range(min(shape)):
                original[place, place] = 1 if place % 2 else -1
        if has_base:
            layer.parametrizations.weight[0].base = torch.eye(max(shape), dtype=torch.float64)
        weights = doubles(*original.shape)
        found.append(
            [layer.weight, torch.autograd.grad((layer.weight * weights).sum(), original), list(layer.state_dict())]
        )
    return found


def matrices_that_are_assigned(torch, nn, doubles):
    layer = _filled(torch, nn.Linear(3, 2), doubles)
    nn.utils.parametrizations.orthogonal(layer, use_trivialization=False)
    found = [layer.parametrizations.weight.original, layer.weight]
    square = _filled(torch, nn.Linear(2, 2), doubles)
    nn.utils.parametrizations.orthogonal(square)
    found += [square.parametrizations.weight.original, square.weight, square.parametrizations.weight[0].base]
    square.weight = torch.eye(2, dtype=torch.float64)
    return [*found, square.weight]


def what_is_refused(torch, nn, doubles):
    known, found = nn.utils.parametrizations, []

    def assigned(**options):
        layer = known.orthogonal(nn.Linear(2, 2).double(), **options)
        layer.weight = doubles(2, 3)

    for make in (
        lambda: known.orthogonal(nn.Linear(2, 2), "w"), lambda: known.orthogonal(nn.Linear(2, 2), "bias"),
        lambda: known.orthogonal(nn.Linear(2, 2), orthogonal_map="polar"), lambda: known.spectral_norm(nn.Identity()),
        lambda: known.spectral_norm(nn.Linear(2, 2), n_power_iterations=0),
        lambda: known.spectral_norm(nn.Linear(2, 2), dim=2), assigned,
    ):  # fmt: skip
        try:
            make()
        except (IndexError, ValueError) as error:
            found.append(str(error))
    return found
