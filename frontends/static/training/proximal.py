"""tf.train.ProximalGradientDescentOptimizer and ProximalAdagradOptimizer."""

from __future__ import annotations

from typing import Any

from diptych.ir import Builder, Value

from ...functions.arithmetic import square
from ...functions.constants import as_operand, filled_like
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import constant, convert_to_tensor
from ..graphs.tensor import Tensor
from ..operations.casting import cast
from ..operations.indexed_slices import IndexedSlices
from ..variables.variable import Variable
from .optimizer import Optimizer, sums_repeated_rows
from .updates import step


def _shrunk(b: Builder, var: Value, rate: Value, l1: Value, l2: Value) -> Value:
    """sign(var) * max(|var| - rate * l1, 0) / (1 + rate * l2), which is where the penalties pull it."""
    above = b.sub(b.abs(var), b.mul(rate, as_operand(b, l1, var)))
    kept = b.mul(b.sign(var), b.max(above, filled_like(b, 0, var)))
    return b.div(kept, b.add(filled_like(b, 1, var), b.mul(rate, as_operand(b, l2, var))))


@step("ProximalGradientDescent", "var: ref T, alpha: T, l1: T, l2: T, delta: T")
def proximal_gradient_descent(
    b: Builder, var: Value, alpha: Value, l1: Value, l2: Value, delta: Value, *, use_locking: bool = False
) -> list[Value]:
    """A step down the gradient, then towards 0."""
    rate = as_operand(b, alpha, var)
    return [_shrunk(b, b.sub(var, b.mul(delta, rate)), rate, l1, l2)]


@step("ProximalAdagrad", "var: ref T, accum: ref T, lr: T, l1: T, l2: T, grad: T")
def proximal_adagrad(
    b: Builder,
    var: Value,
    accum: Value,
    lr: Value,
    l1: Value,
    l2: Value,
    grad: Value,
    *,
    use_locking: bool = False,
) -> list[Value]:
    """A step of Adagrad, then towards 0 at the same rate."""
    accum = b.add(accum, square(b, grad))
    rate = b.mul(as_operand(b, lr, var), b.rsqrt(accum))
    return [_shrunk(b, b.sub(var, b.mul(grad, rate)), rate, l1, l2), accum]


class _Proximal(Optimizer):
    """What both share: a rate and two penalties."""

    _type = ""

    def __init__(self, learning_rate: Any, l1: Any, l2: Any, use_locking: bool, name: str) -> None:
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._l1_regularization_strength = l1
        self._l2_regularization_strength = l2

    def _prepare(self) -> None:
        self._learning_rate_tensor = convert_to_tensor(self._learning_rate, name="learning_rate")
        self._l1_tensor = convert_to_tensor(self._l1_regularization_strength, name="l1_regularization_strength")
        self._l2_tensor = convert_to_tensor(self._l2_regularization_strength, name="l2_regularization_strength")

    def _apply_dense(self, grad: Tensor, var: Variable) -> Any:
        return apply(f"Apply{self._type}", [*self._inputs(var), grad]).op

    @sums_repeated_rows
    def _apply_sparse(self, grad: IndexedSlices, var: Variable) -> Any:
        return apply(f"SparseApply{self._type}", [*self._inputs(var), grad.values, grad.indices]).op

    def _inputs(self, var: Variable) -> list[Any]:
        numbers = (self._learning_rate_tensor, self._l1_tensor, self._l2_tensor)
        return [var, *(cast(number, var.dtype.base_dtype) for number in numbers)]


@export("train.ProximalGradientDescentOptimizer")
class ProximalGradientDescentOptimizer(_Proximal):
    """Gradient descent with penalties on size that bring elements to 0 exactly (Duchi and Singer, 2009)."""

    _type = "ProximalGradientDescent"

    def __init__(
        self,
        learning_rate: Any,
        l1_regularization_strength: Any = 0.0,
        l2_regularization_strength: Any = 0.0,
        use_locking: bool = False,
        name: str = "ProximalGradientDescent",
    ) -> None:
        super().__init__(learning_rate, l1_regularization_strength, l2_regularization_strength, use_locking, name)


@export("train.ProximalAdagradOptimizer")
class ProximalAdagradOptimizer(_Proximal):
    """Adagrad with the same penalties."""

    _type = "ProximalAdagrad"

    def __init__(
        self,
        learning_rate: Any,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: Any = 0.0,
        l2_regularization_strength: Any = 0.0,
        use_locking: bool = False,
        name: str = "ProximalAdagrad",
    ) -> None:
        if initial_accumulator_value <= 0.0:
            raise ValueError(f"initial_accumulator_value must be positive: {initial_accumulator_value}")
        super().__init__(learning_rate, l1_regularization_strength, l2_regularization_strength, use_locking, name)
        self._initial_accumulator_value = initial_accumulator_value

    def _create_slots(self, var_list: list[Variable]) -> None:
        for variable in var_list:
            start = constant(self._initial_accumulator_value, shape=variable.shape, dtype=variable.dtype.base_dtype)
            self._get_or_make_slot(variable, start, "accumulator", self._name)

    def _inputs(self, var: Variable) -> list[Any]:
        var, *numbers = super()._inputs(var)
        return [var, self.get_slot(var, "accumulator"), *numbers]
