"""Leaves that stand in for another tensor: their gradient is part of its gradient, in a form of its own.

So gradients that PyTorch keeps sparse are dense while they are computed: of the values of a sparse tensor, or of the
rows that were taken from a table.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from ..tensors.tensor import Meta, Tensor
from .lazy import Storage

_numbers = count()


class StandIn(Tensor):
    """A leaf. `owner()` is the tensor whose gradient it has a part of, None where that is gone; `form(owner, gradient)`
    makes that part of the gradient of the leaf. `number` counts them in the order in which they were made."""

    __slots__ = ("form", "number", "owner")

    owner: Callable[[], Tensor | None]
    form: Callable[[Tensor, Tensor], Tensor]
    number: int


def stand_in(storage: Storage, owner: Callable[[], Tensor | None], form: Callable[[Tensor, Tensor], Tensor]) -> StandIn:
    """A leaf that shows all of a storage."""
    made = StandIn._of(storage, None, Meta(requires_grad=True))
    assert isinstance(made, StandIn)
    made.owner, made.form, made.number = owner, form, next(_numbers)
    return made
