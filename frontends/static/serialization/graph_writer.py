"""Graphs as GraphDef messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...events.graph import FunctionDef, FunctionDefLibrary, GradientDef, GraphDef, NodeDef, VersionDef
from .array_writer import write_array
from .control_writer import write_condition, write_initialized, write_loop
from .gradient_writer import write_gradients
from .nodes import attributes_of, node_of
from .other_writers import write_names, write_sparse_descent, write_sparse_sum
from .own_types import OWN_TYPES, call_of, function_of
from .places import Nodes, Outside
from .scan_writer import write_scan

if TYPE_CHECKING:
    from ..graphs.graph import Graph
    from ..graphs.operation import Operation

PRODUCER, MIN_CONSUMER = 134, 12  # the versions of TensorFlow 1.15's graphs

_WRITERS: dict[str, Callable[[Any, Any, Any], None]] = {
    "Cond": write_condition,
    "While": write_loop,
    "Scan": write_scan,
    "Gradients": write_gradients,
    "LostGradients": write_gradients,
    "InitializedValue": write_initialized,
    "NamesWhereFalse": write_names,
    "SparseAdd": write_sparse_sum,
    "SparseApplyGradientDescent": write_sparse_descent,
    **dict.fromkeys(
        (f"TensorArray{what}V3" for what in ("", "Write", "Read", "Gather", "Scatter", "Size", "Concat")), write_array
    ),
}


class GraphWriter:
    """One graph being written: the nodes so far, and the names of outputs that are not the operation's own."""

    def __init__(self, graph: Graph, *, add_shapes: bool = False) -> None:
        self.graph = graph
        self.add_shapes = add_shapes
        self.nodes = Nodes([operation.name for operation in graph.get_operations()])
        self.names: dict[Any, str] = {}
        self.functions: dict[str, FunctionDef] = {}
        self._own: dict[Any, str] = {}  # functions for types of our own, by type and attributes
        self.gradients: dict[str, str] = {}  # of functions, the names of others

    def write(self, operation: Operation, place: Outside) -> None:
        """Adds the nodes of an operation, and of all that it runs."""
        special = _WRITERS.get(operation.type)
        if operation.type in OWN_TYPES:
            self.nodes.nodes.append(call_of(self.node(operation, place), self.function_for(operation)))
        elif special is None:
            self.nodes.nodes.append(self.node(operation, place))
        else:
            special(self, operation, place)

    def function_for(self, operation: Operation) -> str:
        """The function that stands for an operation of a type that TensorFlow has not."""
        attributes = attributes_of(operation)
        key = (operation.type, *(value.SerializeToString() for _, value in sorted(attributes.items())))
        name = self._own.setdefault(key, f"{operation.type}_{len(self._own)}")
        if name not in self.functions:
            self.functions[name] = function_of(operation.type, name, attributes)
        return name

    def node(self, operation: Operation, place: Outside) -> NodeDef:
        """The node of an operation at its place."""
        node = node_of(operation, add_shapes=self.add_shapes)
        is_ref = operation.definition.takes_ref
        inputs = [
            place.edge(tensor, is_ref and _is_written(operation, number))
            for number, tensor in enumerate(operation.inputs)
        ]
        inputs += [place.control(each) for each in operation.control_inputs]
        node.name = place.name(operation)
        node.input = inputs if inputs or not place.pivot else [f"^{place.pivot}"]
        return node


def _is_written(operation: Operation, number: int) -> bool:
    """Whether an operation takes its input of this number as a variable: lists come behind those."""
    arguments = operation.definition.inputs
    return number < len(arguments) and arguments[number].is_ref


def graph_def_of(graph: Graph, *, add_shapes: bool = False) -> GraphDef:
    """The message of a graph."""
    writer = GraphWriter(graph, add_shapes=add_shapes)
    outside = Outside(writer)
    for operation in graph.get_operations():
        if operation.context is None:
            writer.write(operation, outside)
    made = GraphDef(node=writer.nodes.nodes, versions=VersionDef(producer=PRODUCER, min_consumer=MIN_CONSUMER))
    if writer.functions:
        made.library = FunctionDefLibrary(
            function=list(writer.functions.values()),
            gradient=[GradientDef(function_name=name, gradient_func=other) for name, other in writer.gradients.items()],
        )
    return made


def as_graph_def(value: Any) -> GraphDef:
    """A graph or a message as a message."""
    return value if isinstance(value, GraphDef) else graph_def_of(value)
