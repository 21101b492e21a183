"""tf.Operation: a node of a graph."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from diptych.ir import Location

from ..exports import export
from .definitions import Definition

if TYPE_CHECKING:
    from ...events.graph import NodeDef
    from .contexts import Context
    from .gradient_overrides import OwnGradient
    from .graph import Graph
    from .tensor import Tensor


@dataclass(frozen=True, slots=True)
class OperationLocation(Location):
    """The user's line, and which of the operations made there it is: what equations carry, and errors of backends."""

    operation: Operation | None = field(default=None, compare=False, repr=False)


def location_of(operation: Operation) -> OperationLocation | None:
    """Where an operation was made; the scope is that of its name."""
    line = operation.location
    if line is None:
        return None
    scope = operation.name.rpartition("/")[0]
    return OperationLocation(
        line.file, line.line, line.text, line.span, line.function, scope, line.callers, None, operation
    )


@export("Operation")
class Operation:
    """A node of a graph: a type, inputs, attributes, outputs, and the user's line that made it.

    `number` counts up in the order of creation. `slot` is the variable's own operation where the outputs stand for
    that variable: whoever takes them reads the variable at its own place in the order of execution. Of a variable made
    with `use_resource`, `is_resource` is set: what is read of it once stays, whatever is assigned behind.
    """

    __slots__ = (
        "__dict__",
        "__weakref__",
        "attributes",
        "context",
        "contexts",
        "control_inputs",
        "definition",
        "device",
        "graph",
        "inputs",
        "location",
        "name",
        "number",
        "outputs",
        "own_gradient",
        "reads_variables",
        "slot",
        "type",
        "writes",
    )

    graph: Graph
    type: str
    name: str
    inputs: tuple[Tensor, ...]
    control_inputs: list[Operation]
    attributes: dict[str, Any]
    outputs: list[Tensor]
    location: Location | None
    device: str
    number: int
    definition: Definition
    slot: Operation | None
    is_resource = False
    context: Context | None  # the condition or loop that it was made in
    contexts: tuple[Context, ...]  # that it runs
    own_gradient: OwnGradient | None  # in place of the built-in one
    writes: bool  # whether it changes a variable, itself or in a context that it runs
    reads_variables: bool  # whether a value of the operation depends on that of a variable

    @property
    def op_def(self) -> Definition:
        return self.definition

    @property
    def node_def(self) -> NodeDef:
        """The operation as TensorFlow's message."""
        from ..serialization.nodes import node_of

        return node_of(self)

    @property
    def traceback(self) -> list[tuple[str, int, str, str]]:
        """The user's line as Python's traceback module has it: file, line, function, source."""
        return [] if self.location is None else [(self.location.file, self.location.line, "", self.location.source())]

    def get_attr(self, name: str) -> Any:
        """The attribute called `name`: a type as DType, text as bytes, shapes and tensors as messages. Raises
        ValueError where there is none."""
        from ..serialization.attributes import get_attr
        from ..serialization.nodes import attributes_of

        found = attributes_of(self).get(name)
        if found is None:
            raise ValueError(f"Operation '{self.name}' has no attr named '{name}'.")
        return get_attr(found)

    def values(self) -> tuple[Tensor, ...]:
        """The outputs."""
        return tuple(self.outputs)

    def _get_control_flow_context(self) -> Context | None:
        return self.context

    def colocation_groups(self) -> list[bytes]:
        """The operations that must share this one's device: itself alone."""
        return [f"loc:@{self.name}".encode()]

    def run(self, feed_dict: Any = None, session: Any = None) -> None:
        """Runs this operation in `session` or the default one. Raises ValueError where there is none."""
        from .defaults import session_for

        session_for(self.graph, session, "execute operation", "run").run(self, feed_dict)

    def _add_control_input(self, operation: Operation) -> None:
        self._add_control_inputs([operation])

    def _add_control_inputs(self, operations: list[Operation]) -> None:
        self.graph.check_not_finalized()
        self.control_inputs.extend(operation for operation in operations if operation not in self.control_inputs)
        self.graph.mutations += 1

    def __str__(self) -> str:
        return str(self.node_def)

    def __repr__(self) -> str:
        return f"<tf.Operation '{self.name}' type={self.type}>"
