"""tf.train.AdagradDAOptimizer."""

from __future__ import annotations

from typing import Any

from diptych.ir import Builder, Value

from ...functions.arithmetic import scaled, square
from ...functions.constants import as_operand, filled_like
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import constant, convert_to_tensor
from ..graphs.tensor import Tensor
from ..operations.arrays import identity
from ..operations.casting import cast
from ..operations.indexed_slices import IndexedSlices
from ..variables.variable import Variable
from .optimizer import Optimizer, sums_repeated_rows
from .updates import step


@step(
    "AdagradDA",
    "var: ref T, gradient_accumulator: ref T, gradient_squared_accumulator: ref T, grad: T, lr: T, l1: T, l2: T, "
    "global_step: int64",
)
def adagrad_da(
    b: Builder,
    var: Value,
    gradient_accumulator: Value,
    gradient_squared_accumulator: Value,
    grad: Value,
    lr: Value,
    l1: Value,
    l2: Value,
    global_step: Value,
    *,
    use_locking: bool = False,
) -> list[Value]:
    """-lr * the sum of gradients, shrunk by l1 a step, over l2 * lr a step + sqrt(the sum of squared gradients)."""
    total = b.add(gradient_accumulator, grad)
    squares = b.add(gradient_squared_accumulator, square(b, grad))
    steps = b.cast(global_step, dtype=var.dtype)
    above = b.sub(b.abs(total), as_operand(b, b.mul(l1, steps), total))
    shrunk = b.mul(b.sign(total), b.max(above, filled_like(b, 0, total)))
    weight = as_operand(b, b.mul(b.mul(l2, steps), lr), squares)
    return [b.div(scaled(b, shrunk, b.neg(lr)), b.add(weight, b.sqrt(squares))), total, squares]


@export("train.AdagradDAOptimizer")
class AdagradDAOptimizer(Optimizer):
    """Adagrad with dual averaging for sparse linear models (Duchi, Hazan and Singer, 2011): a variable is a function of
    the sums of its gradients alone, which `global_step` counts."""

    def __init__(
        self,
        learning_rate: Any,
        global_step: Any,
        initial_gradient_squared_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        use_locking: bool = False,
        name: str = "AdagradDA",
    ) -> None:
        if initial_gradient_squared_accumulator_value <= 0.0:
            raise ValueError(
                "initial_gradient_squared_accumulator_value must be "
                f"positive: {initial_gradient_squared_accumulator_value}"
            )
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._initial_gradient_squared_accumulator_value = initial_gradient_squared_accumulator_value
        self._l1_regularization_strength = l1_regularization_strength
        self._l2_regularization_strength = l2_regularization_strength
        self._global_step = global_step

    def _create_slots(self, var_list: list[Variable]) -> None:
        for variable in var_list:
            dtype = variable.dtype.base_dtype
            zeros = constant(0.0, shape=variable.shape, dtype=dtype)
            squares = constant(self._initial_gradient_squared_accumulator_value, shape=variable.shape, dtype=dtype)
            self._get_or_make_slot(variable, zeros, "gradient_accumulator", self._name)
            self._get_or_make_slot(variable, squares, "gradient_squared_accumulator", self._name)

    def _prepare(self) -> None:
        self._learning_rate_tensor = convert_to_tensor(self._learning_rate, name="learning_rate")
        self._global_step_on_worker = identity(self._global_step) + 1

    def _apply_dense(self, grad: Tensor, var: Variable) -> Any:
        return apply("ApplyAdagradDA", [*self._slots_of(var), grad, *self._numbers(var)])

    @sums_repeated_rows
    def _apply_sparse(self, grad: IndexedSlices, var: Variable) -> Any:
        return apply("SparseApplyAdagradDA", [*self._slots_of(var), grad.values, grad.indices, *self._numbers(var)])

    def _slots_of(self, var: Variable) -> list[Any]:
        names = ("gradient_accumulator", "gradient_squared_accumulator")
        return [var, *(self.get_slot(var, name) for name in names)]

    def _numbers(self, var: Variable) -> list[Any]:
        steps = identity(self._global_step_on_worker)
        numbers = (self._learning_rate_tensor, self._l1_regularization_strength, self._l2_regularization_strength)
        return [*(cast(number, var.dtype.base_dtype) for number in numbers), steps]
