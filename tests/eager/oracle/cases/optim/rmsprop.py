"""RMSprop."""

from __future__ import annotations

from tests.eager.oracle.stepping import steps

CASES = """
optim.RMSprop([leaf(2)], lr=-1.0)
optim.RMSprop([leaf(2)], momentum=-1.0)
optim.RMSprop([leaf(2)], alpha=-0.1)
optim.RMSprop([leaf(2)], eps=-1.0)
optim.RMSprop([leaf(2)], weight_decay=-0.1)
optim.RMSprop([leaf(2)]).defaults
repr(optim.RMSprop([leaf(2)], lr=0.1))
optim.RMSprop([leaf(2)]).state_dict()
optim.RMSprop([leaf(2)], lr=torch.tensor([0.1, 0.2]))
"""


def _steps(torch, doubles, **options):
    return steps(torch.optim.RMSprop, doubles, **options)


def defaults(torch, doubles):
    return _steps(torch, doubles)


def another_rate(torch, doubles):
    return _steps(torch, doubles, lr=0.1, alpha=0.5)


def momentum(torch, doubles):
    return _steps(torch, doubles, lr=0.1, momentum=0.8)


def centered(torch, doubles):
    return _steps(torch, doubles, lr=0.1, centered=True)


def centered_with_momentum(torch, doubles):
    return _steps(torch, doubles, lr=0.1, centered=True, momentum=0.5, weight_decay=0.05)


def weight_decay(torch, doubles):
    return _steps(torch, doubles, lr=0.1, weight_decay=0.05)


def maximized(torch, doubles):
    return _steps(torch, doubles, lr=0.1, weight_decay=0.05, maximize=True)
