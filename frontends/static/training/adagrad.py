"""tf.train.AdagradOptimizer."""

from __future__ import annotations

from typing import Any

from diptych.ir import Builder, Value

from ...functions.arithmetic import scaled, square
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.tensor import Tensor
from ..operations.casting import cast
from ..operations.indexed_slices import IndexedSlices
from ..variables.initializers import ConstantInitializer
from ..variables.variable import Variable
from .optimizer import Optimizer, sums_repeated_rows
from .updates import step


@step("Adagrad", "var: ref T, accum: ref T, lr: T, grad: T")
def adagrad(
    b: Builder,
    var: Value,
    accum: Value,
    lr: Value,
    grad: Value,
    *,
    use_locking: bool = False,
    update_slots: bool = True,
) -> list[Value]:
    """var - lr * grad / sqrt(the sum of all squared gradients)."""
    if update_slots:
        accum = b.add(accum, square(b, grad))
    return [b.sub(var, b.mul(scaled(b, grad, lr), b.rsqrt(accum))), accum]


@export("train.AdagradOptimizer")
class AdagradOptimizer(Optimizer):
    """Steps scaled by the root of the sum of all squared gradients (Duchi, Hazan and Singer, 2011)."""

    def __init__(
        self,
        learning_rate: Any,
        initial_accumulator_value: float = 0.1,
        use_locking: bool = False,
        name: str = "Adagrad",
    ) -> None:
        if initial_accumulator_value <= 0.0:
            raise ValueError(f"initial_accumulator_value must be positive: {initial_accumulator_value}")
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._initial_accumulator_value = initial_accumulator_value

    def _create_slots(self, var_list: list[Variable]) -> None:
        for variable in var_list:
            dtype = variable.dtype.base_dtype
            initializer = ConstantInitializer(self._initial_accumulator_value, dtype=dtype)
            self._get_or_make_slot_with_initializer(
                variable, initializer, variable.shape, dtype, "accumulator", self._name
            )

    def _prepare(self) -> None:
        self._learning_rate_tensor = convert_to_tensor(
            self._call_if_callable(self._learning_rate), name="learning_rate"
        )

    def _apply_dense(self, grad: Tensor, var: Variable) -> Any:
        return apply("ApplyAdagrad", [*self._inputs(var), grad])

    @sums_repeated_rows
    def _apply_sparse(self, grad: IndexedSlices, var: Variable) -> Any:
        return apply("SparseApplyAdagrad", [*self._inputs(var), grad.values, grad.indices])

    def _inputs(self, var: Variable) -> list[Any]:
        rate = cast(self._learning_rate_tensor, var.dtype.base_dtype)
        return [var, self.get_slot(var, "accumulator"), rate]
