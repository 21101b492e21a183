"""Initial values that depend on other variables: they read those, or their initial values where they have none yet.

So that one run may initialize all variables, in any order, as in TensorFlow.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..graphs.graph import Graph
from ..graphs.operation import Operation
from ..graphs.tensor import Tensor


def guarded(initial_value: Tensor, name: str) -> Tensor:
    """`initial_value`, computed anew from guarded reads where it depends on variables."""
    if not initial_value.op.reads_variables:
        return initial_value
    graph = initial_value.graph
    copies: dict[Operation, Sequence[Tensor]] = {}
    pending = [initial_value.op]
    while pending:
        operation = pending[-1]
        if operation in copies:
            pending.pop()
            continue
        waiting = [t.op for t in operation.inputs if t.op.reads_variables and t.op not in copies and t.op.slot is None]
        if waiting and operation.slot is None:
            pending.extend(waiting)
            continue
        copies[operation] = _copied(graph, operation, copies, name)
    return copies[initial_value.op][initial_value.value_index]


def _copied(
    graph: Graph, operation: Operation, copies: dict[Operation, Sequence[Tensor]], name: str
) -> Sequence[Tensor]:
    if operation.slot is not None:
        return (_initialized(operation.slot),) * len(operation.outputs)
    if operation.type in ("InitializedValue", "IsVariableInitialized"):
        return operation.outputs
    inputs = [
        (copies.get(t.op) or _copied(graph, t.op, copies, name))[t.value_index] if t.op.reads_variables else t
        for t in operation.inputs
    ]
    outputs: list[Any] = [(output.dtype, output._dims) for output in operation.outputs]
    made = graph.create_operation(
        operation.definition,
        inputs,
        dict(operation.attributes),
        outputs,
        f"{operation.name.split('/')[-1]}_{name.split('/')[-1]}",
    )
    return made.outputs


def _initialized(slot: Operation) -> Tensor:
    from .variable import variable_of

    variable = variable_of(slot)
    if variable is None:
        return slot.outputs[0]
    return variable.initialized_value()
