"""tf.train.Optimizer: gradients of a loss, and the operation that applies them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from ..exports import export
from ..graphs.apply import apply
from ..graphs.collections import GraphKeys, get_collection
from ..graphs.conversion import convert_to_tensor
from ..graphs.defaults import get_default_graph
from ..graphs.dtypes import bfloat16, float16, float32, float64
from ..graphs.operation import Operation
from ..graphs.scopes import name_scope
from ..graphs.tensor import Tensor
from ..operations.arrays import shape
from ..operations.control import group
from ..operations.gradients import gradients
from ..operations.indexed_slices import IndexedSlices, convert_to_tensor_or_indexed_slices
from ..operations.picking import unique
from ..strategies.contexts import has_strategy, in_cross_replica_context
from ..variables import state
from ..variables.initializers import Zeros
from ..variables.listing import trainable_variables
from ..variables.scopes import get_variable, variable_scope
from ..variables.variable import Variable

Apply = TypeVar("Apply", bound=Callable[..., Any])


@export("train.Optimizer")
class Optimizer:
    """The base of optimizers.

    A subclass says what it keeps (`_create_slots`), makes tensors of its numbers (`_prepare`) and applies a gradient to
    one variable (`_apply_dense`, or `_apply_sparse` where it is of some rows alone).
    """

    GATE_NONE = 0
    GATE_OP = 1
    GATE_GRAPH = 2

    def __init__(self, use_locking: bool, name: str) -> None:
        if not name:
            raise ValueError("Must specify the optimizer name")
        self._use_locking = use_locking
        self._name = name
        self._slots: dict[str, dict[Operation, Variable]] = {}
        self._non_slots: dict[Any, Variable] = {}

    def get_name(self) -> str:
        """The name of the optimizer."""
        return self._name

    def minimize(
        self,
        loss: Any,
        global_step: Any = None,
        var_list: Any = None,
        gate_gradients: int = GATE_OP,
        aggregation_method: Any = None,
        colocate_gradients_with_ops: bool = False,
        name: str | None = None,
        grad_loss: Any = None,
    ) -> Operation:
        """An operation that makes one step down the gradient of `loss`, and adds 1 to `global_step`."""
        pairs = self.compute_gradients(
            loss, var_list, gate_gradients, aggregation_method, colocate_gradients_with_ops, grad_loss
        )
        if all(gradient is None for gradient, _ in pairs):
            raise ValueError(
                "No gradients provided for any variable, check your graph for ops that do not support gradients, "
                f"between variables {[str(variable) for _, variable in pairs]} and loss {loss}."
            )
        return self.apply_gradients(pairs, global_step=global_step, name=name)

    def compute_gradients(
        self,
        loss: Any,
        var_list: Any = None,
        gate_gradients: int = GATE_OP,
        aggregation_method: Any = None,
        colocate_gradients_with_ops: bool = False,
        grad_loss: Any = None,
    ) -> list[tuple[Any, Variable]]:
        """(gradient or None, variable) for each of `var_list`, by default all trainable variables.

        Tensors in `var_list` get their gradients too; only apply_gradients insists on variables.
        """
        if gate_gradients not in (self.GATE_NONE, self.GATE_OP, self.GATE_GRAPH):
            raise ValueError(
                "gate_gradients must be one of: Optimizer.GATE_NONE, Optimizer.GATE_OP, "
                f"Optimizer.GATE_GRAPH.  Not {gate_gradients}"
            )
        loss = convert_to_tensor(loss)
        self._check_types([loss] if grad_loss is None else [loss, convert_to_tensor(grad_loss)])
        if var_list is None:
            chosen = trainable_variables() + get_collection(GraphKeys.TRAINABLE_RESOURCE_VARIABLES)
        else:
            chosen = list(var_list) if isinstance(var_list, list | tuple | set) else [var_list]
        if not chosen:
            raise ValueError("No variables to optimize.")
        targets = [entry if isinstance(entry, Tensor) else _variable(entry) for entry in chosen]
        found = gradients(loss, targets, grad_ys=grad_loss, aggregation_method=aggregation_method)
        pairs = list(zip(found, targets, strict=True))
        self._check_types([v for g, v in pairs if g is not None])
        return pairs

    def apply_gradients(self, grads_and_vars: Any, global_step: Any = None, name: str | None = None) -> Operation:
        """An operation that applies the gradients given, skipping None, and then adds 1 to `global_step`."""
        if has_strategy() and in_cross_replica_context():
            raise RuntimeError("Use `_distributed_apply()` instead of `apply_gradients()` in a cross-replica context.")
        pairs = [
            (None if g is None else convert_to_tensor_or_indexed_slices(g), _variable(v)) for g, v in grads_and_vars
        ]
        if not pairs:
            raise ValueError("No variables provided.")
        changed = [(gradient, variable) for gradient, variable in pairs if gradient is not None]
        if not changed:
            names = [str(variable) for _, variable in pairs]
            raise ValueError(f"No gradients provided for any variable: {names}.")
        graph = get_default_graph()
        with graph.control_dependencies(None):
            self._create_slots([variable for _, variable in changed])
        with name_scope(name, self._name) as scope:
            self._prepare()
            steps: list[Any] = []
            for gradient, variable in changed:
                with name_scope(f"update_{variable.op.name}"):
                    steps.append(self._apply(gradient, variable))
            if global_step is None:
                made = self._finish(steps, scope)
            else:
                with graph.control_dependencies([self._finish(steps, "update")]):
                    made = state.assign_add(global_step, 1, name=scope).op
        operation = made.op if isinstance(made, Tensor) else made
        if operation not in graph.get_collection_ref(GraphKeys.TRAIN_OP):
            graph.add_to_collection(GraphKeys.TRAIN_OP, operation)
        return operation

    def _apply(self, gradient: Any, variable: Variable) -> Any:
        if isinstance(gradient, IndexedSlices):
            if variable.constraint is not None:
                raise RuntimeError("Cannot use a constraint function on a sparse variable.")
            return self._apply_sparse_duplicate_indices(gradient, variable)
        step = self._apply_dense(gradient, variable)
        if variable.constraint is None:
            return step
        with get_default_graph().control_dependencies([step]):
            return variable.assign(variable.constraint(variable.value()))

    def _check_types(self, values: Sequence[Any]) -> None:
        valid = [float32, float64, float16, bfloat16]
        for value in values:
            found = value.dtype.base_dtype
            if found not in valid:
                raise ValueError(f"Invalid type {found!r} for {value.name}, expected: {valid}.")

    # -- for subclasses ----

    def _create_slots(self, var_list: list[Variable]) -> None:
        """Makes the variables that the optimizer keeps beside those it changes."""

    def _prepare(self) -> None:
        """Makes tensors of the optimizer's numbers, in its name scope."""

    def _apply_dense(self, grad: Tensor, var: Variable) -> Any:
        """The operation that applies one gradient."""
        raise NotImplementedError

    def _apply_sparse(self, grad: IndexedSlices, var: Variable) -> Any:
        """The operation that applies the gradient of some rows."""
        raise NotImplementedError

    def _apply_sparse_duplicate_indices(self, grad: IndexedSlices, var: Variable) -> Any:
        """The operation that applies the gradient of some rows, of which some may come several times: they are summed,
        unless `_apply_sparse` does so."""
        if hasattr(self._apply_sparse, "sums_repeated_rows"):
            return self._apply_sparse(grad, var)
        rows, places = unique(grad.indices)
        summed = apply("UnsortedSegmentSum", [grad.values, places, shape(rows)[0]])
        return self._apply_sparse(IndexedSlices(summed, rows, grad.dense_shape), var)

    def _finish(self, update_ops: list[Any], name_scope: str) -> Operation:
        """The operation that stands for the whole step."""
        return group(*update_ops, name=name_scope)

    def _call_if_callable(self, value: Any) -> Any:
        return value() if callable(value) and not hasattr(value, "_as_graph_tensor") else value

    # -- slots ----

    def get_slot(self, var: Any, name: str) -> Variable | None:
        """What the optimizer keeps under `name` for a variable, or None."""
        return self._slots.get(name, {}).get(_variable(var).op)

    def get_slot_names(self) -> list[str]:
        """The names of what the optimizer keeps for each variable."""
        return sorted(self._slots)

    def variables(self) -> list[Variable]:
        """All variables that the optimizer keeps in the default graph."""
        graph = get_default_graph()
        kept = [*self._non_slots.values(), *(slot for slots in self._slots.values() for slot in slots.values())]
        return sorted((variable for variable in kept if variable.graph is graph), key=lambda variable: variable.name)

    def _zeros_slot(self, var: Variable, slot_name: str, op_name: str) -> Variable:
        """A slot of zeros shaped as the variable."""
        return self._get_or_make_slot_with_initializer(
            var, Zeros(), var.shape, var.dtype.base_dtype, slot_name, op_name
        )

    def _get_or_make_slot(self, var: Variable, val: Any, slot_name: str, op_name: str) -> Variable:
        """A slot that begins as the tensor `val`."""
        return self._slot(var, slot_name, op_name, initializer=val)

    def _get_or_make_slot_with_initializer(
        self, var: Variable, initializer: Any, shape: Any, dtype: Any, slot_name: str, op_name: str
    ) -> Variable:
        """A slot that begins as `initializer` makes it."""
        return self._slot(var, slot_name, op_name, initializer=initializer, shape=shape, dtype=dtype)

    def _slot(self, var: Variable, slot_name: str, op_name: str, **made: Any) -> Variable:
        slots = self._slots.setdefault(slot_name, {})
        found = slots.get(var.op)
        if found is None:
            with variable_scope(None, f"{var.op.name}/{op_name}"):
                found = slots[var.op] = get_variable("", trainable=False, **made)
        return found

    def _create_non_slot_variable(self, initial_value: Any, name: str, colocate_with: Variable) -> Variable:
        """A variable that the optimizer keeps once a graph."""
        key = (name, colocate_with.graph)
        found = self._non_slots.get(key)
        if found is None:
            found = self._non_slots[key] = Variable(initial_value, name=name, trainable=False)
        return found

    def _get_non_slot_variable(self, name: str, graph: Any = None) -> Variable | None:
        return self._non_slots.get((name, graph))


def sums_repeated_rows(apply_sparse: Apply) -> Apply:
    """Marks an `_apply_sparse` that takes rows that come several times, as the operations SparseApply do."""
    apply_sparse.sums_repeated_rows = True
    return apply_sparse


def _variable(entry: Any) -> Variable:
    """A variable that is to be changed. Raises NotImplementedError for a tensor, TypeError for other things."""
    if isinstance(entry, Variable):
        return entry
    if isinstance(entry, Tensor):
        raise NotImplementedError("Trying to update a Tensor ", entry)
    raise TypeError(f"Argument is not a tf.Variable: {entry}")
