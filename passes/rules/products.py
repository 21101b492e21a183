"""Transposes and broadcasts absorbed into matrix products.

matmul names its axes, so a transposed operand is the same product over renamed axes; backends read both through
the same strided view, bit for bit.
"""

from __future__ import annotations

from diptych.ir import Axes, Builder, Value

from ..pattern import Built, P, Rule, Var

lhs, rhs, permutation = Var("lhs"), Var("rhs"), Var("permutation")
_axes = {name: Var(name) for name in ("lhs_contract", "rhs_contract", "lhs_batch", "rhs_batch")}


def _free(rank: int, contract: Axes, batch: Axes) -> list[int]:
    return [axis for axis in range(rank) if axis not in contract and axis not in batch]


def _keeps_order(permutation: Axes, contract: Axes, batch: Axes) -> bool:
    """Whether the free axes come in the same order without the transpose."""
    moved = [permutation[axis] for axis in _free(len(permutation), contract, batch)]
    return moved == sorted(moved)


def _transposed_lhs(
    b: Builder,
    lhs: Value,
    permutation: Axes,
    rhs: Value,
    lhs_contract: Axes,
    rhs_contract: Axes,
    lhs_batch: Axes,
    rhs_batch: Axes,
) -> Built:
    """matmul(transpose(x), y) -> matmul(x, y) over x's own axes"""
    if not _keeps_order(permutation, lhs_contract, lhs_batch):
        return None
    return b.matmul(
        lhs,
        rhs,
        lhs_contract=[permutation[axis] for axis in lhs_contract],
        rhs_contract=rhs_contract,
        lhs_batch=[permutation[axis] for axis in lhs_batch],
        rhs_batch=rhs_batch,
    )


def _transposed_rhs(
    b: Builder,
    lhs: Value,
    permutation: Axes,
    rhs: Value,
    lhs_contract: Axes,
    rhs_contract: Axes,
    lhs_batch: Axes,
    rhs_batch: Axes,
) -> Built:
    """matmul(x, transpose(y)) -> matmul(x, y) over y's own axes"""
    if not _keeps_order(permutation, rhs_contract, rhs_batch):
        return None
    return b.matmul(
        lhs,
        rhs,
        lhs_contract=lhs_contract,
        rhs_contract=[permutation[axis] for axis in rhs_contract],
        lhs_batch=lhs_batch,
        rhs_batch=[permutation[axis] for axis in rhs_batch],
    )


def _transposed_product(
    b: Builder,
    lhs: Value,
    rhs: Value,
    permutation: Axes,
    lhs_contract: Axes,
    rhs_contract: Axes,
    lhs_batch: Axes,
    rhs_batch: Axes,
) -> Built:
    """transpose(matmul(x, y)) -> matmul(y, x), where it exchanges the free axes of both as they stand"""
    batch = len(lhs_batch)
    left = len(_free(lhs.rank, lhs_contract, lhs_batch))
    rank = len(permutation)
    exchanged = (*range(batch), *range(batch + left, rank), *range(batch, batch + left))
    if permutation != exchanged or left == 0 or left == rank - batch:
        return None
    return b.matmul(
        rhs, lhs, lhs_contract=rhs_contract, rhs_contract=lhs_contract, lhs_batch=rhs_batch, rhs_batch=lhs_batch
    )


PRODUCTS: list[Rule] = [
    Rule("matmul_transpose_lhs", P.matmul(P.transpose(lhs, permutation=permutation), rhs, **_axes), _transposed_lhs),
    Rule("matmul_transpose_rhs", P.matmul(lhs, P.transpose(rhs, permutation=permutation), **_axes), _transposed_rhs),
]

FAST_PRODUCTS: list[Rule] = [
    # The product of the exchanged operands may add up in another order.
    Rule("transpose_matmul", P.transpose(P.matmul(lhs, rhs, **_axes), permutation=permutation), _transposed_product,
         exact=False),
]  # fmt: skip
