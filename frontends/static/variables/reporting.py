"""Which variables have no value yet in a session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..exports import export
from ..graphs.apply import apply
from ..graphs.definitions import host_operation
from ..graphs.tensor import Tensor
from ..operations.joining import stack
from ..running.host import HostRun
from .listing import global_variables, local_variables
from .state import is_variable_initialized


@host_operation("NamesWhereFalse", "flags: N*bool -> string", shape=lambda inputs, **_: [(None,)])
def names_where_false(at: HostRun, *flags: Any, names: tuple[str, ...]) -> Any:
    """The names whose flag is false."""
    found = [name.encode() for name, flag in zip(names, flags, strict=True) if not flag]
    result = np.empty(len(found), object)
    result[:] = found
    return result


@export("report_uninitialized_variables")
def report_uninitialized_variables(
    var_list: Sequence[Any] | None = None, name: str = "report_uninitialized_variables"
) -> Tensor:
    """The names of those variables that have no value, by default of all global and local ones."""
    chosen = global_variables() + local_variables() if var_list is None else list(var_list)
    flags = [is_variable_initialized(variable) for variable in chosen]
    return apply("NamesWhereFalse", [flags], name=name, N=len(flags), names=tuple(each.op.name for each in chosen))


@export("assert_variables_initialized")
def assert_variables_initialized(var_list: Sequence[Any] | None = None) -> Tensor | None:
    """A tensor whose run raises FailedPreconditionError where one of the variables has no value, by default of all
    global and local ones; None without variables."""
    chosen = global_variables() + local_variables() if var_list is None else list(var_list)
    ranks = [apply("Rank", [variable]) for variable in chosen]
    return stack(ranks) if len(ranks) > 1 else ranks[0] if ranks else None
