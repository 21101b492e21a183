"""Parts of a graph that one operation runs as a whole: the branches of a condition, the rounds of a loop.

Operations made while a context is entered belong to it. They take tensors from outside as they are; the operation that
runs the context, its owner, has those among its inputs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .tensor import Tensor

if TYPE_CHECKING:
    from .graph import Graph
    from .operation import Operation


class Context:
    """One such part. `outer` is the context that it lies in, `waits` what its owner must wait for, since operations
    inside do."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.outer = graph.context
        self.waits: dict[Operation, None] = {}
        self.operations: list[Operation] = []

    def holds(self, operation: Operation) -> bool:
        """Whether an operation was made in here, or in a context that lies in here."""
        context = operation.context
        while context is not None:
            if context is self:
                return True
            context = context.outer
        return False

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Operations made inside the block belong to this context."""
        before = self.graph.context
        self.graph.context = self
        try:
            yield
        finally:
            self.graph.context = before

    def captured(self, targets: Iterable[Tensor]) -> list[Tensor]:
        """The tensors from outside that `targets` depend on, by way of operations in here."""
        found: dict[Tensor, None] = {}
        seen: set[Operation] = set()
        pending: list[Operation] = []

        def visit(tensors: Iterable[Tensor]) -> None:
            for tensor in tensors:
                if self.holds(tensor.op):
                    pending.append(tensor.op)
                else:
                    found[tensor] = None

        visit(targets)
        while pending:
            operation = pending.pop()
            if operation not in seen:
                seen.add(operation)
                visit(operation.inputs)
                pending.extend(operation.control_inputs)
        return list(found)


def own(owner: Operation, *contexts: Context) -> None:
    """Makes an operation the owner of contexts: it waits for what operations in there wait for outside."""
    owner.contexts = contexts
    owner._add_control_inputs([operation for context in contexts for operation in context.waits])
    owner.writes = any(operation.writes for context in contexts for operation in context.operations)
