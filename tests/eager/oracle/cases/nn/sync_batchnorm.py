"""Normalisation over the batches of all processes."""

from __future__ import annotations

CASES = """
repr(nn.SyncBatchNorm(3))
nn.SyncBatchNorm(3, dtype=torch.float64)(leaf(4, 3))
nn.SyncBatchNorm(3, momentum=None, dtype=torch.float64)(leaf(2, 3, 2, 2))
nn.SyncBatchNorm(3)(floats(3))
nn.SyncBatchNorm(0)(floats(2, 0))
repr(nn.SyncBatchNorm.convert_sync_batchnorm(nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.BatchNorm1d(2, 0.1)))))
"""


def conversion_keeps_parameters(torch, nn):
    plain = nn.BatchNorm2d(3, momentum=0.2).eval()
    found = nn.SyncBatchNorm.convert_sync_batchnorm(plain)
    return [found.weight is plain.weight, found.running_mean is plain.running_mean, found.training, found.momentum]
