"""tf.train.MomentumOptimizer."""

from __future__ import annotations

from typing import Any

from diptych.ir import Builder, Value

from ...functions import updates
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.tensor import Tensor
from ..operations.casting import cast
from ..operations.indexed_slices import IndexedSlices
from ..variables.variable import Variable
from .optimizer import Optimizer, sums_repeated_rows
from .updates import step


@step("Momentum", "var: ref T, accum: ref T, lr: T, grad: T, momentum: T")
def momentum(
    b: Builder,
    var: Value,
    accum: Value,
    lr: Value,
    grad: Value,
    momentum: Value,
    *,
    use_nesterov: bool = False,
    use_locking: bool = False,
) -> tuple[Value, Value]:
    """One step along the accumulator."""
    return updates.momentum(b, var, accum, grad, lr, momentum, nesterov=use_nesterov)


@export("train.MomentumOptimizer")
class MomentumOptimizer(Optimizer):
    """Steps along a decaying sum of gradients: accumulation * momentum + gradient."""

    def __init__(
        self,
        learning_rate: Any,
        momentum: Any,
        use_locking: bool = False,
        name: str = "Momentum",
        use_nesterov: bool = False,
    ) -> None:
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._momentum = momentum
        self._use_nesterov = use_nesterov

    def _create_slots(self, var_list: list[Variable]) -> None:
        for variable in var_list:
            self._zeros_slot(variable, "momentum", self._name)

    def _prepare(self) -> None:
        self._learning_rate_tensor = convert_to_tensor(
            self._call_if_callable(self._learning_rate), name="learning_rate"
        )
        self._momentum_tensor = convert_to_tensor(self._call_if_callable(self._momentum), name="momentum")

    def _apply_dense(self, grad: Tensor, var: Variable) -> Any:
        rate, momentum = self._numbers(var)
        inputs = [var, self.get_slot(var, "momentum"), rate, grad, momentum]
        return apply("ApplyMomentum", inputs, use_nesterov=self._use_nesterov).op

    @sums_repeated_rows
    def _apply_sparse(self, grad: IndexedSlices, var: Variable) -> Any:
        rate, momentum = self._numbers(var)
        inputs = [var, self.get_slot(var, "momentum"), rate, grad.values, grad.indices, momentum]
        return apply("SparseApplyMomentum", inputs, use_nesterov=self._use_nesterov).op

    def _numbers(self, var: Variable) -> list[Tensor]:
        return [cast(t, var.dtype.base_dtype) for t in (self._learning_rate_tensor, self._momentum_tensor)]
