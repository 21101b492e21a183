"""tf.train.ExponentialMovingAverage: shadows of variables and tensors that follow them slowly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.collections import GraphKeys
from ..graphs.conversion import convert_to_tensor
from ..graphs.defaults import get_default_graph
from ..graphs.dtypes import FLOATS, float32
from ..graphs.operation import Operation
from ..graphs.scopes import name_scope
from ..graphs.tensor import Tensor
from ..operations.casting import cast
from ..operations.control import group
from ..variables import state
from ..variables.initializers import Zeros
from ..variables.listing import global_variables, moving_average_variables, trainable_variables
from ..variables.scopes import get_variable, variable_scope
from ..variables.variable import Variable


def assign_moving_average(
    variable: Variable, value: Any, decay: Any, zero_debias: bool = True, name: str | None = None
) -> Tensor:
    """variable -= (1 - decay) * (variable - value); with `zero_debias` as if it had begun at the first value, not at 0
    (Kingma and Ba, 2015, section 3)."""
    with name_scope(name, "AssignMovingAvg", [variable, value, decay]) as scope:
        rate = cast(convert_to_tensor(1.0 - decay, name="decay"), variable.dtype.base_dtype)
        if not zero_debias:
            return state.assign_sub(variable, (variable - value) * rate, name=scope)
        with variable_scope(variable.op.name):
            shape, dtype = variable.shape, variable.dtype.base_dtype
            biased = get_variable("biased", shape, dtype, initializer=Zeros(), trainable=False)
            steps = get_variable("local_step", [], dtype, initializer=Zeros(), trainable=False)
        moved = biased.assign_sub((biased - value) * rate)
        count = steps.assign_add(1)
        return state.assign(variable, moved / (1 - (1.0 - rate) ** count), name=scope)


@export("train.ExponentialMovingAverage")
class ExponentialMovingAverage:
    """shadow = decay * shadow + (1 - decay) * variable, for each variable given to `apply`.

    With `num_updates` the decay is at most (1 + num_updates) / (10 + num_updates), so that it starts quickly.
    """

    def __init__(
        self,
        decay: Any,
        num_updates: Any = None,
        zero_debias: bool = False,
        name: str = "ExponentialMovingAverage",
    ) -> None:
        self._decay = decay
        self._num_updates = num_updates
        self._zero_debias = zero_debias
        self._name = name
        self._averages: dict[Any, Variable] = {}

    @property
    def name(self) -> str:
        """The name at the end of the shadows' names."""
        return self._name

    def apply(self, var_list: Sequence[Any] | None = None) -> Operation:
        """An operation that moves the shadows of these variables or tensors, by default of all trainable variables."""
        chosen = trainable_variables() if var_list is None else list(var_list)
        unbiased: set[Any] = set()
        for variable in chosen:
            if variable.dtype.base_dtype not in FLOATS:
                raise TypeError(f"The variables must be half, float, or double: {variable.name}")
            if variable not in self._averages:
                self._averages[variable] = self._shadow(variable)
                if self._zero_debias and not isinstance(variable, Variable):
                    unbiased.add(variable)
        with name_scope(self._name) as scope:
            decay: Any = convert_to_tensor(self._decay, name="decay")
            if self._num_updates is not None:
                updates = cast(self._num_updates, float32, name="num_updates")
                decay = apply("Minimum", [decay, (1.0 + updates) / (10.0 + updates)])
            moved = [
                assign_moving_average(self._averages[variable], variable, decay, variable in unbiased)
                for variable in chosen
            ]
            return group(*moved, name=scope)

    def _shadow(self, variable: Any) -> Variable:
        graph = get_default_graph()
        with graph.control_dependencies(None):
            if isinstance(variable, Variable):
                made: dict[str, Any] = {"initializer": variable.initialized_value()}
                graph.add_to_collection(GraphKeys.MOVING_AVERAGE_VARIABLES, variable)
            else:
                made = {"initializer": Zeros(), "shape": variable.shape, "dtype": variable.dtype.base_dtype}
            with variable_scope(None, f"{variable.op.name}/{self._name}"):
                return get_variable("", trainable=False, **made)

    def average(self, var: Any) -> Variable | None:
        """The shadow of a variable, or None."""
        return self._averages.get(var)

    def average_name(self, var: Any) -> str:
        """The name that the shadow of a variable has, or would have."""
        if var in self._averages:
            return self._averages[var].op.name
        return get_default_graph().unique_name(f"{var.op.name}/{self._name}", mark_as_used=False)

    def variables_to_restore(self, moving_avg_variables: Sequence[Any] | None = None) -> dict[str, Any]:
        """For tf.train.Saver: variables by name, those that have shadows by the names of their shadows."""
        if moving_avg_variables is None:
            moving_avg_variables = trainable_variables() + moving_average_variables()
        averaged = dict.fromkeys(moving_avg_variables)
        found = {self.average_name(variable): variable for variable in averaged}
        names = {variable.name for variable in averaged}
        for variable in global_variables():
            if variable.name not in names and variable.op.name not in found:
                found[variable.op.name] = variable
        return found
