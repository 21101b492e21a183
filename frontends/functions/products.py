"""Matrix products as numpy, PyTorch and TensorFlow write them, in terms of the general product."""

from __future__ import annotations

from diptych.ir import Builder, TypeRuleError, Value

from .broadcasting import BroadcastError, broadcast_shapes, broadcast_to


def matmul(b: Builder, lhs: Value, rhs: Value, *, transpose_lhs: bool = False, transpose_rhs: bool = False) -> Value:
    """The product of the last two axes, [..., m, k] by [..., k, n] to [..., m, n], the others broadcast as a batch.

    A vector on the left counts as a row, one on the right as a column, and its axis is absent from the result.
    `transpose_lhs` and `transpose_rhs` swap an operand's last two axes first. Raises TypeRuleError.
    """
    for name, operand, transposed in (("lhs", lhs, transpose_lhs), ("rhs", rhs, transpose_rhs)):
        if operand.rank < 1 + transposed:
            wanted = "of rank 2 or more, to be transposed" if transposed else "of rank 1 or more"
            raise TypeRuleError(f"matmul: {name} is {operand.type} but must be {wanted}").located(b.location)
    left = lhs.rank - 1 - transpose_lhs
    right = rhs.rank - 1 if transpose_rhs else max(rhs.rank - 2, 0)
    wanted, found = lhs.shape[left], rhs.shape[right]
    if wanted != found:
        message = f"matmul: rhs is {rhs.type} but must be {wanted} long in axis {right}, as lhs {lhs.type} is in {left}"
        raise BroadcastError(message, wanted, found, right - rhs.rank).located(b.location)
    if rhs.rank <= 2:
        return _by_matrix(b, lhs, rhs, left, right)
    if lhs.rank == 1:
        return b.matmul(rhs, lhs, lhs_contract=(right,), rhs_contract=(0,))
    return _batched(b, lhs, rhs, transpose_lhs, transpose_rhs)


def _by_matrix(b: Builder, lhs: Value, rhs: Value, left: int, right: int) -> Value:
    """Any lhs by one matrix or vector: a single product, whose axes come out in order."""
    return b.matmul(lhs, rhs, lhs_contract=(left,), rhs_contract=(right,))


def _batched(b: Builder, lhs: Value, rhs: Value, transpose_lhs: bool, transpose_rhs: bool) -> Value:
    """Matrices by matrices, one pair for each index of the common batch."""
    try:
        batch = broadcast_shapes(lhs.shape[:-2], rhs.shape[:-2])
    except BroadcastError as error:
        raise error.located(b.location) from None
    lhs = broadcast_to(b, lhs, (*batch, *lhs.shape[-2:]))
    rhs = broadcast_to(b, rhs, (*batch, *rhs.shape[-2:]))
    axes = tuple(range(len(batch)))
    rows = len(batch)
    return b.matmul(
        lhs,
        rhs,
        lhs_contract=(rows if transpose_lhs else rows + 1,),
        rhs_contract=(rows + 1 if transpose_rhs else rows,),
        lhs_batch=axes,
        rhs_batch=axes,
    )


def outer(b: Builder, lhs: Value, rhs: Value) -> Value:
    """[m] by [n] to [m, n]: lhs[i] * rhs[j]."""
    return b.matmul(lhs, rhs, lhs_contract=(), rhs_contract=())
