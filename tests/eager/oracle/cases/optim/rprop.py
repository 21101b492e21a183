"""Rprop."""

from __future__ import annotations

from tests.eager.oracle.stepping import steps

CASES = """
optim.Rprop([leaf(2)], lr=-1.0)
optim.Rprop([leaf(2)], etas=(1.0, 0.5))
optim.Rprop([leaf(2)], etas=(0.0, 1.5))
optim.Rprop([leaf(2)]).defaults
repr(optim.Rprop([leaf(2)], lr=0.1))
optim.Rprop([leaf(2)]).state_dict()
optim.Rprop([leaf(2)], lr=torch.tensor([0.1, 0.2]))
"""


def _steps(torch, doubles, **options):
    return steps(torch.optim.Rprop, doubles, **options)


def defaults(torch, doubles):
    return _steps(torch, doubles, count=6)


def large_steps(torch, doubles):
    return _steps(torch, doubles, count=6, lr=1.0)


def other_factors(torch, doubles):
    return _steps(torch, doubles, count=6, lr=0.5, etas=(0.3, 1.5))


def narrow_steps(torch, doubles):
    return _steps(torch, doubles, count=6, lr=0.5, step_sizes=(0.4, 0.6))


def maximized(torch, doubles):
    return _steps(torch, doubles, lr=0.1, maximize=True)
