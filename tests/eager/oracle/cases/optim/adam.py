"""Adam."""

from __future__ import annotations

from tests.eager.oracle.stepping import steps

CASES = """
optim.Adam([leaf(2)], lr=-1.0)
optim.Adam([leaf(2)], eps=-1.0)
optim.Adam([leaf(2)], betas=(1.0, 0.999))
optim.Adam([leaf(2)], betas=(0.9, -0.1))
optim.Adam([leaf(2)], weight_decay=-0.1)
optim.Adam([leaf(2)], speed=3)
optim.Adam([leaf(2)], fused=True, foreach=True)
optim.Adam([leaf(2)]).defaults
optim.Adam([leaf(2)], 0.01, (0.8, 0.99), 1e-6, 0.1, True).defaults
repr(optim.Adam([leaf(2)], lr=0.1))
"""


def _steps(torch, doubles, **options):
    return steps(torch.optim.Adam, doubles, **options)


def defaults(torch, doubles):
    return _steps(torch, doubles)


def another_rate(torch, doubles):
    return _steps(torch, doubles, lr=0.1)


def other_betas(torch, doubles):
    return _steps(torch, doubles, lr=0.1, betas=(0.5, 0.9))


def betas_of_zero(torch, doubles):
    return _steps(torch, doubles, lr=0.1, betas=(0.0, 0.0))


def a_large_epsilon(torch, doubles):
    return _steps(torch, doubles, lr=0.1, eps=0.5)


def weight_decay(torch, doubles):
    return _steps(torch, doubles, lr=0.1, weight_decay=0.05)


def decoupled_weight_decay(torch, doubles):
    return _steps(torch, doubles, lr=0.1, weight_decay=0.05, decoupled_weight_decay=True)


def maximized(torch, doubles):
    return _steps(torch, doubles, lr=0.1, maximize=True)


def amsgrad(torch, doubles):
    return _steps(torch, doubles, count=5, lr=0.3, betas=(0.5, 0.5), amsgrad=True)


def amsgrad_with_decay(torch, doubles):
    return _steps(torch, doubles, lr=0.1, amsgrad=True, weight_decay=0.05, maximize=True)


def options_that_change_only_the_speed(torch, doubles):
    return _steps(torch, doubles, lr=0.1, foreach=False), _steps(torch, doubles, lr=0.1, fused=False)


def single_precision(torch, floats):
    x = floats(4).requires_grad_()
    optimizer = torch.optim.Adam([x], lr=0.1)
    for _ in range(3):
        optimizer.zero_grad()
        x.square().sum().backward()
        optimizer.step()
    return x, optimizer.state_dict()


def gradients_that_come_later(torch, doubles):
    """Each parameter counts its own steps."""
    x, y = doubles(2).requires_grad_(), doubles(2).requires_grad_()
    optimizer = torch.optim.Adam([x, y], lr=0.1)
    for step in range(4):
        optimizer.zero_grad()
        (x.square().sum() + (y.square().sum() if step > 1 else 0)).backward()
        optimizer.step()
    return x, y, optimizer.state_dict()["state"]


def settings_edited_between_steps(torch, doubles):
    x = doubles(2).requires_grad_()
    optimizer = torch.optim.Adam([x], lr=0.1)
    found = []
    for step in range(4):
        group = optimizer.param_groups[0]
        group["lr"], group["betas"], group["eps"] = 0.1 / (step + 1), (0.9, 0.9 + 0.01 * step), 10.0**-step
        optimizer.zero_grad()
        x.square().sum().backward()
        optimizer.step()
        found.append(x.detach().clone())
    return found
