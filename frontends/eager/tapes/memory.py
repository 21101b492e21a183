"""The error of programs that would take more memory than they may, as PyTorch's class."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from diptych.ir import MemoryBudgetExceeded


class OutOfMemoryError(RuntimeError):
    """Memory ran out; here, a program would take more than the setting `memory_budget` lets it."""


class OverBudget(OutOfMemoryError, MemoryBudgetExceeded):
    """The one that is raised, under the same name."""

    def __init__(self, error: MemoryBudgetExceeded) -> None:
        MemoryBudgetExceeded.__init__(
            self, error.message, budget=error.budget, peak=error.peak, location=error.location, hint=error.hint
        )


OutOfMemoryError.__module__ = OverBudget.__module__ = "torch"
OverBudget.__name__ = OverBudget.__qualname__ = "OutOfMemoryError"


@contextmanager
def as_pytorch() -> Iterator[None]:
    """A MemoryBudgetExceeded from within the block is raised as PyTorch's error."""
    try:
        yield
    except MemoryBudgetExceeded as error:
        raise OverBudget(error) from error
