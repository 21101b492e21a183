"""Conditions and loops in the form that files have: Switch and Merge, Enter, Exit and NextIteration.

A *place* is where operations stand: outside, in a branch, or in the rounds of a loop. It says by which name an
operation there takes a tensor. What comes from outside passes a Switch into a branch, an Enter into a loop.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...events.graph import AttrValue, NodeDef
from .attributes import attr_value
from .nodes import edge

if TYPE_CHECKING:
    from ..graphs.contexts import Context
    from ..graphs.operation import Operation


class Outside:
    """The place of operations that no condition or loop runs."""

    pivot = ""  # what an operation without inputs waits for, so that it belongs to its place

    def __init__(self, writer: Any) -> None:
        self.writer = writer

    def edge(self, tensor: Any, as_ref: bool = False) -> str:
        """The name of a tensor in the inputs of nodes at this place."""
        return self.writer.names.get(tensor) or edge(tensor)

    def control(self, operation: Operation) -> str:
        """What a node at this place waits for an operation by."""
        return f"^{operation.name}"

    def name(self, operation: Operation) -> str:
        """The name of an operation's node at this place."""
        return operation.name


class Inside(Outside):
    """A place in a context. `enter` makes a node by which a tensor comes in, and says its name."""

    def __init__(
        self,
        writer: Any,
        context: Context,
        outer: Outside,
        enter: Callable[[Any, str, bool], str],
        given: Mapping[Any, str] | None = None,
        copied: Mapping[Operation, str] | None = None,
    ) -> None:
        super().__init__(writer)
        self._context = context
        self._outer = outer
        self._enter = enter
        self._given = given or {}
        self._copied = copied or {}

    def edge(self, tensor: Any, as_ref: bool = False) -> str:
        found = self._given.get(tensor)
        if found is not None:
            return found
        if not self._context.holds(tensor.op):
            return self._enter(tensor, self._outer.edge(tensor, as_ref), as_ref)
        copy = self._copied.get(tensor.op)
        if copy is None:
            return super().edge(tensor, as_ref)
        return f"{copy}:{tensor.value_index}" if tensor.value_index else copy

    def control(self, operation: Operation) -> str:
        given = next((name for tensor, name in self._given.items() if tensor.op is operation), None)
        return f"^{self.name(operation) if given is None else given}"

    def name(self, operation: Operation) -> str:
        return self._copied.get(operation, operation.name)


class Nodes:
    """Makes nodes that no operation stands for, under names that no operation has."""

    def __init__(self, names: Sequence[str]) -> None:
        self.nodes: list[NodeDef] = []
        self._taken = {name.lower() for name in names}

    def unique(self, name: str) -> str:
        """A name that is not taken yet."""
        found, number = name, 0
        while found.lower() in self._taken:
            number += 1
            found = f"{name}_{number}"
        self._taken.add(found.lower())
        return found

    def add(self, op: str, name: str, inputs: Sequence[str], *, exact: bool = False, **attributes: Any) -> str:
        """A new node; its name, which is made unique unless it is `exact`."""
        full = name if exact else self.unique(name)
        found: dict[str, AttrValue] = {}
        for key, value in attributes.items():
            message = value if isinstance(value, AttrValue) else attr_value(value)
            assert message is not None, value
            found[key] = message
        self.nodes.append(NodeDef(name=full, op=op, input=list(inputs), attr=found))
        return full
