"""Stochastic gradient descent."""

from __future__ import annotations

from tests.eager.oracle.stepping import sparse_steps, steps

CASES = """
optim.SGD([leaf(2)], lr=-1.0)
optim.SGD([leaf(2)], lr=0.1, momentum=-0.5)
optim.SGD([leaf(2)], lr=0.1, weight_decay=-0.5)
optim.SGD([leaf(2)], lr=0.1, nesterov=True)
optim.SGD([leaf(2)], lr=0.1, momentum=0.9, dampening=0.1, nesterov=True)
optim.SGD([leaf(2)], lr=0.1, speed=3)
optim.SGD([leaf(2)], lr=0.1, fused=True, foreach=True)
optim.SGD([leaf(2)]).defaults["lr"]
optim.SGD([leaf(2)], 0.1, 0.9, 0.0, 0.01, True).defaults
repr(optim.SGD([leaf(2)], lr=0.1, momentum=0.9))
"""


def _steps(torch, doubles, **options):
    return steps(torch.optim.SGD, doubles, **options)


def plain(torch, doubles):
    return _steps(torch, doubles, lr=0.1)


def momentum(torch, doubles):
    return _steps(torch, doubles, lr=0.1, momentum=0.9)


def momentum_dampened(torch, doubles):
    return _steps(torch, doubles, lr=0.1, momentum=0.9, dampening=0.3)


def nesterov(torch, doubles):
    return _steps(torch, doubles, lr=0.1, momentum=0.9, nesterov=True)


def weight_decay(torch, doubles):
    return _steps(torch, doubles, lr=0.1, weight_decay=0.05)


def weight_decay_with_momentum(torch, doubles):
    return _steps(torch, doubles, lr=0.1, momentum=0.5, weight_decay=0.05, nesterov=True)


def maximized(torch, doubles):
    return _steps(torch, doubles, lr=0.1, maximize=True)


def maximized_with_momentum_and_decay(torch, doubles):
    return _steps(torch, doubles, lr=0.1, momentum=0.9, weight_decay=0.05, maximize=True)


def options_that_change_only_the_speed(torch, doubles):
    return _steps(torch, doubles, lr=0.1, momentum=0.9, foreach=False), _steps(torch, doubles, lr=0.1, fused=False)


def a_rate_of_zero(torch, doubles):
    return _steps(torch, doubles, count=2, lr=0.0, momentum=0.9)


def single_precision(torch, floats):
    x = floats(4).requires_grad_()
    optimizer = torch.optim.SGD([x], lr=0.1, momentum=0.9, weight_decay=0.01)
    for _ in range(3):
        optimizer.zero_grad()
        x.square().sum().backward()
        optimizer.step()
    return x, optimizer.state_dict()["state"][0]["momentum_buffer"].dtype


def complex_parameters(torch, complexes):
    x = complexes(2, dtype="complex128").requires_grad_()
    optimizer = torch.optim.SGD([x], lr=0.1, momentum=0.9)
    for _ in range(2):
        optimizer.zero_grad()
        x.abs().square().sum().backward()
        optimizer.step()
    return x


def momentum_turned_on_later(torch, doubles):
    x = doubles(3).requires_grad_()
    optimizer = torch.optim.SGD([x], lr=0.1)
    found = []
    for step in range(4):
        optimizer.param_groups[0]["momentum"] = 0.9 if step > 1 else 0.0
        optimizer.zero_grad()
        x.square().sum().backward()
        optimizer.step()
        found.append(x.detach().clone())
    return found


def sparse_gradients(torch, doubles):
    return sparse_steps(torch, torch.optim.SGD, doubles, lr=0.1), sparse_steps(
        torch, torch.optim.SGD, doubles, lr=0.1, maximize=True
    )


def sparse_gradients_with_momentum(torch, doubles):
    return [
        sparse_steps(torch, torch.optim.SGD, doubles, lr=0.1, **options)[0]
        for options in ({"momentum": 0.9}, {"momentum": 0.9, "nesterov": True}, {"momentum": 0.9, "dampening": 0.5})
    ]


def sparse_gradients_with_decay(torch, doubles):
    return sparse_steps(torch, torch.optim.SGD, doubles, lr=0.1, weight_decay=0.1)
