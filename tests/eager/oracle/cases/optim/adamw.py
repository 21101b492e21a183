"""AdamW."""

from __future__ import annotations

from tests.eager.oracle.stepping import steps

CASES = """
optim.AdamW([leaf(2)], lr=-1.0)
optim.AdamW([leaf(2)], betas=(1.0, 0.5))
optim.AdamW([leaf(2)], eps=-1.0)
optim.AdamW([leaf(2)], weight_decay=-0.1)
optim.AdamW([leaf(2)], fused=True, foreach=True)
optim.AdamW([leaf(2)]).defaults
repr(optim.AdamW([leaf(2)], lr=0.1))
optim.AdamW([leaf(2)]).state_dict()
optim.AdamW([leaf(2)], lr=torch.tensor([0.1, 0.2]))
"""


def _steps(torch, doubles, **options):
    return steps(torch.optim.AdamW, doubles, **options)


def defaults(torch, doubles):
    return _steps(torch, doubles)


def another_rate(torch, doubles):
    return _steps(torch, doubles, lr=0.1, betas=(0.5, 0.9))


def weight_decay(torch, doubles):
    return _steps(torch, doubles, lr=0.1, weight_decay=0.5)


def no_weight_decay(torch, doubles):
    return _steps(torch, doubles, lr=0.1, weight_decay=0)


def maximized(torch, doubles):
    return _steps(torch, doubles, lr=0.1, maximize=True)


def amsgrad(torch, doubles):
    return _steps(torch, doubles, count=5, lr=0.3, betas=(0.5, 0.5), amsgrad=True)
