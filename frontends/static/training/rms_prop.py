"""tf.train.RMSPropOptimizer."""

from __future__ import annotations

from typing import Any

from diptych.ir import Builder, Value

from ...functions.arithmetic import lerp, scaled, shifted, square
from ...functions.updates import complement
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.tensor import Tensor
from ..operations.casting import cast
from ..operations.indexed_slices import IndexedSlices
from ..variables.initializers import Ones
from ..variables.variable import Variable
from .optimizer import Optimizer, sums_repeated_rows
from .updates import step


def _moved(
    b: Builder, var: Value, mom: Value, variance: Value, lr: Value, momentum: Value, epsilon: Value, grad: Value
) -> tuple[Value, Value]:
    """(var, mom): mom * momentum + lr * grad / sqrt(variance + epsilon) is the step down."""
    scale = b.sqrt(shifted(b, variance, epsilon))
    mom = b.add(scaled(b, mom, momentum), b.div(scaled(b, grad, lr), scale))
    return b.sub(var, mom), mom


@step("RMSProp", "var: ref T, ms: ref T, mom: ref T, lr: T, rho: T, momentum: T, epsilon: T, grad: T")
def rms_prop(
    b: Builder,
    var: Value,
    ms: Value,
    mom: Value,
    lr: Value,
    rho: Value,
    momentum: Value,
    epsilon: Value,
    grad: Value,
    *,
    use_locking: bool = False,
) -> list[Value]:
    """The gradient over the root of the decaying mean of its square."""
    ms = lerp(b, ms, square(b, grad), complement(b, rho, grad))
    var, mom = _moved(b, var, mom, ms, lr, momentum, epsilon, grad)
    return [var, ms, mom]


@step(
    "CenteredRMSProp",
    "var: ref T, mg: ref T, ms: ref T, mom: ref T, lr: T, rho: T, momentum: T, epsilon: T, grad: T",
)
def centered_rms_prop(
    b: Builder,
    var: Value,
    mg: Value,
    ms: Value,
    mom: Value,
    lr: Value,
    rho: Value,
    momentum: Value,
    epsilon: Value,
    grad: Value,
    *,
    use_locking: bool = False,
) -> list[Value]:
    """The gradient over the root of its estimated variance."""
    fresh = complement(b, rho, grad)
    ms, mg = lerp(b, ms, square(b, grad), fresh), lerp(b, mg, grad, fresh)
    var, mom = _moved(b, var, mom, b.sub(ms, square(b, mg)), lr, momentum, epsilon, grad)
    return [var, mg, ms, mom]


@export("train.RMSPropOptimizer")
class RMSPropOptimizer(Optimizer):
    """Steps scaled by the root of a decaying mean of the squared gradient, or with `centered` of its variance
    (Tieleman and Hinton, 2012; Graves, 2013)."""

    def __init__(
        self,
        learning_rate: Any,
        decay: Any = 0.9,
        momentum: Any = 0.0,
        epsilon: Any = 1e-10,
        use_locking: bool = False,
        centered: bool = False,
        name: str = "RMSProp",
    ) -> None:
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._decay = decay
        self._momentum = momentum
        self._epsilon = epsilon
        self._centered = centered

    def _create_slots(self, var_list: list[Variable]) -> None:
        for variable in var_list:
            self._get_or_make_slot_with_initializer(
                variable, Ones(), variable.shape, variable.dtype.base_dtype, "rms", self._name
            )
            if self._centered:
                self._zeros_slot(variable, "mg", self._name)
            self._zeros_slot(variable, "momentum", self._name)

    def _prepare(self) -> None:
        self._learning_rate_tensor = convert_to_tensor(
            self._call_if_callable(self._learning_rate), name="learning_rate"
        )
        self._decay_tensor = convert_to_tensor(self._call_if_callable(self._decay), name="decay")
        self._momentum_tensor = convert_to_tensor(self._call_if_callable(self._momentum), name="momentum")
        self._epsilon_tensor = convert_to_tensor(self._call_if_callable(self._epsilon), name="epsilon")

    def _apply_dense(self, grad: Tensor, var: Variable) -> Any:
        return apply(f"Apply{self._type}", [*self._inputs(var), grad]).op

    @sums_repeated_rows
    def _apply_sparse(self, grad: IndexedSlices, var: Variable) -> Any:
        return apply(f"SparseApply{self._type}", [*self._inputs(var), grad.values, grad.indices]).op

    @property
    def _type(self) -> str:
        return "CenteredRMSProp" if self._centered else "RMSProp"

    def _inputs(self, var: Variable) -> list[Any]:
        slots = [self.get_slot(var, name) for name in (["mg"] if self._centered else []) + ["rms", "momentum"]]
        numbers = (self._learning_rate_tensor, self._decay_tensor, self._momentum_tensor, self._epsilon_tensor)
        return [var, *slots, *(cast(number, var.dtype.base_dtype) for number in numbers)]
