"""Functions of each element that leave 0 what it is: of a sparse tensor's values, added up first."""

from __future__ import annotations

from typing import Any

from ..tapes.callers import entered_function
from ..tapes.operation import Operation, not_run, on_sparse_values
from ..tapes.recording import call
from ..tensors.tensor import Tensor
from .converting import coalesce
from .tensor import SparseTensor, like

_KEEPING_ZERO = (
    "abs", "asin", "asinh", "atan", "atanh", "ceil", "deg2rad", "erf", "erfinv", "expm1", "floor", "frac", "isinf",
    "isnan", "isneginf", "isposinf", "log1p", "nan_to_num", "neg", "pow", "pow_small", "rad2deg", "relu", "round",
    "sgn", "sign", "signbit", "sin", "sinh", "sqrt", "tan", "tanh", "trunc",
)  # fmt: skip


def _of_values(op: Operation, operands: tuple[Any, ...], attributes: tuple[Any, ...]) -> SparseTensor:
    x, *rest = operands
    name = op.name.strip("_")
    if not isinstance(x, SparseTensor) or any(isinstance(each, Tensor) for each in rest):
        raise not_run(entered_function())
    if name != "neg":  # of which it does not matter whether values are added up
        x = coalesce(x)
    _, held = x.parts()
    return like(x, call(op, (held, *rest), attributes))


def install() -> None:
    """Says so of each such operation."""
    on_sparse_values.update(dict.fromkeys(_KEEPING_ZERO, _of_values))
