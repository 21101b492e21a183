"""The global step: the variable that counts training steps."""

from __future__ import annotations

from typing import Any

from ..exports import export
from ..graphs.collections import GraphKeys
from ..graphs.defaults import get_default_graph
from ..graphs.dtypes import int64
from ..graphs.graph import Graph
from ..graphs.tensor import Tensor
from ..variables.initializers import Zeros
from ..variables.scopes import get_variable
from ..variables.variable import Variable


@export("train.get_global_step")
def get_global_step(graph: Graph | None = None) -> Any:
    """The global step of a graph, or None."""
    graph = get_default_graph() if graph is None else graph
    steps = graph.get_collection(GraphKeys.GLOBAL_STEP)
    if len(steps) > 1:
        raise TypeError("Multiple tensors in global_step collection.")
    if steps:
        found = steps[0]
    else:
        named = graph._operations.get("global_step")
        if named is None:
            return None
        found = named.outputs[0]
    assert_global_step(found)
    return found


@export("train.create_global_step")
def create_global_step(graph: Graph | None = None) -> Variable:
    """A new global step. Raises ValueError where the graph has one."""
    graph = get_default_graph() if graph is None else graph
    if get_global_step(graph) is not None:
        raise ValueError('"global_step" already exists.')
    with graph.as_default(), graph.name_scope(None):
        return get_variable(
            GraphKeys.GLOBAL_STEP,
            shape=[],
            dtype=int64,
            initializer=Zeros(),
            trainable=False,
            collections=[GraphKeys.GLOBAL_VARIABLES, GraphKeys.GLOBAL_STEP],
        )


@export("train.get_or_create_global_step")
def get_or_create_global_step(graph: Graph | None = None) -> Any:
    """The global step of a graph, made where there is none."""
    graph = get_default_graph() if graph is None else graph
    found = get_global_step(graph)
    return create_global_step(graph) if found is None else found


@export("train.assert_global_step")
def assert_global_step(global_step_tensor: Any) -> None:
    """Raises TypeError unless the global step is an integer scalar."""
    if not isinstance(global_step_tensor, Tensor | Variable):
        raise TypeError(f'Existing "global_step" must be a Variable or Tensor: {global_step_tensor}.')
    if not global_step_tensor.dtype.base_dtype.is_integer:
        raise TypeError(f'Existing "global_step" does not have integer type: {global_step_tensor.dtype}')
    if global_step_tensor.shape.ndims not in (0, None):
        raise TypeError(f'Existing "global_step" is not scalar: {global_step_tensor.shape}')


@export("train.global_step")
def global_step(sess: Any, global_step_tensor: Any) -> int:
    """The number of steps so far in a session."""
    return int(sess.run(global_step_tensor))


def step_before(graph: Graph | None = None) -> Tensor:
    """The global step as it is before a run changes it, made once a graph, and the step itself where there is none."""
    graph = get_default_graph() if graph is None else graph
    found = graph.get_collection(_READ)
    if not found:
        step = get_or_create_global_step(graph)
        with graph.as_default(), graph.control_dependencies(None), graph.name_scope(f"{step.op.name}/"):
            graph.add_to_collection(_READ, step + 0)
        found = graph.get_collection(_READ)
    return found[0]


_READ = "global_step_read_op_cache"
