"""tf.train.GradientDescentOptimizer."""

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


@step("GradientDescent", "var: ref T, alpha: T, delta: T")
def gradient_descent(b: Builder, var: Value, alpha: Value, delta: Value, *, use_locking: bool = False) -> list[Value]:
    """var - alpha * delta."""
    return [updates.gradient_descent(b, var, delta, alpha)]


@export("train.GradientDescentOptimizer")
class GradientDescentOptimizer(Optimizer):
    """variable - learning_rate * gradient. The rate is a number, a tensor, or a function that gives one."""

    def __init__(self, learning_rate: Any, use_locking: bool = False, name: str = "GradientDescent") -> None:
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._learning_rate_tensor: Any = None

    def _prepare(self) -> None:
        rate = self._call_if_callable(self._learning_rate)
        self._learning_rate_tensor = convert_to_tensor(rate, name="learning_rate")

    def _apply_dense(self, grad: Tensor, var: Variable) -> Any:
        rate = cast(self._learning_rate_tensor, var.dtype.base_dtype)
        return apply("ApplyGradientDescent", [var, rate, grad]).op

    @sums_repeated_rows
    def _apply_sparse(self, grad: IndexedSlices, var: Variable) -> Any:
        rate = cast(self._learning_rate_tensor, var.dtype.base_dtype)
        return apply("SparseApplyGradientDescent", [var, rate, grad.values, grad.indices]).op
