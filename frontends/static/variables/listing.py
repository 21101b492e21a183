"""The variables of the default graph by kind, and operations that initialize them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..exports import export
from ..graphs.collections import GraphKeys, get_collection
from ..graphs.operation import Operation
from ..operations.control import group
from .variable import Variable


@export("global_variables", "all_variables")
def global_variables(scope: str | None = None) -> list[Variable]:
    """The variables that a program keeps and restores."""
    return get_collection(GraphKeys.GLOBAL_VARIABLES, scope)


@export("local_variables")
def local_variables(scope: str | None = None) -> list[Variable]:
    """The variables that are not kept: counters and the like."""
    return get_collection(GraphKeys.LOCAL_VARIABLES, scope)


@export("trainable_variables")
def trainable_variables(scope: str | None = None) -> list[Variable]:
    """The variables that optimizers change by default."""
    return get_collection(GraphKeys.TRAINABLE_VARIABLES, scope)


@export("model_variables")
def model_variables(scope: str | None = None) -> list[Variable]:
    """The variables that inference needs, where a program says which."""
    return get_collection(GraphKeys.MODEL_VARIABLES, scope)


@export("moving_average_variables")
def moving_average_variables(scope: str | None = None) -> list[Variable]:
    """The variables that have a moving average."""
    return get_collection(GraphKeys.MOVING_AVERAGE_VARIABLES, scope)


@export("variables_initializer", "initialize_variables", "initializers.variables")
def variables_initializer(var_list: Sequence[Any] | None, name: str = "init") -> Operation:
    """An operation that gives the variables their initial values."""
    return group(*(variable.initializer for variable in var_list or ()), name=name)


@export("global_variables_initializer", "initialize_all_variables", "initializers.global_variables")
def global_variables_initializer() -> Operation:
    """An operation that gives all global variables their initial values."""
    return variables_initializer(global_variables())


@export("local_variables_initializer", "initialize_local_variables", "initializers.local_variables")
def local_variables_initializer() -> Operation:
    """An operation that gives all local variables their initial values."""
    return variables_initializer(local_variables())
