"""Graphs as GraphDef messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...events.graph import GraphDef, VersionDef
from .nodes import node_of

if TYPE_CHECKING:
    from ..graphs.graph import Graph

PRODUCER, MIN_CONSUMER = 134, 12  # the versions of TensorFlow 1.15's graphs


def graph_def_of(graph: Graph, from_version: int | None = None, add_shapes: bool = False) -> GraphDef:
    """The message of a graph, of operations alone that were made when it had at least the version `from_version`."""
    first = 0 if from_version is None else from_version
    nodes = [
        node_of(operation, add_shapes=add_shapes)
        for operation in graph.get_operations()
        if operation.number >= first
    ]
    return GraphDef(node=nodes, versions=VersionDef(producer=PRODUCER, min_consumer=MIN_CONSUMER))


def as_graph_def(value: Any) -> GraphDef:
    """A graph or a message as a message."""
    return value if isinstance(value, GraphDef) else graph_def_of(value)
