"""Averaged stochastic gradient descent."""

from __future__ import annotations

from tests.eager.oracle.stepping import steps

CASES = """
optim.ASGD([leaf(2)], lr=-1.0)
optim.ASGD([leaf(2)], weight_decay=-0.5)
optim.ASGD([leaf(2)]).defaults
repr(optim.ASGD([leaf(2)], lr=0.1))
optim.ASGD([leaf(2)]).state_dict()
optim.ASGD([leaf(2)], lr=torch.tensor([0.1, 0.2]))
"""


def _steps(torch, doubles, **options):
    return steps(torch.optim.ASGD, doubles, **options)


def defaults(torch, doubles):
    return _steps(torch, doubles)


def another_rate(torch, doubles):
    return _steps(torch, doubles, lr=0.1, lambd=0.1, alpha=0.5)


def averages(torch, doubles):
    return _steps(torch, doubles, lr=0.1, t0=1)


def weight_decay(torch, doubles):
    return _steps(torch, doubles, lr=0.1, weight_decay=0.05)


def maximized(torch, doubles):
    return _steps(torch, doubles, lr=0.1, weight_decay=0.05, maximize=True, t0=2)
