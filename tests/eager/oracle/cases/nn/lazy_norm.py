"""Normalisations that take the number of channels from the first input."""

from __future__ import annotations

CASES = """
repr(nn.LazyBatchNorm1d())
repr(nn.LazyInstanceNorm2d(affine=True, track_running_stats=True))
list(nn.LazyBatchNorm2d().state_dict())
nn.LazyBatchNorm1d()(floats(2))
nn.LazyBatchNorm2d(dtype=torch.float64)(leaf(2, 3, 2, 2))
nn.LazyBatchNorm3d(affine=False, dtype=torch.float64)(leaf(2, 1, 2, 1, 2))
nn.LazyInstanceNorm1d(affine=True, dtype=torch.float64)(leaf(2, 3, 2))
nn.LazyInstanceNorm2d(affine=True, track_running_stats=False, dtype=torch.float64)(leaf(1, 2, 2, 2))
nn.LazyInstanceNorm3d(dtype=torch.float64, track_running_stats=False)(leaf(1, 2, 2, 1, 2))
"""


def they_become_plain_ones(torch, nn, floats):
    found = []
    for kind, shape in (
        (nn.LazyBatchNorm1d, (2, 3)), (nn.LazyBatchNorm2d, (2, 3, 1, 2)), (nn.LazyInstanceNorm1d, (2, 3, 4)),
        (nn.LazyInstanceNorm3d, (2, 3, 1, 2, 2)),
    ):  # fmt: skip
        layer = kind(affine=True, track_running_stats=True)
        before = layer.has_uninitialized_params()
        layer(floats(*shape))
        found.append([before, repr(layer), list(layer.state_dict()), layer.weight, layer.running_mean.shape])
    return found
