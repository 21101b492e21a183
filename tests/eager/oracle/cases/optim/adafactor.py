"""Adafactor."""

from __future__ import annotations

from tests.eager.oracle.stepping import steps

CASES = """
optim.Adafactor([leaf(2)], lr=-1.0)
optim.Adafactor([leaf(2)], beta2_decay=0.5)
optim.Adafactor([leaf(2)], eps=(-1.0, 0.1))
optim.Adafactor([leaf(2)], eps=(None, -0.1))
optim.Adafactor([leaf(2)], d=0.5)
optim.Adafactor([leaf(2)], weight_decay=-0.1)
optim.Adafactor([leaf(2)]).defaults
repr(optim.Adafactor([leaf(2)], lr=0.1))
optim.Adafactor([leaf(2)]).state_dict()
optim.Adafactor([leaf(2)], lr=torch.tensor([0.1, 0.2]))
"""


def _steps(torch, doubles, **options):
    return steps(torch.optim.Adafactor, doubles, **options)


def defaults(torch, doubles):
    return _steps(torch, doubles)


def another_rate(torch, doubles):
    return _steps(torch, doubles, lr=0.3, beta2_decay=-0.5)


def epsilons(torch, doubles):
    return _steps(torch, doubles, lr=0.1, eps=(0.1, 0.5))


def a_threshold(torch, doubles):
    return _steps(torch, doubles, lr=0.1, d=2.0)


def weight_decay(torch, doubles):
    return _steps(torch, doubles, lr=0.1, weight_decay=0.05)


def maximized(torch, doubles):
    return _steps(torch, doubles, lr=0.1, weight_decay=0.05, maximize=True)
