"""Operations that only order others: no_op, group, tuple."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from ..exports import export
from ..graphs.apply import apply_operation
from ..graphs.conversion import convert_to_tensor
from ..graphs.defaults import get_default_graph
from ..graphs.definitions import operation
from ..graphs.nest import flatten
from ..graphs.operation import Operation
from ..graphs.scopes import name_scope
from ..graphs.site import Site
from ..graphs.tensor import Tensor
from .arrays import identity


@operation("NoOp", "->")
def lower_no_op(at: Site) -> None:
    """Nothing."""


@export("no_op")
def no_op(name: str | None = None) -> Operation:
    """An operation that does nothing: what runs after its control inputs."""
    return apply_operation("NoOp", [], name=name)


@export("group")
def group(*inputs: Any, name: str | None = None, **kwargs: Any) -> Operation:
    """An operation that is done when all of `inputs`, tensors, operations and nests of them, are."""
    if kwargs:
        raise ValueError(f"Unknown keyword arguments: {', '.join(kwargs)}")
    operations: list[Operation] = []
    for value in flatten(list(inputs)):
        element = value._as_graph_element() if hasattr(value, "_as_graph_element") else value
        if isinstance(element, Tensor):
            element = element.op
        if not isinstance(element, Operation):
            raise TypeError(f"Expected tf.Tensor or tf.Operation, got {value!r}")
        operations.append(element)
    graph = operations[0].graph if operations else get_default_graph()
    with graph.as_default(), name_scope(name, "group_deps", None) as scope, graph.control_dependencies(operations):
        return no_op(name=scope)


@export("init_scope")
def init_scope() -> AbstractContextManager[None]:
    """Operations made inside belong to no condition or loop of the default graph, and wait for nothing."""
    return get_default_graph().init_scope()


@export("tuple")
def tuple_(tensors: Any, name: str | None = None, control_inputs: Any = None) -> list[Any]:
    """The tensors again, each available when all of them are."""
    with name_scope(name, "tuple", tensors):
        waited = [value.op for value in tensors if value is not None]
        waited += [value.op if isinstance(value, Tensor) else value for value in control_inputs or ()]
        gate = group(*dict.fromkeys(waited))
        return [None if value is None else with_dependencies([gate], value) for value in tensors]


def with_dependencies(dependencies: list[Any], value: Any, name: str | None = None) -> Tensor:
    """`value`, available when `dependencies` are done."""
    with (
        name_scope(name, "control_dependency", [value]) as scope,
        get_default_graph().control_dependencies(dependencies),
    ):
        return identity(convert_to_tensor(value), name=scope)
