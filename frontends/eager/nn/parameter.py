"""`nn.Parameter`: a tensor that a module keeps and an optimizer changes."""

from __future__ import annotations

from typing import Any

from ..creation import zeros
from ..tensor import Tensor


class Parameter(Tensor):
    """A leaf that shares `data`'s storage; assigned to a module's attribute, it is one of its parameters. Raises
    RuntimeError where it should require gradients, which its dtype has none of."""

    __slots__ = ()

    def __new__(cls, data: Tensor | None = None, requires_grad: bool = True) -> Parameter:
        source = (zeros(0) if data is None else data).detach()
        if requires_grad and not source.dtype.ir.is_differentiable:
            raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
        self = object.__new__(cls)
        self._storage, self._view, self._meta = source._storage, source._view, source._meta
        self.requires_grad = requires_grad
        return self

    def __init__(self, data: Tensor | None = None, requires_grad: bool = True) -> None:
        pass

    def __deepcopy__(self, memo: dict[int, Any]) -> Parameter:
        """A copy of the value and of `requires_grad`; the gradient is left behind, as PyTorch leaves it."""
        gradient, self.grad = self.grad, None
        try:
            return super().__deepcopy__(memo)
        finally:
            self.grad = gradient

    def __repr__(self) -> str:
        return "Parameter containing:\n" + super().__repr__()
