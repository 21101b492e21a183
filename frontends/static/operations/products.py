"""Matrix products."""

from __future__ import annotations

from typing import Any

from diptych.ir import Dim, Value

from ...functions import products
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.definitions import operation
from ..graphs.dtypes import NUMBERS
from ..graphs.scopes import name_scope
from ..graphs.shapes import runtime_text
from ..graphs.site import Refusal, Site, require_rank
from ..graphs.tensor import Tensor
from .casting import conj


@operation("MatMul", "a: T, b: T -> T", T=NUMBERS)
def lower_matmul(at: Site, a: Value, b: Value, *, transpose_a: bool = False, transpose_b: bool = False) -> Value:
    """The product of two matrices."""
    for number, operand in enumerate((a, b)):
        require_rank(operand.shape, 2, f"In[{number}] is not a matrix")
    _check_inner(a, b, a.shape[0 if transpose_a else 1], b.shape[1 if transpose_b else 0])
    return products.matmul(at.b, a, b, transpose_lhs=transpose_a, transpose_rhs=transpose_b)


def _check_inner(x: Value, y: Value, left: Dim, right: Dim) -> None:
    """Raises Refusal where the sizes that a product sums over differ."""
    if left != right:
        shapes = f"In[0]: {runtime_text(x.shape)}, In[1]: {runtime_text(y.shape)}"
        raise Refusal(f"Dimensions must be equal, but are {left} and {right}", f"Matrix size-incompatible: {shapes}")


@operation("BatchMatMulV2", "x: T, y: T -> T", T=NUMBERS)
def lower_batch_matmul(at: Site, x: Value, y: Value, *, adj_x: bool = False, adj_y: bool = False) -> Value:
    """The product of the last two axes, the others broadcast as a batch."""
    for number, operand in enumerate((x, y)):
        require_rank(operand.shape, 2, f"In[{number}] ndims must be >= 2: {operand.rank}", at_least=True)
    _check_inner(x, y, x.shape[-2 if adj_x else -1], y.shape[-1 if adj_y else -2])
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
        if any(rank is None or rank > 2 for rank in (a.shape.ndims, b.shape.ndims)):
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
