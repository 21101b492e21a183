"""What runs when a saved model is loaded."""

from __future__ import annotations

from typing import Any

from ..exports import export
from ..graphs.defaults import get_default_graph
from ..graphs.operation import Operation
from ..operations.control import group
from ..variables.listing import global_variables_initializer, local_variables_initializer


@export("saved_model.main_op.main_op")
def main_op() -> Operation:
    """An operation that initializes all variables."""
    return group(global_variables_initializer(), local_variables_initializer())


@export("saved_model.main_op_with_restore", "saved_model.main_op.main_op_with_restore")
def main_op_with_restore(restore_op_name: Any) -> Operation:
    """An operation that initializes all variables and then runs another operation."""
    with get_default_graph().control_dependencies([main_op()]):
        return group(restore_op_name)
