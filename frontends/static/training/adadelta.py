"""tf.train.AdadeltaOptimizer."""

from __future__ import annotations

from typing import Any

from diptych.ir import Builder, Value

from ...functions.arithmetic import scaled, shifted, square
from ...functions.updates import complement
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.tensor import Tensor
from ..operations.casting import cast
from ..operations.indexed_slices import IndexedSlices
from ..variables.variable import Variable
from .optimizer import Optimizer, sums_repeated_rows
from .updates import step


@step("Adadelta", "var: ref T, accum: ref T, accum_update: ref T, lr: T, rho: T, epsilon: T, grad: T")
def adadelta(
    b: Builder,
    var: Value,
    accum: Value,
    accum_update: Value,
    lr: Value,
    rho: Value,
    epsilon: Value,
    grad: Value,
    *,
    use_locking: bool = False,
) -> list[Value]:
    """The gradient over the root of its decaying mean square, times that of the updates before."""
    fresh = complement(b, rho, grad)
    accum = b.add(scaled(b, accum, rho), scaled(b, square(b, grad), fresh))
    roots = b.mul(b.sqrt(shifted(b, accum_update, epsilon)), b.rsqrt(shifted(b, accum, epsilon)))
    update = b.mul(roots, grad)
    following = b.add(scaled(b, accum_update, rho), scaled(b, square(b, update), fresh))
    return [b.sub(var, scaled(b, update, lr)), accum, following]


@export("train.AdadeltaOptimizer")
class AdadeltaOptimizer(Optimizer):
    """Steps in the units of the variable, with decaying means in place of Adagrad's sums (Zeiler, 2012)."""

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: Any = 0.95,
        epsilon: Any = 1e-8,
        use_locking: bool = False,
        name: str = "Adadelta",
    ) -> None:
        super().__init__(use_locking, name)
        self._lr = learning_rate
        self._rho = rho
        self._epsilon = epsilon

    def _create_slots(self, var_list: list[Variable]) -> None:
        for variable in var_list:
            self._zeros_slot(variable, "accum", self._name)
            self._zeros_slot(variable, "accum_update", self._name)

    def _prepare(self) -> None:
        self._lr_t = convert_to_tensor(self._call_if_callable(self._lr), name="lr")
        self._rho_t = convert_to_tensor(self._call_if_callable(self._rho), name="rho")
        self._epsilon_t = convert_to_tensor(self._call_if_callable(self._epsilon), name="epsilon")

    def _apply_dense(self, grad: Tensor, var: Variable) -> Any:
        return apply("ApplyAdadelta", [*self._inputs(var), grad])

    @sums_repeated_rows
    def _apply_sparse(self, grad: IndexedSlices, var: Variable) -> Any:
        return apply("SparseApplyAdadelta", [*self._inputs(var), grad.values, grad.indices])

    def _inputs(self, var: Variable) -> list[Any]:
        slots = [self.get_slot(var, name) for name in ("accum", "accum_update")]
        return [var, *slots, *(cast(t, var.dtype.base_dtype) for t in (self._lr_t, self._rho_t, self._epsilon_t))]
