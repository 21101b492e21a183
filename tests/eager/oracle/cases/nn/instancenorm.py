"""Normalisation of the channels of each element of a batch, as modules."""

from __future__ import annotations

import warnings

CASES = """
repr(nn.InstanceNorm1d(3))
repr(nn.InstanceNorm2d(3, affine=True, track_running_stats=True))
repr(nn.InstanceNorm3d(3, bias=False))
nn.InstanceNorm1d(3).state_dict()
nn.InstanceNorm2d(3, affine=True, track_running_stats=True).state_dict()
nn.InstanceNorm1d(3)(floats(2, 3, 4))
nn.InstanceNorm1d(3)(floats(3, 4))
nn.InstanceNorm2d(3)(floats(2, 3, 2, 2))
nn.InstanceNorm2d(3, affine=True)(floats(3, 2, 2))
nn.InstanceNorm3d(2)(floats(1, 2, 2, 1, 2))
nn.InstanceNorm3d(2)(floats(2, 2, 1, 2))
nn.InstanceNorm1d(3)(floats(4))
nn.InstanceNorm2d(3)(floats(3, 4))
nn.InstanceNorm3d(3)(floats(3, 4))
nn.InstanceNorm1d(3, affine=True)(floats(2, 2, 4))
nn.InstanceNorm1d(3)(floats(2, 2, 4))
nn.InstanceNorm2d(3)(floats(2, 3, 1, 1))
"""


def running_statistics_are_used_in_evaluation(torch, nn, doubles):
    layer = nn.InstanceNorm1d(2, momentum=0.5, track_running_stats=True, dtype=torch.float64)
    first = layer(doubles(3, 2, 4))
    return first, layer.state_dict(), layer.eval()(doubles(1, 2, 4))


def other_channels_are_warned_of(torch, nn, floats):
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        nn.InstanceNorm1d(3)(floats(2, 2, 4))
    return [str(each.message) for each in found]


def old_states_with_statistics_are_refused(torch, nn):
    layer = nn.InstanceNorm1d(2)
    layer.load_state_dict({"running_mean": torch.zeros(2), "running_var": torch.ones(2)})
