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


def sparse_steps(torch: Any, kind: Any, doubles: Any, count: int = 4, **options: Any) -> Any:
    """A table after each step towards small rows, some of which are taken, some twice; and the state at the end."""
    table, weights = doubles(5, 2).requires_grad_(), doubles(4, 2)
    optimizer = kind([table], **options)
    found = []
    for step in range(count):
        rows = torch.tensor([[step % 5, 3, step % 2, 3]])
        optimizer.zero_grad()
        taken = torch.nn.functional.embedding(rows, table, padding_idx=1, sparse=True)
        (taken[0].square() * weights).sum().backward()
        optimizer.step()
        found.append(table.detach().clone())
    return found, optimizer.state_dict()
