"""Operations that apply one step of an optimizer to a variable and its slots."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diptych.ir import Value

from ...functions import updates
from ..graphs.definitions import operation
from ..graphs.dtypes import NUMBERS
from ..graphs.operation import Operation
from ..graphs.shapes import Dims
from ..graphs.site import Site
from ..graphs.tensor import Tensor
from ..variables.state import check_shapes


def _variable_shape(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
    return [inputs[0]._dims]


def _applies(type: str, signature: str) -> Any:
    return operation(
        type, f"{signature} -> ref T", T=NUMBERS, shape=_variable_shape, writes=True, blocks=True,
    )  # fmt: skip


@_applies("ApplyGradientDescent", "var: ref T, alpha: T, delta: T")
def lower_gradient_descent(at: Site, var: Operation, alpha: Value, delta: Value, *, use_locking: bool = False) -> None:
    """var - alpha * delta."""
    present = at.read(var)
    check_shapes(present.shape, delta.shape)
    at.write(var, updates.gradient_descent(at.b, present, delta, alpha))


@_applies("ApplyMomentum", "var: ref T, accum: ref T, lr: T, grad: T, momentum: T")
def lower_momentum(
    at: Site,
    var: Operation,
    accum: Operation,
    lr: Value,
    grad: Value,
    momentum: Value,
    *,
    use_nesterov: bool = False,
    use_locking: bool = False,
) -> None:
    """One step along the accumulator."""
    present = at.read(var)
    check_shapes(present.shape, grad.shape)
    following, accumulated = updates.momentum(at.b, present, at.read(accum), grad, lr, momentum, nesterov=use_nesterov)
    at.write(accum, accumulated)
    at.write(var, following)


@_applies(
    "ApplyAdam",
    "var: ref T, m: ref T, v: ref T, beta1_power: T, beta2_power: T, lr: T, beta1: T, beta2: T, epsilon: T, grad: T",
)
def lower_adam(
    at: Site,
    var: Operation,
    m: Operation,
    v: Operation,
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
) -> None:
    """One step of Adam."""
    present = at.read(var)
    check_shapes(present.shape, grad.shape)
    following, first, second = updates.adam_epsilon_hat(
        at.b,
        present,
        at.read(m),
        at.read(v),
        grad,
        rate=lr,
        beta1=beta1,
        beta2=beta2,
        beta1_power=beta1_power,
        beta2_power=beta2_power,
        epsilon=epsilon,
        nesterov=use_nesterov,
    )
    at.write(m, first)
    at.write(v, second)
    at.write(var, following)
