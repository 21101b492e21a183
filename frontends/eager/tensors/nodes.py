"""What `grad_fn` shows: calls as nodes of the graph that gradients flow through."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..tapes.calls import before_grafts
from ..tapes.gradient_names import call_name
from ..tapes.hooks import RemovableHandle
from ..tapes.lazy import LEAF, TRACKED, Call

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

    @property
    def metadata(self) -> dict[Any, Any]:
        """What users note of the node."""
        if self._call.metadata is None:
            self._call.metadata = {}
        return self._call.metadata

    def register_hook(self, fn: Callable[..., Any]) -> RemovableHandle:
        """Calls fn(gradients of the inputs, gradients of the results) after each backward through here; it may return
        other gradients of the inputs."""
        from ..autograd.node_hooks import register

        return register(self._call, fn)

    def register_prehook(self, fn: Callable[..., Any]) -> RemovableHandle:
        """Calls fn(gradients of the results) before each backward through here; it may return others."""
        from ..autograd.node_hooks import register_before

        return register_before(self._call, fn)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Node) and not isinstance(other, AccumulateGrad) and self._call is other._call

    def __hash__(self) -> int:
        return id(self._call)

    def __repr__(self) -> str:
        return f"<{self.name()} object at {id(self._call):#x}>"


class AccumulateGrad(Node):
    """The end of the graph at a leaf, `variable`, which collects its gradient."""

    def __init__(self, variable: Tensor) -> None:
        self.variable = variable
        self._metadata: dict[Any, Any] = {}

    def name(self) -> str:
        """Its class's name."""
        return "torch::autograd::AccumulateGrad"

    @property
    def next_functions(self) -> tuple[tuple[Any, int], ...]:
        """None: gradients end here."""
        return ()

    @property
    def metadata(self) -> dict[Any, Any]:
        """What users note of the node: with this object alone."""
        return self._metadata

    def register_hook(self, fn: Callable[..., Any]) -> RemovableHandle:
        """Calls fn((), (the gradient,)) when one has been collected."""
        from ..autograd.node_hooks import register_at_end

        return register_at_end(self, fn)

    def register_prehook(self, fn: Callable[..., Any]) -> RemovableHandle:
        """Calls fn((the gradient,)) before one is collected; it may return another."""
        from ..autograd.node_hooks import register_before_end

        return register_before_end(self, fn)

    def __repr__(self) -> str:
        return f"<AccumulateGrad object at {id(self.variable):#x}>"

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
