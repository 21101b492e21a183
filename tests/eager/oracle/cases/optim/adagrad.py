"""Adagrad."""

from __future__ import annotations

from tests.eager.oracle.stepping import sparse_steps, steps

CASES = """
optim.Adagrad([leaf(2)], lr=-1.0)
optim.Adagrad([leaf(2)], lr_decay=-0.5)
optim.Adagrad([leaf(2)], eps=-1.0)
optim.Adagrad([leaf(2)], weight_decay=-0.1)
optim.Adagrad([leaf(2)], initial_accumulator_value=-1)
optim.Adagrad([leaf(2)], fused=True, foreach=True)
optim.Adagrad([leaf(2)]).defaults
repr(optim.Adagrad([leaf(2)], lr=0.1))
optim.Adagrad([leaf(2)]).state_dict()
optim.Adagrad([leaf(2)], lr=torch.tensor([0.1, 0.2]))
"""


def _steps(torch, doubles, **options):
    return steps(torch.optim.Adagrad, doubles, **options)


def defaults(torch, doubles):
    return _steps(torch, doubles)


def another_rate(torch, doubles):
    return _steps(torch, doubles, lr=0.1)


def a_decaying_rate(torch, doubles):
    return _steps(torch, doubles, lr=0.1, lr_decay=0.5)


def a_start(torch, doubles):
    return _steps(torch, doubles, lr=0.1, initial_accumulator_value=0.3)


def a_large_epsilon(torch, doubles):
    return _steps(torch, doubles, lr=0.1, eps=0.5)


def weight_decay(torch, doubles):
    return _steps(torch, doubles, lr=0.1, weight_decay=0.05)


def maximized(torch, doubles):
    return _steps(torch, doubles, lr=0.1, weight_decay=0.05, maximize=True)


def sparse_gradients(torch, doubles):
    return [
        sparse_steps(torch, torch.optim.Adagrad, doubles, **options)
        for options in ({}, {"lr": 0.5, "lr_decay": 0.1, "initial_accumulator_value": 0.2}, {"maximize": True})
    ]


def sparse_gradients_with_decay(torch, doubles):
    return sparse_steps(torch, torch.optim.Adagrad, doubles, weight_decay=0.1)
