"""A map and the normalisation behind it as one."""

from __future__ import annotations

from tests.eager.oracle.cases.nn.conv import _filled


def _norm(torch, norm, doubles):
    norm = norm.double().eval()
    for each in (norm.running_mean, norm.running_var):
        each.copy_(doubles(3, low=0.5))
    if norm.affine:
        _filled(torch, norm, doubles)
    return norm


def convolutions_and_linear_maps(torch, nn, doubles):
    utils = nn.utils
    conv = _filled(torch, nn.Conv2d(2, 3, 1), doubles).eval()
    back = _filled(torch, nn.ConvTranspose1d(2, 3, 2, bias=False), doubles).eval()
    linear = _filled(torch, nn.Linear(2, 3), doubles).eval()
    fused = [
        utils.fuse_conv_bn_eval(conv, _norm(torch, nn.BatchNorm2d(3), doubles)),
        utils.fuse_conv_bn_eval(back, _norm(torch, nn.BatchNorm1d(3, affine=False), doubles), transpose=True),
        utils.fuse_linear_bn_eval(linear, _norm(torch, nn.BatchNorm1d(3), doubles)),
    ]
    return [[each.weight, each.bias, repr(each)] for each in fused]


def what_is_refused(torch, nn):
    found = []
    for make in (
        lambda: nn.utils.fuse_conv_bn_eval(nn.Conv1d(1, 1, 1), nn.BatchNorm1d(1).eval()),
        lambda: nn.utils.fuse_linear_bn_eval(nn.Linear(1, 2).eval(), nn.BatchNorm1d(3).eval()),
        lambda: nn.utils.fuse_conv_bn_eval(
            nn.Conv1d(1, 1, 1).eval(), nn.BatchNorm1d(1, track_running_stats=False).eval()
        ),
    ):
        try:
            make()
        except AssertionError as error:
            found.append(str(error))
    return found
