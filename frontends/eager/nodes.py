"""What `grad_fn` shows: calls as nodes of the graph that gradients flow through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .calls import before_grafts
from .gradient_names import call_name
from .lazy import LEAF, TRACKED, Call

if TYPE_CHECKING:
    from .tensor import Tensor


class Node:
    """A call as `grad_fn` shows it: its name, and where its gradients go."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def name(self) -> str:
        """As the class is called: MulBackward0."""
        return type(self).__name__

    @property
    def next_functions(self) -> tuple[tuple[Any, int], ...]:
        """For each input (node, which of its results); (None, 0) where no gradient flows."""
        call = self._call
        found: list[tuple[Any, int]] = []
        first = 0 if call.python is None else call.python.first
        for source, edge, leaf in zip(call.inputs[first:], call.edges[first:], call.leaves[first:], strict=True):
            if edge == LEAF and leaf is not None:
                found.append((AccumulateGrad(leaf), 0))
            elif edge == TRACKED and source.call is not None:
                found.append((_node(source.call), source.number))
            else:
                found.append((None, 0))
        return tuple(found)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Node) and self._call is other._call

    def __hash__(self) -> int:
        return id(self._call)

    def __repr__(self) -> str:
        return f"<{self.name()} object at {id(self._call):#x}>"


class AccumulateGrad:
    """The end of the graph at a leaf, `variable`, which collects its gradient."""

    def __init__(self, variable: Tensor) -> None:
        self.variable = variable

    def name(self) -> str:
        """Its class's name."""
        return "torch::autograd::AccumulateGrad"

    @property
    def next_functions(self) -> tuple[tuple[Any, int], ...]:
        """None: gradients end here."""
        return ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AccumulateGrad) and self.variable is other.variable

    def __hash__(self) -> int:
        return id(self.variable)


_classes: dict[str, type[Node]] = {}


def _node(call: Call) -> Node:
    name = call_name(call)
    found = _classes.get(name)
    if found is None:
        found = _classes.setdefault(name, type(name, (Node,), {}))
    return found(call)


def node_of(tensor: Tensor) -> Node | None:
    """The node that made a tensor; None of a leaf."""
    if tensor.is_leaf:
        return None
    call = before_grafts(tensor._read()[0]).call
    return None if call is None else _node(call)
