"""Functions of each element that leave 0 what it is: of a sparse tensor's values, added up first."""

from __future__ import annotations

from typing import Any

from ..functions import arithmetic, complexes, elementary, logic, ordering, pointwise
from ..operation import Operation, not_run
from ..recording import call
from ..tensor import Tensor
from .converting import coalesce
from .tensor import SparseTensor, like

_KEEPING_ZERO = {
    "abs", "asin", "asinh", "atan", "atanh", "ceil", "deg2rad", "erf", "erfinv", "expm1", "floor", "frac", "isinf",
    "isnan", "isneginf", "isposinf", "log1p", "nan_to_num", "neg", "pow", "pow_small", "rad2deg", "relu", "round",
    "sgn", "sign", "signbit", "sin", "sinh", "sqrt", "tan", "tanh", "trunc",
}  # fmt: skip
_LINEAR = {"neg"}  # of which it does not matter whether values are added up


def _of_values(op: Operation) -> Any:
    name = op.name.strip("_")

    def on_sparse(operands: tuple[Any, ...], attributes: tuple[Any, ...]) -> SparseTensor:
        x, *rest = operands
        if not isinstance(x, SparseTensor) or any(isinstance(each, Tensor) for each in rest):
            raise not_run(name)
        if name not in _LINEAR:
            x = coalesce(x)
        _, held = x.parts()
        return like(x, call(op, (held, *rest), attributes))

    return on_sparse


def install() -> None:
    """Says so of each such operation."""
    others = [each for module in (arithmetic, complexes, elementary, logic, ordering, pointwise)
              for each in vars(module).values() if isinstance(each, Operation)]  # fmt: skip
    for each in (*others, *pointwise.ELEMENTARY.values()):
        if each.name.strip("_") in _KEEPING_ZERO:
            each.on_sparse = _of_values(each)
