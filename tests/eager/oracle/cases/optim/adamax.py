"""Adamax."""

from __future__ import annotations

from tests.eager.oracle.stepping import steps

CASES = """
optim.Adamax([leaf(2)], lr=-1.0)
optim.Adamax([leaf(2)], betas=(1.0, 0.5))
optim.Adamax([leaf(2)], betas=(0.0, 1.0))
optim.Adamax([leaf(2)], eps=-1.0)
optim.Adamax([leaf(2)], weight_decay=-0.1)
optim.Adamax([leaf(2)]).defaults
repr(optim.Adamax([leaf(2)], lr=0.1))
optim.Adamax([leaf(2)]).state_dict()
optim.Adamax([leaf(2)], lr=torch.tensor([0.1, 0.2]))
"""


def _steps(torch, doubles, **options):
    return steps(torch.optim.Adamax, doubles, **options)


def defaults(torch, doubles):
    return _steps(torch, doubles)


def another_rate(torch, doubles):
    return _steps(torch, doubles, lr=0.1, betas=(0.5, 0.9))


def a_large_epsilon(torch, doubles):
    return _steps(torch, doubles, lr=0.1, eps=0.5)


def weight_decay(torch, doubles):
    return _steps(torch, doubles, lr=0.1, weight_decay=0.05)


def maximized(torch, doubles):
    return _steps(torch, doubles, lr=0.1, weight_decay=0.05, maximize=True)
