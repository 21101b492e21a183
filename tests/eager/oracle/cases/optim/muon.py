"""Muon."""

from __future__ import annotations

CASES = """
optim.Muon([leaf(2, 2)], lr=-1.0)
optim.Muon([leaf(2, 2)], momentum=-0.5)
optim.Muon([leaf(2, 2)], weight_decay=-0.5)
optim.Muon([leaf(2, 2)], adjust_lr_fn="other")
optim.Muon([leaf(2)])
optim.Muon([leaf(2, 2)]).defaults
optim.Muon([leaf(2, 2)]).state_dict()
"""


def _steps(torch, floats, *shape, **options):
    """The directions in bfloat16 are rough: parameters to two digits are what both frameworks agree on."""
    x, weights = floats(*shape).requires_grad_(), floats(*shape, low=0.5)
    optimizer = torch.optim.Muon([x], **options)
    for _ in range(3):
        optimizer.zero_grad()
        (x.square() * weights).sum().backward()
        optimizer.step()
    return (x.detach() * 20).round(), sorted(optimizer.state_dict()["state"][0])


def tall(torch, floats):
    return _steps(torch, floats, 4, 3, lr=0.02)


def wide(torch, floats):
    return _steps(torch, floats, 3, 5, lr=0.02, nesterov=False, momentum=0.5)


def adjusted(torch, floats):
    return _steps(torch, floats, 4, 3, lr=0.02, adjust_lr_fn="match_rms_adamw", weight_decay=0.5)
