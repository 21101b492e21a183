"""Activations made of straight pieces, as modules."""

from __future__ import annotations

import warnings

CASES = """
nn.ReLU()(leaf(2, 3))
nn.ReLU(inplace=True)(leaf(3) * 1)
nn.LeakyReLU()(leaf(4))
nn.LeakyReLU(0.2)(leaf(4))
nn.LeakyReLU(negative_slope=0.5, inplace=True)(leaf(4) * 1)
nn.ReLU().inplace
repr(nn.ReLU())
repr(nn.ReLU(inplace=True))
repr(nn.LeakyReLU(0.2))
repr(nn.LeakyReLU(0.2, True))
nn.ReLU()(ints(3))
nn.Threshold(0.5, 20)(leaf(4))
nn.Threshold(0.5, 20, True)(leaf(4) * 1)
nn.RReLU().eval()(leaf(4))
nn.RReLU(0.3, 0.3)(leaf(4))
nn.PReLU(dtype=torch.float64)(leaf(2, 3))
nn.PReLU(3, init=0.5, dtype=torch.float64)(leaf(2, 3))
nn.PReLU(3).state_dict()
nn.PReLU(3)(floats(2, 2))
nn.Hardtanh()(leaf(4))
nn.Hardtanh(-0.5, 1.5, True)(leaf(4) * 1)
nn.Hardtanh(max_val=0.5).max_val
nn.ReLU6()(leaf(4))
nn.ReLU6(inplace=True)(leaf(4) * 1)
isinstance(nn.ReLU6(), nn.Hardtanh)
nn.Hardswish()(leaf(4))
nn.Hardswish(True)(leaf(4) * 1)
nn.Hardsigmoid()(leaf(4, dtype="float32"))
nn.Hardsigmoid(inplace=True)(leaf(4, dtype="float32") * 1)
nn.Hardshrink()(leaf(4))
nn.Hardshrink(1.0)(leaf(4))
nn.Softshrink()(leaf(4))
nn.Softshrink(lambd=1.0)(leaf(4))
repr(nn.Threshold(0.5, 20))
repr(nn.Threshold(0.5, 20, inplace=True))
repr(nn.RReLU())
repr(nn.RReLU(0.1, 0.2, True))
repr(nn.PReLU())
repr(nn.PReLU(3))
repr(nn.Hardtanh())
repr(nn.Hardtanh(-2, 2, True))
repr(nn.ReLU6())
repr(nn.ReLU6(True))
repr(nn.Hardswish())
repr(nn.Hardsigmoid(True))
repr(nn.Hardshrink())
repr(nn.Softshrink(1))
"""


def weights_may_be_reset(torch, nn):
    layer = nn.PReLU(2, 0.5)
    with torch.no_grad():
        layer.weight.fill_(3)
    layer.reset_parameters()
    return layer.weight


def old_names_of_bounds_are_warned_of(torch, nn):
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        layer = nn.Hardtanh(min_value=-3.0, max_value=2.0)
    return repr(layer), [(each.category.__name__, str(each.message)) for each in found]


def bounds_stand_in_order(torch, nn):
    try:
        nn.Hardtanh(1.0, 1.0)
    except AssertionError as error:
        return str(error)
