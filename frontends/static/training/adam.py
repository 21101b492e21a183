"""tf.train.AdamOptimizer."""

from __future__ import annotations

from typing import Any

from diptych.ir import Builder, Value

from ...functions import updates
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.defaults import get_default_graph
from ..graphs.operation import Operation
from ..graphs.tensor import Tensor
from ..operations.casting import cast
from ..operations.control import group
from ..operations.indexed_slices import IndexedSlices
from ..variables.variable import Variable
from .optimizer import Optimizer, sums_repeated_rows
from .updates import step


@step(
    "Adam",
    "var: ref T, m: ref T, v: ref T, beta1_power: T, beta2_power: T, lr: T, beta1: T, beta2: T, epsilon: T, grad: T",
)
def adam(
    b: Builder,
    var: Value,
    m: Value,
    v: Value,
    beta1_power: Value,
    beta2_power: Value,
    lr: Value,
    beta1: Value,
    beta2: Value,
    epsilon: Value,
    grad: Value,
    *,
    use_nesterov: bool = False,
    use_locking: bool = False,
) -> tuple[Value, Value, Value]:
    """One step of Adam."""
    return updates.adam_epsilon_hat(
        b,
        var,
        m,
        v,
        grad,
        rate=lr,
        beta1=beta1,
        beta2=beta2,
        beta1_power=beta1_power,
        beta2_power=beta2_power,
        epsilon=epsilon,
        nesterov=use_nesterov,
    )


@export("train.AdamOptimizer")
class AdamOptimizer(Optimizer):
    """Steps scaled by decaying means of the gradient and of its square (Kingma and Ba, 2015), with the paper's "epsilon
    hat" in place of its epsilon."""

    _use_nesterov = False

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta1: Any = 0.9,
        beta2: Any = 0.999,
        epsilon: Any = 1e-8,
        use_locking: bool = False,
        name: str = "Adam",
    ) -> None:
        super().__init__(use_locking, name)
        self._lr = learning_rate
        self._beta1 = beta1
        self._beta2 = beta2
        self._epsilon = epsilon

    def _get_beta_accumulators(self) -> tuple[Variable | None, Variable | None]:
        graph = get_default_graph()
        return self._get_non_slot_variable("beta1_power", graph), self._get_non_slot_variable("beta2_power", graph)

    def _create_slots(self, var_list: list[Variable]) -> None:
        # the powers of the betas stand beside the variable whose name comes first, so that it is the same every time
        first = min(var_list, key=lambda variable: variable.name)
        for name, beta in (("beta1_power", self._beta1), ("beta2_power", self._beta2)):
            self._create_non_slot_variable(self._call_if_callable(beta), name, first)
        for variable in var_list:
            self._zeros_slot(variable, "m", self._name)
            self._zeros_slot(variable, "v", self._name)

    def _prepare(self) -> None:
        self._lr_t = convert_to_tensor(self._call_if_callable(self._lr), name="learning_rate")
        self._beta1_t = convert_to_tensor(self._call_if_callable(self._beta1), name="beta1")
        self._beta2_t = convert_to_tensor(self._call_if_callable(self._beta2), name="beta2")
        self._epsilon_t = convert_to_tensor(self._call_if_callable(self._epsilon), name="epsilon")

    def _apply_dense(self, grad: Tensor, var: Variable) -> Any:
        return apply("ApplyAdam", [*self._inputs(var), grad], use_nesterov=self._use_nesterov).op

    @sums_repeated_rows
    def _apply_sparse(self, grad: IndexedSlices, var: Variable) -> Any:
        # the means decay in all rows, and all rows move along them
        return self._apply_dense(convert_to_tensor(grad), var)

    def _inputs(self, var: Variable) -> list[Any]:
        dtype = var.dtype.base_dtype
        powers = [cast(power, dtype) for power in self._get_beta_accumulators()]
        numbers = [cast(t, dtype) for t in (self._lr_t, self._beta1_t, self._beta2_t, self._epsilon_t)]
        return [var, self.get_slot(var, "m"), self.get_slot(var, "v"), *powers, *numbers]

    def _finish(self, update_ops: list[Any], name_scope: str) -> Operation:
        graph = get_default_graph()
        finished: list[Any] = list(update_ops)
        with graph.control_dependencies(update_ops):
            for power, beta in zip(self._get_beta_accumulators(), (self._beta1_t, self._beta2_t), strict=True):
                if power is not None:
                    finished.append(power.assign(power * beta).op)
        return group(*finished, name=name_scope)
