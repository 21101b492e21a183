"""Operations that apply one step of an optimizer to a variable and its slots."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from diptych.ir import Value

from ...functions import updates
from ..graphs.definitions import operation
from ..graphs.dtypes import NUMBERS
from ..graphs.operation import Operation
from ..graphs.shapes import Dims, runtime_text
from ..graphs.site import Site, require_rank
from ..graphs.tensor import Tensor
from ..variables.state import check_shapes


def _applies(type: str, signature: str) -> Any:
    """Declares an operation that changes a variable: its slots and its gradient, called grad or delta, are shaped as
    it is, all else is a scalar."""
    arguments = [[text.strip() for text in part.split(":")] for part in signature.split(",")]
    names = [name for name, _ in arguments]
    whole = [kind.startswith("ref ") or name in ("grad", "delta") for name, kind in arguments]

    def check(shapes: Sequence[Dims | None]) -> None:
        for name, shape, is_whole in zip(names, shapes, whole, strict=True):
            if is_whole:
                check_shapes(shapes[0], shape, f"var and {name} do not have the same shape{{left}} {{right}}")
            else:
                require_rank(shape, 0, f"{name} is not a scalar: {runtime_text(shape)}")

    def shape(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
        check([tensor._dims for tensor in inputs])
        return [inputs[0]._dims]

    def declare(lower: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(lower)
        def checked(at: Site, *operands: Any, **attributes: Any) -> None:
            values = [at.read(operand) if isinstance(operand, Operation) else operand for operand in operands]
            check([value.shape for value in values])
            lower(at, *operands, **attributes)

        register = operation(type, f"{signature} -> ref T", T=NUMBERS, shape=shape, writes=True, blocks=True)
        return register(checked)

    return declare


@_applies("ApplyGradientDescent", "var: ref T, alpha: T, delta: T")
def lower_gradient_descent(at: Site, var: Operation, alpha: Value, delta: Value, *, use_locking: bool = False) -> None:
    """var - alpha * delta."""
    at.write(var, updates.gradient_descent(at.b, at.read(var), delta, alpha))


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
    following, accumulated = updates.momentum(
        at.b, at.read(var), at.read(accum), grad, lr, momentum, nesterov=use_nesterov
    )
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
    following, first, second = updates.adam_epsilon_hat(
        at.b,
        at.read(var),
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
