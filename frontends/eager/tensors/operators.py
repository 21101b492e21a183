"""Python's operators on tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..functions import arithmetic, logic, products
from ..tapes.callers import renamed
from .tensor import Tensor


def reflected(function: Callable[..., Tensor]) -> Callable[..., Any]:
    """The function with its operands exchanged."""

    def method(self: Tensor, other: Any) -> Any:
        return function(other, self)

    return renamed(method, function.__name__)


def own(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    """The reflected operator `name`, which may be called as a function of the class. Raises TypeError where what it is
    of is no tensor."""

    def checked(self: Tensor, other: Any) -> Any:
        if not isinstance(self, Tensor):
            kind = type(self).__name__
            raise TypeError(f"descriptor '{name}' for 'torch._C.TensorBase' objects doesn't apply to a '{kind}' object")
        return method(self, other)

    return checked


OPERANDS = (Tensor, bool, int, float, complex)


def operator(function: Callable[..., Tensor], takes: Any = OPERANDS) -> Callable[..., Any]:
    """The operator, which leaves what it does not take to the other operand."""

    def method(self: Tensor, other: Any) -> Any:
        if not isinstance(other, takes):
            other = _converted(other)
            if other is NotImplemented:
                return NotImplemented
        return function(self, other)

    return renamed(method, function.__name__)


def _converted(other: Any) -> Any:
    import numpy as np

    from .data import tensor

    if isinstance(other, np.ndarray):
        return tensor(other)
    return other.item() if isinstance(other, np.generic) else NotImplemented


def divided(self: Tensor, other: Any) -> Any:
    """other / self, as PyTorch computes it: by the reciprocal."""
    found = self.reciprocal()
    return found if other.__class__ in (int, float) and other == 1 else found * other


OPERATORS = {
    "add": arithmetic.add, "sub": arithmetic.sub, "mul": arithmetic.mul, "truediv": arithmetic.div,
    "floordiv": arithmetic.floor_divide, "mod": arithmetic.remainder, "pow": arithmetic.pow,
    "matmul": products.matmul, "and": logic.bitwise_and, "or": logic.bitwise_or, "xor": logic.bitwise_xor,
}  # fmt: skip
COMPARISONS = {
    "eq": logic.eq, "ne": logic.ne, "lt": logic.lt, "le": logic.le, "gt": logic.gt, "ge": logic.ge,
}  # fmt: skip
