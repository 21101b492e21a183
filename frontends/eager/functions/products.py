"""Matrix products."""

from __future__ import annotations

from math import prod

from diptych.functions import arithmetic, products
from diptych.functions.broadcasting import BroadcastError, broadcast_shapes, broadcast_to
from diptych.functions.constants import filled_like
from diptych.ir import Builder, Value

from ..calling.autocasting import lower_precision
from ..dtypes import of_ir
from ..promotion import promoted
from ..tapes.operation import operation
from ..tapes.recording import call
from ..tensors.tensor import Tensor
from .operands import check_same_type, tensors

# -- operations: what is written as equations ----
# What does not fit is refused as PyTorch's kernels do it, each of which has words of its own.


@operation
def _matmul(b: Builder, x: Value, y: Value) -> Value:
    if not x.rank or not y.rank:
        raise RuntimeError(f"both arguments to matmul need to be at least 1D, but they are {x.rank}D and {y.rank}D")
    if x.rank == y.rank == 1:
        _check_dot(x, y)
    elif y.rank == 1:
        _check_vector((prod(_shape(x)[:-1]), _shape(x)[-1]), x, y)
    elif y.rank == 2:
        _check_matrices((prod(_shape(x)[:-1]), _shape(x)[-1]), _shape(y)[-2:], x, y)
    else:
        _check_batches(x, y)
    return products.matmul(b, x, y)


def _shape(x: Value) -> tuple[int, ...]:
    return x.type.static_shape()


def _names(x: Value, y: Value) -> tuple[str, str]:
    return of_ir(x.dtype).scalar, of_ir(y.dtype).scalar


def _check_dot(x: Value, y: Value) -> None:
    if x.dtype is not y.dtype:
        found = " and ".join(_names(x, y))
        raise RuntimeError(f"dot : expected both vectors to have same dtype, but found {found}")
    if x.shape != y.shape:
        left, right = _shape(x)[0], _shape(y)[0]
        raise RuntimeError(
            f"inconsistent tensor size, expected tensor [{left}] and src [{right}] to have the same number of "
            f"elements, but got {left} and {right} elements respectively"
        )


def _check_vector(rows: tuple[int, int], x: Value, y: Value) -> None:
    if rows[1] != _shape(y)[0]:
        raise RuntimeError(f"size mismatch, got input ({rows[0]}), mat ({rows[0]}x{rows[1]}), vec ({_shape(y)[0]})")
    if x.dtype is not y.dtype:
        matrix, vector = _names(x, y)
        raise RuntimeError(f"addmv input tensors must have the same dtype, but got {vector}, {matrix}, and {vector}")


def _check_matrices(left: tuple[int, ...], right: tuple[int, ...], x: Value, y: Value) -> None:
    if x.dtype is not y.dtype:
        names = of_ir(x.dtype).native, of_ir(y.dtype).native
        raise RuntimeError(f"expected m1 and m2 to have the same dtype, but got: {names[0]} != {names[1]}")
    if left[1] != right[0]:
        raise RuntimeError(f"mat1 and mat2 shapes cannot be multiplied ({left[0]}x{left[1]} and {right[0]}x{right[1]})")


def _check_batches(x: Value, y: Value) -> None:
    left, right = _shape(x) if x.rank > 1 else (1, *_shape(x)), _shape(y)
    try:
        batch = broadcast_shapes(left[:-2], right[:-2])
    except BroadcastError as error:
        axis = max(x.rank, y.rank) - 2 + error.axis
        raise RuntimeError(
            f"The size of tensor a ({error.left}) must match the size of tensor b ({error.right}) at non-singleton "
            f"dimension {axis}"
        ) from None
    count = prod(int(size) for size in batch)
    if left[-1] != right[-2]:
        raise RuntimeError(
            f"Expected size for first two dimensions of batch2 tensor to be: [{count}, {left[-1]}] but got: [{count}, "
            f"{right[-2]}]."
        )
    check_same_type(x, y)


@operation
def _bmm(b: Builder, x: Value, y: Value) -> Value:
    for label, each in (("batch1", x), ("batch2", y)):
        if each.rank != 3:
            raise RuntimeError(f"{label} must be a 3D tensor")
    wanted, found = [_shape(x)[0], _shape(x)[2]], list(_shape(y)[:2])
    if wanted != found:
        raise RuntimeError(f"Expected size for first two dimensions of batch2 tensor to be: {wanted} but got: {found}.")
    check_same_type(x, y)
    return products.matmul(b, x, y)


@operation
def _outer(b: Builder, x: Value, y: Value) -> Value:
    for label, each in (("self", x), ("vec2", y)):
        if each.rank != 1:
            raise RuntimeError(f"outer: Expected 1-D argument {label}, but got {each.rank}-D")
    x, y = promoted(b, x, y, default=None)
    if x.dtype.is_bool:
        shape = (*x.shape, *y.shape)
        return b.bitwise_and(*(b.broadcast(each, shape=shape, axes=(axis,)) for axis, each in enumerate((x, y))))
    return products.outer(b, x, y)


def _check_added(term: Value, product: Value) -> None:
    """Whether `term` broadcasts to the matrix `product`, or the rows that a tensor of more axes counts as."""
    if term.dtype is not product.dtype:
        names = _names(term, product)
        raise RuntimeError(f"self and mat2 must have the same dtype, but got {names[0]} and {names[1]}")
    rows = (prod(_shape(product)[:-1]), _shape(product)[-1])
    given = _shape(term)
    for place in range(1, len(given) + 1):
        if place > 2 or given[-place] not in (1, rows[-place]):
            raise RuntimeError(
                f"The expanded size of the tensor ({rows[-place]}) must match the existing size ({given[-place]}) at "
                f"non-singleton dimension {2 - place}.  Target sizes: {list(rows)}.  Tensor sizes: {list(given)}"
            )


@operation
def _linear(b: Builder, x: Value, weight: Value, *rest: Value) -> Value:
    if rest and x.dtype is not weight.dtype:
        names = _names(x, weight)
        raise RuntimeError(f"mat1 and mat2 must have the same dtype, but got {names[0]} and {names[1]}")
    turned = _shape(weight)[::-1] if weight.rank == 2 else (_shape(weight)[0], 1)
    _check_matrices((prod(_shape(x)[:-1]), _shape(x)[-1]), turned, x, weight)
    result = b.matmul(x, weight, lhs_contract=(x.rank - 1,), rhs_contract=(weight.rank - 1,))
    if not rest:
        return result
    if weight.rank == 2:
        _check_added(rest[0], result)
    return arithmetic.add(b, result, rest[0])


@operation
def _addmm(b: Builder, x: Value, first: Value, second: Value, beta: float, alpha: float) -> Value:
    for label, each in (("mat1", first), ("mat2", second)):
        if each.rank != 2:
            raise RuntimeError(f"{label} must be a matrix, got {each.rank}-D tensor")
    _check_matrices(_shape(first), _shape(second), first, second)
    result = products.matmul(b, first, second)
    _check_added(x, result)
    if alpha != 1:
        result = b.mul(result, filled_like(b, alpha, result))
    if beta == 0:
        return result
    term = x if beta == 1 else b.mul(x, filled_like(b, beta, x))
    return b.add(broadcast_to(b, term, result.shape), result)


# -- functions: what users call ----


@lower_precision
def matmul(input: Tensor, other: Tensor) -> Tensor:
    """The product of vectors, matrices, or stacks of matrices, whose leading axes broadcast. Raises RuntimeError for
    shapes that do not fit and dtypes that differ."""
    return call(_matmul, tensors("matmul", input=input, other=other))


@lower_precision
def mm(input: Tensor, mat2: Tensor) -> Tensor:
    """The product of two matrices."""
    x, y = tensors("mm", input=input, mat2=mat2)
    if x.ndim != 2 or y.ndim != 2:
        raise RuntimeError("self must be a matrix" if x.ndim != 2 else "mat2 must be a matrix")
    return call(_matmul, (x, y))


@lower_precision
def bmm(input: Tensor, mat2: Tensor) -> Tensor:
    """The products of two stacks of as many matrices."""
    return call(_bmm, tensors("bmm", input=input, mat2=mat2))


def mv(input: Tensor, vec: Tensor) -> Tensor:
    """The product of a matrix and a vector."""
    x, y = tensors("mv", input=input, vec=vec)
    if x.ndim != 2 or y.ndim != 1:
        raise RuntimeError(f"vector + matrix @ vector expected, got 1, {x.ndim}, {y.ndim}")
    return call(_matmul, (x, y))


def dot(input: Tensor, tensor: Tensor) -> Tensor:
    """The product of two vectors."""
    x, y = tensors("dot", input=input, tensor=tensor)
    if x.ndim != 1 or y.ndim != 1:
        raise RuntimeError(f"1D tensors expected, but got {x.ndim}D and {y.ndim}D tensors")
    return call(_matmul, (x, y))


def outer(input: Tensor, vec2: Tensor) -> Tensor:
    """input[i] * vec2[j]."""
    return call(_outer, tensors("outer", input=input, vec2=vec2))


@lower_precision
def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """input [..., in] @ weight [out, in] transposed, + bias [out]."""
    if not (isinstance(input, Tensor) and isinstance(weight, Tensor)):
        tensors("linear", input=input, weight=weight)
    return call(_linear, (input, weight) if bias is None else (input, weight, bias))


@lower_precision
def addmm(input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """beta * input + alpha * (mat1 @ mat2), where beta 0 leaves the input out. Raises RuntimeError for shapes that do
    not fit and dtypes that differ."""
    return call(_addmm, tensors("addmm", input=input, mat1=mat1, mat2=mat2), (beta, alpha))
