"""Matrices with a structure."""

from __future__ import annotations

from diptych.ir import Builder, Value, dtypes

from .constants import filled_like


def orthonormal(b: Builder, x: Value) -> Value:
    """Orthonormal columns that span those of x [..., m, n], m >= n: Q of x = Q R, with the signs that make R's diagonal
    positive. Of normal numbers it is uniformly distributed (Mezzadri, "How to generate random matrices from the
    classical compact groups", 2007)."""
    q, r = b.qr(x)
    place = [b.iota(shape=r.shape, axis=r.rank - back, dtype=dtypes.i64) for back in (1, 2)]
    diagonal = b.reduce_sum(b.select(b.eq(*place), r, filled_like(b, 0, r)), axes=(r.rank - 2,))
    others = [axis for axis in range(q.rank) if axis != q.rank - 2]
    return b.mul(q, b.broadcast(b.sign(diagonal), shape=q.shape, axes=others))
