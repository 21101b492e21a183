"""Solving and inverting by decompositions, over the last two axes; axes before those are a batch."""

from __future__ import annotations

import math

from diptych.ir import Builder, Value, dtypes

from .constants import filled, filled_like
from .matrices import adjoint, diagonal_of, identity_matrix


def solve(b: Builder, a: Value, rhs: Value) -> Value:
    """X with a X = rhs, for a [..., n, n] and rhs [..., n, k], by LU decomposition with pivots."""
    factors, _, order = b.lu(a)
    rows = _permuted(b, rhs, order)
    lower = b.triangular_solve(factors, rows, lower=True, unit_diagonal=True)
    return b.triangular_solve(factors, lower, lower=False)


def _permuted(b: Builder, x: Value, order: Value) -> Value:
    """The rows of matrices in an order: order [..., n] of x [..., n, k]."""
    batch = [b.iota(shape=order.shape, axis=axis, dtype=order.dtype) for axis in range(order.rank - 1)]
    return b.gather(x, *batch, order, axes=range(order.rank))


def inverse(b: Builder, a: Value) -> Value:
    """The inverse of matrices [..., n, n]."""
    return solve(b, a, identity_matrix(b, a.shape[:-2], a.shape[-1], a))


def determinant_parts(b: Builder, a: Value) -> tuple[Value, Value]:
    """(sign, log |det|) of matrices [..., n, n]: a sign of modulus 1, or 0 of a singular one."""
    size = a.type.static_shape()[-1]
    factors, pivots, _ = b.lu(a)
    diagonal = diagonal_of(b, factors, size)
    last = diagonal.rank - 1
    modulus = b.abs(diagonal)
    unit = b.sign(diagonal)
    return b.mul(_parity(b, pivots, unit), b.reduce_prod(unit, axes=(last,))), b.reduce_sum(
        b.log(modulus), axes=(last,)
    )


def determinant(b: Builder, a: Value) -> Value:
    """The determinant of matrices [..., n, n]."""
    size = a.type.static_shape()[-1]
    factors, pivots, _ = b.lu(a)
    diagonal = diagonal_of(b, factors, size)
    return b.mul(_parity(b, pivots, diagonal), b.reduce_prod(diagonal, axes=(diagonal.rank - 1,)))


def _parity(b: Builder, pivots: Value, like: Value) -> Value:
    """-1 where an odd number of rows was swapped, otherwise 1."""
    places = b.iota(shape=pivots.shape, axis=pivots.rank - 1, dtype=pivots.dtype)
    swaps = b.reduce_sum(b.cast(b.ne(pivots, places), dtype=dtypes.i32), axes=(pivots.rank - 1,))
    odd = b.eq(b.rem(swaps, filled_like(b, 2, swaps)), filled_like(b, 1, swaps))
    minus = filled(b, -1, swaps.shape, like.dtype)
    return b.select(odd, minus, filled(b, 1, swaps.shape, like.dtype))


def cholesky_solve(b: Builder, factor: Value, rhs: Value) -> Value:
    """X with L L^H X = rhs for a lower-triangular L."""
    lower = b.triangular_solve(factor, rhs, lower=True)
    return b.triangular_solve(factor, lower, lower=True, transform="adjoint")


# Numerators of the diagonal Pade approximants of exp, by order, and the 1-norms up to which each is exact enough.
# Higham, The scaling and squaring method for the matrix exponential revisited, SIAM J. Matrix Anal. Appl. 26 (2005).
_ORDER = {"f32": 7, "f64": 13}
_BOUND = {7: 3.925724783138660, 13: 5.371920351148152}


def exponential(b: Builder, a: Value) -> Value:
    """exp of matrices [..., n, n], by a Pade approximant of a scaled matrix, squared as often as it was halved."""
    order = _ORDER["f64" if a.dtype.real is dtypes.f64 else "f32"]
    norm = b.reduce_max(b.reduce_sum(b.abs(a), axes=(a.rank - 2,)), axes=(a.rank - 2,))
    ln2 = filled_like(b, math.log(2), norm)
    halvings = b.ceil(b.div(b.log(b.div(norm, filled_like(b, _BOUND[order], norm))), ln2))
    halvings = b.stop_gradient(b.max(halvings, filled_like(b, 0, halvings)))
    factor = b.exp(b.neg(b.mul(halvings, ln2)))
    scale = b.broadcast(factor, shape=a.shape, axes=range(a.rank - 2))
    scaled = b.mul(a, b.cast(scale, dtype=a.dtype))
    even, odd = _pade(b, scaled, order)
    root = solve(b, b.sub(even, odd), b.add(even, odd))
    return _squared(b, root, halvings)


def _pade(b: Builder, a: Value, order: int) -> tuple[Value, Value]:
    """The even and the odd part of the numerator of exp's approximant."""
    weights = [1.0]
    for place in range(order):
        weights.append(weights[-1] * (order - place) / ((2 * order - place) * (place + 1)))
    one = identity_matrix(b, a.shape[:-2], a.shape[-1], a)
    square = _product(b, a, a)
    even, odd, power = filled_like(b, 0, a), filled_like(b, 0, a), one
    for place in range(0, order + 1, 2):
        even = b.add(even, b.mul(power, filled_like(b, weights[place], power)))
        odd = b.add(odd, b.mul(power, filled_like(b, weights[place + 1], power)))
        if place + 2 <= order:
            power = _product(b, power, square)
    return even, _product(b, a, odd)


def _product(b: Builder, x: Value, y: Value) -> Value:
    batch = tuple(range(x.rank - 2))
    return b.matmul(x, y, lhs_contract=(x.rank - 1,), rhs_contract=(x.rank - 2,), lhs_batch=batch, rhs_batch=batch)


MAX_HALVINGS = 64


def _squared(b: Builder, root: Value, times: Value) -> Value:
    """Each matrix squared as many times as its number says."""
    condition, body = b.nested("more"), b.nested("square")
    count, _ = (condition.parameter(value.type) for value in (times, root))
    most = condition.reduce_max(count, axes=range(count.rank))
    more = condition.finish([condition.gt(most, filled_like(condition, 0, most))])
    count, x = (body.parameter(value.type) for value in (times, root))
    wide = body.broadcast(body.gt(count, filled_like(body, 0, count)), shape=x.shape, axes=range(x.rank - 2))
    squared = body.select(wide, _product(body, x, x), x)
    step = body.finish([body.sub(count, filled_like(body, 1, count)), squared])
    return b.while_loop(times, root, condition=more, body=step, bound=MAX_HALVINGS)[1]


def pseudo_inverse(b: Builder, a: Value, cutoff: Value) -> Value:
    """The inverse of Moore and Penrose of matrices [..., m, n]: singular values up to `cutoff` [...] times the largest
    count as 0."""
    left, values, right = b.svd(a)
    bound = b.mul(cutoff, b.reduce_max(values, axes=(values.rank - 1,)))
    large = b.gt(values, b.broadcast(bound, shape=values.shape, axes=range(values.rank - 1)))
    safe = b.select(large, values, filled_like(b, 1, values))
    inverted = b.select(large, b.div(filled_like(b, 1, values), safe), filled_like(b, 0, values))
    columns = adjoint(b, right)
    wide = b.broadcast(
        b.cast(inverted, dtype=a.dtype), shape=columns.shape, axes=(*range(a.rank - 2), columns.rank - 1)
    )
    return _product(b, b.mul(columns, wide), adjoint(b, left))
