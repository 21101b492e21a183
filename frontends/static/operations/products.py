"""Matrix products."""

from __future__ import annotations

from typing import Any

from diptych.ir import Value

from ...functions import products
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.definitions import operation
from ..graphs.dtypes import NUMBERS
from ..graphs.scopes import name_scope
from ..graphs.site import Refusal, Site
from ..graphs.tensor import Tensor
from .casting import conj


@operation("MatMul", "a: T, b: T -> T", T=NUMBERS)
def lower_matmul(at: Site, a: Value, b: Value, *, transpose_a: bool = False, transpose_b: bool = False) -> Value:
    """The product of two matrices."""
    for operand in (a, b):
        if operand.rank != 2:
            raise Refusal(f"Shape must be rank 2 but is rank {operand.rank}")
    return products.matmul(at.b, a, b, transpose_lhs=transpose_a, transpose_rhs=transpose_b)


@operation("BatchMatMulV2", "x: T, y: T -> T", T=NUMBERS)
def lower_batch_matmul(at: Site, x: Value, y: Value, *, adj_x: bool = False, adj_y: bool = False) -> Value:
    """The product of the last two axes, the others broadcast as a batch."""
    for operand in (x, y):
        if operand.rank < 2:
            raise Refusal(f"Shape must be at least rank 2 but is rank {operand.rank}")
    x, y = (at.b.conj(v) if adjoint and v.dtype.is_complex else v for v, adjoint in ((x, adj_x), (y, adj_y)))
    return products.matmul(at.b, x, y, transpose_lhs=adj_x, transpose_rhs=adj_y)


@export("matmul", "linalg.matmul")
def matmul(
    a: Any,
    b: Any,
    transpose_a: bool = False,
    transpose_b: bool = False,
    adjoint_a: bool = False,
    adjoint_b: bool = False,
    a_is_sparse: bool = False,
    b_is_sparse: bool = False,
    name: str | None = None,
) -> Tensor:
    """The product of two matrices, or of the last two axes of tensors of higher rank.

    The hints that an operand holds many zeros are accepted and change nothing.
    """
    with name_scope(name, "MatMul", [a, b]) as scope:
        if transpose_a and adjoint_a:
            raise ValueError("Only one of transpose_a and adjoint_a can be True.")
        if transpose_b and adjoint_b:
            raise ValueError("Only one of transpose_b and adjoint_b can be True.")
        a = convert_to_tensor(a, name="a")
        b = convert_to_tensor(b, dtype_hint=a.dtype.base_dtype, name="b")
        ranks = (a.shape.ndims, b.shape.ndims)
        if (ranks[0] is None or ranks[0] > 2) and (ranks[1] is None or ranks[1] > 2):
            x, y = conj(a) if transpose_a else a, conj(b) if transpose_b else b
            flags = {"adj_x": adjoint_a or transpose_a, "adj_y": adjoint_b or transpose_b}
            return apply("BatchMatMulV2", [x, y], name=scope, **flags)
        x, y = conj(a) if adjoint_a else a, conj(b) if adjoint_b else b
        flags = {"transpose_a": transpose_a or adjoint_a, "transpose_b": transpose_b or adjoint_b}
        return apply("MatMul", [x, y], name=scope, **flags)


@export("batch_matmul")
def batch_matmul(x: Any, y: Any, adj_x: bool = False, adj_y: bool = False, name: str | None = None) -> Tensor:
    """The product of the last two axes, the others broadcast as a batch."""
    return apply("BatchMatMulV2", [x, y], name=name, adj_x=adj_x, adj_y=adj_y)
