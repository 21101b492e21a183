"""tf.name_scope and the module-level twins of a graph's scopes."""

from __future__ import annotations

from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any

from ..exports import export
from .defaults import as_default_graph, get_default_graph
from .graph import Graph
from .tensor import Tensor


def graph_of(values: Any) -> Graph:
    """The graph that the tensors among `values` belong to, the default graph where there is none.

    Raises ValueError where two tensors belong to different graphs.
    """
    first: Any = None
    for value in values:
        tensor = value if isinstance(value, Tensor) else getattr(value, "_graph_tensor", None)
        if tensor is None:
            continue
        if first is None:
            first = tensor
        elif tensor.op.graph is not first.op.graph:
            raise ValueError(f"{tensor} must be from the same graph as {first}.")
    return get_default_graph() if first is None else first.op.graph


@export("name_scope", "keras.backend.name_scope")
class name_scope:
    """`with tf.name_scope(name, default_name, values) as scope`: names made inside begin with `scope`.

    `values` are the tensors an operation is about to take: their graph becomes the default one inside.
    """

    def __init__(self, name: str | None, default_name: str | None = None, values: Any = None) -> None:
        if values is not None and default_name is None and name is None:
            raise ValueError("At least one of name (None) and default_name (None) must be provided.")
        if not isinstance(name, str | None):
            raise TypeError(f"name for name_scope must be a string, but is {name!r}")
        self._name = default_name if name is None else name
        self._values = values or ()

    @property
    def name(self) -> str | None:
        return self._name

    def __enter__(self) -> str:
        self._graph = graph_of(self._values)
        self._default: AbstractContextManager[Any] | None = None
        if self._graph is not get_default_graph():
            self._default = as_default_graph(self._graph)
            self._default.__enter__()
        self._before = self._graph.enter_scope(self._name)
        return self._graph.scope

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._graph.leave_scope(self._before)
        if self._default is not None:
            self._default.__exit__(kind, error, trace)


@export("control_dependencies")
def control_dependencies(control_inputs: Any) -> AbstractContextManager[None]:
    """Operations made inside the block run after `control_inputs`; None forgets those of outer blocks."""
    return get_default_graph().control_dependencies(control_inputs)


@export("device")
def device(device_name_or_function: Any) -> AbstractContextManager[None]:
    """Accepted: a program runs whole on one device, which the backend chooses."""
    return get_default_graph().device(device_name_or_function)


@export("colocate_with")
def colocate_with(op: Any, ignore_existing: bool = False) -> AbstractContextManager[None]:
    """Accepted: a program runs whole on one device."""
    return get_default_graph().colocate_with(op, ignore_existing)


@export("container")
def container(container_name: str) -> AbstractContextManager[str]:
    """Accepted: variables belong to their session."""
    return get_default_graph().container(container_name)
