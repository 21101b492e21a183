"""Matrix products."""

from __future__ import annotations

from diptych.functions import arithmetic, products
from diptych.ir import Builder, TypeRuleError, Value

from ..operation import operation
from ..recording import call
from ..tensor import Tensor


def _checked(b: Builder, name: str, x: Value, y: Value) -> None:
    if x.dtype is not y.dtype:
        from ..dtypes import of_ir

        raise RuntimeError(
            f"expected m1 and m2 to have the same dtype, but got: {of_ir(x.dtype).name} != {of_ir(y.dtype).name}"
        )


@operation
def _matmul(b: Builder, x: Value, y: Value) -> Value:
    _checked(b, "matmul", x, y)
    try:
        return products.matmul(b, x, y)
    except TypeRuleError:
        if x.rank == y.rank == 2:
            shapes = f"{x.shape[0]}x{x.shape[1]} and {y.shape[0]}x{y.shape[1]}"
            raise RuntimeError(f"mat1 and mat2 shapes cannot be multiplied ({shapes})") from None
        raise


@operation
def _outer(b: Builder, x: Value, y: Value) -> Value:
    return products.outer(b, x, y)


@operation
def _linear(b: Builder, x: Value, weight: Value, *rest: Value) -> Value:
    _checked(b, "linear", x, weight)
    if x.shape[-1] != weight.shape[-1]:
        rows = 1
        for size in x.shape[:-1]:
            rows = rows * size
        shapes = f"{rows}x{x.shape[-1]} and {weight.shape[1]}x{weight.shape[0]}"
        raise RuntimeError(f"mat1 and mat2 shapes cannot be multiplied ({shapes})")
    result = b.matmul(x, weight, lhs_contract=(x.rank - 1,), rhs_contract=(weight.rank - 1,))
    return arithmetic.add(b, result, rest[0]) if rest else result


def matmul(input: Tensor, other: Tensor) -> Tensor:
    """The product of vectors, matrices, or stacks of matrices, whose leading axes broadcast."""
    if not input.ndim or not other.ndim:
        raise RuntimeError(
            f"both arguments to matmul need to be at least 1D, but they are {input.ndim}D and {other.ndim}D"
        )
    return call(_matmul, (input, other))


def mm(input: Tensor, mat2: Tensor) -> Tensor:
    """The product of two matrices."""
    if input.ndim != 2 or mat2.ndim != 2:
        raise RuntimeError("self must be a matrix" if input.ndim != 2 else "mat2 must be a matrix")
    return call(_matmul, (input, mat2))


def bmm(input: Tensor, mat2: Tensor) -> Tensor:
    """The products of two stacks of matrices."""
    if input.ndim != 3 or mat2.ndim != 3:
        raise RuntimeError("batch1 must be a 3D tensor" if input.ndim != 3 else "batch2 must be a 3D tensor")
    return call(_matmul, (input, mat2))


def mv(input: Tensor, vec: Tensor) -> Tensor:
    """The product of a matrix and a vector."""
    return call(_matmul, (input, vec))


def dot(input: Tensor, tensor: Tensor) -> Tensor:
    """The product of two vectors."""
    if input.ndim != 1 or tensor.ndim != 1:
        raise RuntimeError(f"1D tensors expected, but got {input.ndim}D and {tensor.ndim}D tensors")
    return call(_matmul, (input, tensor))


def outer(input: Tensor, vec2: Tensor) -> Tensor:
    """input[i] * vec2[j]."""
    return call(_outer, (input, vec2))


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """input [..., in] @ weight [out, in] transposed, + bias [out]."""
    return call(_linear, (input, weight) if bias is None else (input, weight, bias))


def addmm(input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """beta * input + alpha * (mat1 @ mat2)."""
    product = mm(mat1, mat2)
    if alpha != 1:
        product = product * alpha
    return (input if beta == 1 else input * beta) + product
