"""Adadelta."""

from __future__ import annotations

from tests.eager.oracle.stepping import steps

CASES = """
optim.Adadelta([leaf(2)], lr=-1.0)
optim.Adadelta([leaf(2)], rho=1.5)
optim.Adadelta([leaf(2)], eps=-1.0)
optim.Adadelta([leaf(2)], weight_decay=-0.1)
optim.Adadelta([leaf(2)], speed=3)
optim.Adadelta([leaf(2)]).defaults
repr(optim.Adadelta([leaf(2)], lr=0.1))
optim.Adadelta([leaf(2)]).state_dict()
optim.Adadelta([leaf(2)], lr=torch.tensor([0.1, 0.2]))
"""


def _steps(torch, doubles, **options):
    return steps(torch.optim.Adadelta, doubles, **options)


def defaults(torch, doubles):
    return _steps(torch, doubles)


def another_rate(torch, doubles):
    return _steps(torch, doubles, lr=0.1, rho=0.5)


def a_large_epsilon(torch, doubles):
    return _steps(torch, doubles, eps=0.5)


def weight_decay(torch, doubles):
    return _steps(torch, doubles, weight_decay=0.05)


def maximized(torch, doubles):
    return _steps(torch, doubles, weight_decay=0.05, maximize=True)


def options_that_change_only_the_speed(torch, doubles):
    return _steps(torch, doubles, foreach=False)
