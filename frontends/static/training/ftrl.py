"""tf.train.FtrlOptimizer."""

from __future__ import annotations

from typing import Any

from diptych.ir import Builder, Value

from ...functions.arithmetic import scaled, square
from ...functions.constants import as_operand, filled_like, scalar
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import constant, convert_to_tensor
from ..graphs.tensor import Tensor
from ..operations.casting import cast
from ..operations.indexed_slices import IndexedSlices
from ..variables.variable import Variable
from .optimizer import Optimizer, sums_repeated_rows
from .updates import step


def _followed(
    b: Builder,
    var: Value,
    accum: Value,
    linear: Value,
    grad: Value,
    shrunk: Value,
    lr: Value,
    l1: Value,
    l2: Value,
    lr_power: Value,
) -> list[Value]:
    """(var, accum, linear). `shrunk` is the gradient that the linear term takes."""

    def rated(x: Value) -> Value:
        return b.pow(x, as_operand(b, b.neg(lr_power), x))

    following = b.add(accum, square(b, grad))
    sigma = b.div(b.sub(rated(following), rated(accum)), as_operand(b, lr, accum))
    linear = b.sub(b.add(linear, shrunk), b.mul(sigma, var))
    curvature = b.add(
        b.div(rated(following), as_operand(b, lr, following)),
        as_operand(b, b.mul(scalar(b, 2, l2.dtype), l2), following),
    )
    bound = as_operand(b, l1, linear)
    moved = b.div(b.sub(b.mul(b.sign(linear), bound), linear), curvature)
    return [b.select(b.gt(b.abs(linear), bound), moved, filled_like(b, 0, var)), following, linear]


@step("Ftrl", "var: ref T, accum: ref T, linear: ref T, grad: T, lr: T, l1: T, l2: T, lr_power: T")
def ftrl(
    b: Builder,
    var: Value,
    accum: Value,
    linear: Value,
    grad: Value,
    lr: Value,
    l1: Value,
    l2: Value,
    lr_power: Value,
    *,
    use_locking: bool = False,
) -> list[Value]:
    """One step of follow the regularized leader."""
    return _followed(b, var, accum, linear, grad, grad, lr, l1, l2, lr_power)


@step("FtrlV2", "var: ref T, accum: ref T, linear: ref T, grad: T, lr: T, l1: T, l2: T, l2_shrinkage: T, lr_power: T")
def ftrl_with_shrinkage(
    b: Builder,
    var: Value,
    accum: Value,
    linear: Value,
    grad: Value,
    lr: Value,
    l1: Value,
    l2: Value,
    l2_shrinkage: Value,
    lr_power: Value,
    *,
    use_locking: bool = False,
) -> list[Value]:
    """The same with the gradient of l2_shrinkage * var**2 added, which the accumulator does not see."""
    shrunk = b.add(grad, scaled(b, var, b.mul(scalar(b, 2, var.dtype), l2_shrinkage)))
    return _followed(b, var, accum, linear, grad, shrunk, lr, l1, l2, lr_power)


@export("train.FtrlOptimizer")
class FtrlOptimizer(Optimizer):
    """Follow the regularized leader, with rates of its own for each element and exact zeros by l1 (McMahan et al.,
    2013)."""

    def __init__(
        self,
        learning_rate: Any,
        learning_rate_power: float = -0.5,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        use_locking: bool = False,
        name: str = "Ftrl",
        accum_name: str | None = None,
        linear_name: str | None = None,
        l2_shrinkage_regularization_strength: float = 0.0,
    ) -> None:
        super().__init__(use_locking, name)
        if learning_rate_power > 0.0:
            raise ValueError(f"learning_rate_power {learning_rate_power:f} needs to be negative or zero")
        for label, value in (
            ("initial_accumulator_value", initial_accumulator_value),
            ("l1_regularization_strength", l1_regularization_strength),
            ("l2_regularization_strength", l2_regularization_strength),
            ("l2_shrinkage_regularization_strength", l2_shrinkage_regularization_strength),
        ):
            if value < 0.0:
                raise ValueError(f"{label} {value:f} needs to be positive or zero")
        self._learning_rate = learning_rate
        self._learning_rate_power = learning_rate_power
        self._initial_accumulator_value = initial_accumulator_value
        self._l1_regularization_strength = l1_regularization_strength
        self._l2_regularization_strength = l2_regularization_strength
        self._l2_shrinkage_regularization_strength = l2_shrinkage_regularization_strength
        self._accum_name = accum_name
        self._linear_name = linear_name

    def _create_slots(self, var_list: list[Variable]) -> None:
        for variable in var_list:
            start = constant(self._initial_accumulator_value, dtype=variable.dtype.base_dtype, shape=variable.shape)
            self._get_or_make_slot(variable, start, "accum", self._accum_name or self._name)
            self._zeros_slot(variable, "linear", self._linear_name or self._name)

    def _prepare(self) -> None:
        self._learning_rate_tensor = convert_to_tensor(self._learning_rate, name="learning_rate")
        self._l1_tensor = convert_to_tensor(self._l1_regularization_strength, name="l1_regularization_strength")
        self._l2_tensor = convert_to_tensor(self._l2_regularization_strength, name="l2_regularization_strength")
        self._l2_shrinkage_tensor = convert_to_tensor(
            self._l2_shrinkage_regularization_strength, name="l2_shrinkage_regularization_strength"
        )
        self._learning_rate_power_tensor = convert_to_tensor(self._learning_rate_power, name="learning_rate_power")

    def _apply_dense(self, grad: Tensor, var: Variable) -> Any:
        return apply(f"Apply{self._type}", [*self._slots_of(var), grad, *self._numbers(var)])

    @sums_repeated_rows
    def _apply_sparse(self, grad: IndexedSlices, var: Variable) -> Any:
        inputs = [*self._slots_of(var), grad.values, grad.indices, *self._numbers(var)]
        return apply(f"SparseApply{self._type}", inputs)

    @property
    def _type(self) -> str:
        return "FtrlV2" if self._l2_shrinkage_regularization_strength > 0.0 else "Ftrl"

    def _slots_of(self, var: Variable) -> list[Any]:
        return [var, self.get_slot(var, "accum"), self.get_slot(var, "linear")]

    def _numbers(self, var: Variable) -> list[Any]:
        shrinkage = [self._l2_shrinkage_tensor] if self._type == "FtrlV2" else []
        numbers = (self._learning_rate_tensor, self._l1_tensor, self._l2_tensor, *shrinkage)
        return [cast(number, var.dtype.base_dtype) for number in (*numbers, self._learning_rate_power_tensor)]
