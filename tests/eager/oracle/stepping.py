"""What the cases of optimizers have in common."""

from __future__ import annotations

from typing import Any


def steps(kind: Any, doubles: Any, count: int = 4, **options: Any) -> Any:
    """The parameters after each step towards the smallest sum of weighted squares, and the state at the end."""
    first, second = doubles(3).requires_grad_(), doubles(2, 2).requires_grad_()
    weights = doubles(3, low=0.5), doubles(2, 2, low=0.5)
    optimizer = kind([first, second], **options)
    found = []
    for _ in range(count):
        optimizer.zero_grad()
        ((first.square() * weights[0]).sum() + (second.square() * weights[1]).sum()).backward()
        optimizer.step()
        found.append((first.detach().clone(), second.detach().clone()))
    return found, optimizer.state_dict()
