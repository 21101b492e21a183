"""Modules called with other parameters and buffers."""

from __future__ import annotations

import warnings

from tests.eager.oracle.cases.nn.conv import _filled


def other_parameters(torch, nn, doubles, leaf):
    def called(*arguments, **options):
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            result = nn.utils.stateless.functional_call(*arguments, **options)
        assert len(told) == 1
        return result

    net = _filled(torch, nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2)), doubles)
    net[1].weight = net[0].weight
    weight = leaf(2, 2)
    found = [
        called(net, {"0.weight": weight}, doubles(1, 2)),
        called(net, {"1.weight": weight}, doubles(1, 2), tie_weights=False),
    ]
    found += [net[0].weight is net[1].weight, called(net, {"other": weight}, (doubles(1, 2),))]
    norm = nn.BatchNorm1d(2).double()
    buffers = {"running_mean": doubles(2), "num_batches_tracked": torch.tensor(3)}
    called(norm, buffers, doubles(3, 2))
    found += [buffers["running_mean"], buffers["num_batches_tracked"], norm.running_mean]
    for given in ({"0.weight": weight}, {"0.weights": weight}):
        try:
            called(net, given, doubles(1, 2), strict=True, tie_weights=False)
        except RuntimeError as error:
            found.append(sorted(str(error).splitlines()[0:1]))
    try:
        called(net, {"0.weight": weight, "1.weight": leaf(2, 2)}, doubles(1, 2))
    except ValueError as error:
        found.append(str(error))
    return found
