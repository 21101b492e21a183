"""tf.keras.regularizers and tf.keras.constraints."""

from __future__ import annotations

from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.tensor import Tensor
from ..operations.casting import abs as absolute
from ..operations.casting import cast
from ..operations.reductions import reduced
from ..operations.selection import clip_by_value


@export("keras.regularizers.Regularizer")
class Regularizer:
    """Called with a tensor, makes a loss."""

    def __call__(self, x: Any) -> Any:
        return 0.0


@export("keras.regularizers.L1L2")
class L1L2(Regularizer):
    """l1 * sum(|x|) + l2 * sum(x ** 2)."""

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        self.l1 = l1
        self.l2 = l2

    def __call__(self, x: Any) -> Any:
        if not self.l1 and not self.l2:
            return convert_to_tensor(0.0)
        total: Any = 0.0
        if self.l1:
            total = total + self.l1 * reduced("Sum", absolute(x), None, False, None)
        if self.l2:
            total = total + self.l2 * reduced("Sum", apply("Square", [x]), None, False, None)
        return total

    def get_config(self) -> dict[str, float]:
        """The factors."""
        return {"l1": float(self.l1), "l2": float(self.l2)}


@export("keras.regularizers.l1")
def l1(l: float = 0.01) -> L1L2:  # noqa: E741 - keras's name
    """l * sum(|x|)."""
    return L1L2(l1=l)


@export("keras.regularizers.l2")
def l2(l: float = 0.01) -> L1L2:  # noqa: E741 - keras's name
    """l * sum(x ** 2)."""
    return L1L2(l2=l)


@export("keras.regularizers.l1_l2")
def l1_l2(l1: float = 0.01, l2: float = 0.01) -> L1L2:
    """l1 * sum(|x|) + l2 * sum(x ** 2)."""
    return L1L2(l1, l2)


_REGULARIZERS = {"l1": l1, "l2": l2, "l1_l2": l1_l2, "L1L2": L1L2}


@export("keras.regularizers.get")
def get_regularizer(identifier: Any) -> Any:
    """The regularizer of a name, or what it is itself. Raises ValueError."""
    if identifier is None or callable(identifier):
        return identifier
    if identifier not in _REGULARIZERS:
        raise ValueError(f"Unknown regularizer: {identifier}")
    return _REGULARIZERS[identifier]()


# -- constraints ----


@export("keras.constraints.Constraint")
class Constraint:
    """Called with the value of a variable after a step, makes the one that it has."""

    def __call__(self, w: Any) -> Any:
        return w


def _lengths(w: Any, axis: Any) -> Tensor:
    return apply("Sqrt", [reduced("Sum", apply("Square", [w]), axis, True, None)])


@export("keras.constraints.MaxNorm", "keras.constraints.max_norm")
class MaxNorm(Constraint):
    """No longer than `max_value` along an axis."""

    def __init__(self, max_value: float = 2, axis: Any = 0) -> None:
        self.max_value = max_value
        self.axis = axis

    def __call__(self, w: Any) -> Tensor:
        norms = _lengths(w, self.axis)
        return w * (clip_by_value(norms, 0.0, float(self.max_value)) / (norms + 1e-7))


@export("keras.constraints.NonNeg", "keras.constraints.non_neg")
class NonNeg(Constraint):
    """No element below 0."""

    def __call__(self, w: Any) -> Tensor:
        w = convert_to_tensor(w)
        return w * cast(w >= 0.0, w.dtype)


@export("keras.constraints.UnitNorm", "keras.constraints.unit_norm")
class UnitNorm(Constraint):
    """Of length 1 along an axis."""

    def __init__(self, axis: Any = 0) -> None:
        self.axis = axis

    def __call__(self, w: Any) -> Tensor:
        return w / (_lengths(w, self.axis) + 1e-7)


@export("keras.constraints.MinMaxNorm", "keras.constraints.min_max_norm")
class MinMaxNorm(Constraint):
    """Of a length between two along an axis, by `rate` of the way."""

    def __init__(self, min_value: float = 0.0, max_value: float = 1.0, rate: float = 1.0, axis: Any = 0) -> None:
        self.min_value = min_value
        self.max_value = max_value
        self.rate = rate
        self.axis = axis

    def __call__(self, w: Any) -> Tensor:
        norms = _lengths(w, self.axis)
        wanted = self.rate * clip_by_value(norms, self.min_value, self.max_value) + (1 - self.rate) * norms
        return w * (wanted / (norms + 1e-7))


_CONSTRAINTS = {
    "max_norm": MaxNorm, "MaxNorm": MaxNorm, "non_neg": NonNeg, "NonNeg": NonNeg, "unit_norm": UnitNorm,
    "UnitNorm": UnitNorm, "min_max_norm": MinMaxNorm, "MinMaxNorm": MinMaxNorm,
}  # fmt: skip


@export("keras.constraints.get")
def get_constraint(identifier: Any) -> Any:
    """The constraint of a name, or what it is itself. Raises ValueError."""
    if identifier is None or callable(identifier):
        return identifier
    if identifier not in _CONSTRAINTS:
        raise ValueError(f"Unknown constraint: {identifier}")
    return _CONSTRAINTS[identifier]()
