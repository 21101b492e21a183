"""RAdam."""

from __future__ import annotations

from tests.eager.oracle.stepping import steps

CASES = """
optim.RAdam([leaf(2)], lr=-1.0)
optim.RAdam([leaf(2)], betas=(1.0, 0.5))
optim.RAdam([leaf(2)], eps=-1.0)
optim.RAdam([leaf(2)], weight_decay=-0.1)
optim.RAdam([leaf(2)]).defaults
repr(optim.RAdam([leaf(2)], lr=0.1))
optim.RAdam([leaf(2)]).state_dict()
optim.RAdam([leaf(2)], lr=torch.tensor([0.1, 0.2]))
"""


def _steps(torch, doubles, **options):
    return steps(torch.optim.RAdam, doubles, **options)


def defaults(torch, doubles):
    return _steps(torch, doubles, count=8)


def another_rate(torch, doubles):
    return _steps(torch, doubles, count=8, lr=0.1, betas=(0.5, 0.9))


def weight_decay(torch, doubles):
    return _steps(torch, doubles, count=7, lr=0.1, weight_decay=0.05)


def decoupled_weight_decay(torch, doubles):
    return _steps(torch, doubles, count=7, lr=0.1, weight_decay=0.05, decoupled_weight_decay=True)


def maximized(torch, doubles):
    return _steps(torch, doubles, lr=0.1, weight_decay=0.05, maximize=True)
