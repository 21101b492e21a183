"""Gradients of matrix decompositions and Fourier transforms.

Sources: M. B. Giles, "An extended collection of matrix derivative results" (2008); M. Seeger et al., "Auto-
differentiating linear algebra" (2017); Z. Wan, S. Zhang, "Automatic differentiation for complex valued SVD" (2019);
S. Walter, L. Lehmann, "Algorithmic differentiation of linear algebra functions" (2010) for QR.
"""

from __future__ import annotations

from math import prod

from diptych.ir import Axes, Builder, Value, dtypes, ops

from ..expressions import (
    adjoint,
    as_dtype,
    conj,
    diagonal_of,
    full,
    numbers,
    scale,
    stacked_matmul,
    swap_last,
    triangle,
    zeros,
)
from .table import Cotangents, Reasons, Rules


def _cholesky(b: Builder, ct: Value, out: Value, x: Value) -> Cotangents:
    """L^-H phi(L^H ct) L^-1 made Hermitian, phi halving the diagonal of the lower triangle."""
    phi = triangle(b, stacked_matmul(b, adjoint(b, out), triangle(b, ct, lower=True)), lower=True, diagonal=0.5)
    left = b.triangular_solve(out, phi, lower=True, transform="adjoint")
    both = b.triangular_solve(out, left, lower=True, left=False)
    return (_hermitian(b, both),)


def _hermitian(b: Builder, x: Value) -> Value:
    return scale(b, b.add(x, adjoint(b, x)), 0.5)


def _triangular_solve(
    b: Builder,
    ct: Value,
    out: Value,
    a: Value,
    rhs: Value,
    *,
    lower: bool,
    left: bool,
    transform: str,
    unit_diagonal: bool,
) -> Cotangents:
    """With T = op(a): to b, the solution with T^H; to T, minus that times X^H; then through op, on the triangle."""
    if transform == "transpose":  # T^H is conj(a) as it stands
        matrix, back = conj(b, a), "none"
    else:
        matrix, back = a, "adjoint" if transform == "none" else "none"
    to_rhs = b.triangular_solve(matrix, ct, lower=lower, left=left, transform=back, unit_diagonal=unit_diagonal)
    product = stacked_matmul(b, to_rhs, adjoint(b, out)) if left else stacked_matmul(b, adjoint(b, out), to_rhs)
    if transform == "transpose":
        product = swap_last(b, product)
    elif transform == "adjoint":
        product = adjoint(b, product)
    return triangle(b, b.neg(product), lower=lower, diagonal=0.0 if unit_diagonal else 1.0), to_rhs


def _qr(b: Builder, ct: tuple[Value | None, ...], out: tuple[Value, ...], x: Value) -> Cotangents:
    q, r = out
    ct_q, ct_r = _present(b, ct, out)
    rows, columns = numbers(x.shape[-2:], "qr", "matrices")
    if rows >= columns:
        return (_qr_tall(b, ct_q, ct_r, q, r),)
    # x = (X | Y) with X square: Y = Q V, so Y's part is Q ct_V, and Q receives Y ct_V^H beside its own.
    right = _columns(b, x, rows, columns)
    ct_right = _columns(b, ct_r, rows, columns)
    ct_q = b.add(ct_q, stacked_matmul(b, right, adjoint(b, ct_right)))
    square = _qr_tall(b, ct_q, _columns(b, ct_r, 0, rows), q, _columns(b, r, 0, rows))
    return (b.concatenate(square, stacked_matmul(b, q, ct_right), axis=x.rank - 1),)


def _qr_tall(b: Builder, ct_q: Value, ct_r: Value, q: Value, r: Value) -> Value:
    """(ct_Q + Q copyltu(M)) R^-H with M = R ct_R^H - ct_Q^H Q, copyltu mirroring the lower triangle."""
    m = b.sub(stacked_matmul(b, r, adjoint(b, ct_r)), stacked_matmul(b, adjoint(b, ct_q), q))
    below = triangle(b, m, lower=True, diagonal=0.0)
    diagonal = b.sub(triangle(b, m, lower=True), below)
    if m.dtype.is_complex:
        diagonal = as_dtype(b, b.real(diagonal), m.dtype)
    mirrored = b.add(b.add(below, adjoint(b, below)), diagonal)
    inner = b.add(ct_q, stacked_matmul(b, q, mirrored))
    return b.triangular_solve(r, inner, lower=False, left=False, transform="adjoint")


def _columns(b: Builder, x: Value, start: int, limit: int) -> Value:
    lead = x.shape[:-1]
    return b.slice(x, start=(0,) * len(lead) + (start,), limit=(*lead, limit), stride=(1,) * x.rank)


def _rows(b: Builder, x: Value, start: int, limit: int) -> Value:
    *lead, _, last = x.shape
    return b.slice(x, start=(0,) * len(lead) + (start, 0), limit=(*lead, limit, last), stride=(1,) * x.rank)


def _present(b: Builder, ct: tuple[Value | None, ...], out: tuple[Value, ...]) -> tuple[Value, ...]:
    return tuple(zeros(b, value.type) if given is None else given for given, value in zip(ct, out, strict=True))


def _gaps(b: Builder, values: Value) -> Value:
    """1 / (values_j - values_i) at [i, j] for values [..., k]; 0 on the diagonal."""
    shape = (*values.shape, values.shape[-1])
    lead = tuple(range(values.rank - 1))
    columns = b.broadcast(values, shape=shape, axes=(*lead, values.rank))
    rows = b.broadcast(values, shape=shape, axes=(*lead, values.rank - 1))
    difference = b.sub(columns, rows)
    on_diagonal = b.eq(
        b.iota(shape=shape, axis=values.rank - 1, dtype=dtypes.i32),
        b.iota(shape=shape, axis=values.rank, dtype=dtypes.i32),
    )
    one = full(b, difference.type, 1)
    return b.select(on_diagonal, zeros(b, one.type), b.div(one, b.select(on_diagonal, one, difference)))


def _eigh(b: Builder, ct: tuple[Value | None, ...], out: tuple[Value, ...], x: Value) -> Cotangents:
    """V (diag(ct_w) + F * (V^H ct_V)) V^H made Hermitian, F_ij = 1 / (w_j - w_i). Undefined at equal eigenvalues."""
    values, vectors = out
    ct_values, ct_vectors = ct
    inner: Value | None = None
    if ct_values is not None:
        inner = diagonal_of(b, as_dtype(b, ct_values, x.dtype))
    if ct_vectors is not None:
        turned = stacked_matmul(b, adjoint(b, vectors), ct_vectors)
        weighted = b.mul(as_dtype(b, _gaps(b, values), x.dtype), turned)
        inner = weighted if inner is None else b.add(inner, weighted)
    if inner is None:
        return (None,)
    product = stacked_matmul(b, stacked_matmul(b, vectors, inner), adjoint(b, vectors))
    return (_hermitian(b, product),)


def _eig(b: Builder, ct: tuple[Value | None, ...], out: tuple[Value, ...], x: Value) -> Cotangents:
    """V^-H (diag(ct_w) + conj(F) * (V^H ct_V - V^H V diag(re(V^H ct_V)))) V^H, F as in `_eigh`; the real part of it for
    a real x. Undefined at equal eigenvalues."""
    values, vectors = out
    ct_values, ct_vectors = ct
    back = adjoint(b, vectors)
    inner: Value | None = None if ct_values is None else diagonal_of(b, ct_values)
    if ct_vectors is not None:
        turned = stacked_matmul(b, back, ct_vectors)
        own = triangle(b, triangle(b, turned, lower=True), lower=False)
        lengths = stacked_matmul(b, stacked_matmul(b, back, vectors), as_dtype(b, b.real(own), turned.dtype))
        moved = b.mul(conj(b, _gaps(b, values)), b.sub(turned, lengths))
        inner = moved if inner is None else b.add(inner, moved)
    if inner is None:
        return (None,)
    found = _solved(b, back, stacked_matmul(b, inner, back))
    return (found if x.dtype.is_complex else b.real(found),)


def _solved(b: Builder, a: Value, rhs: Value) -> Value:
    """X with a X = rhs."""
    factors, _, order = b.lu(a)
    batch = [b.iota(shape=order.shape, axis=axis, dtype=order.dtype) for axis in range(order.rank - 1)]
    rows = b.gather(rhs, *batch, order, axes=tuple(range(order.rank)))
    lower = b.triangular_solve(factors, rows, lower=True, unit_diagonal=True)
    return b.triangular_solve(factors, lower, lower=False)


def _svd(b: Builder, ct: tuple[Value | None, ...], out: tuple[Value, ...], x: Value) -> Cotangents:
    """For x = U diag(s) V^H, with skew(X) = X - X^H and E_ij = s_j^2 - s_i^2 off the diagonal:

    U [ (skew(U^H ct_U) / E) S + S (skew(V^H ct_V) / E) + diag(ct_s) + phase ] V^H
      + (1 - U U^H) ct_U S^-1 V^H + U S^-1 ct_V^H (1 - V V^H).

    Undefined where singular values are equal or, unless only s is used, zero. `phase` is there for complex x alone.
    """
    u, s, vh = out
    ct_u, ct_s, ct_vh = ct
    inner: Value | None = None if ct_s is None else diagonal_of(b, as_dtype(b, ct_s, x.dtype))
    rest: list[Value] = []
    if ct_u is not None or ct_vh is not None:
        v = adjoint(b, vh)
        row_scale, column_scale = _scales(b, s, x)
        gaps = as_dtype(b, _gaps(b, b.mul(s, s)), x.dtype)
        inverse_s = b.div(full(b, s.type, 1), s)
        inverse_rows, _ = _scales(b, inverse_s, x)
        if ct_u is not None:
            turned = stacked_matmul(b, adjoint(b, u), ct_u)
            part = b.mul(b.mul(gaps, b.sub(turned, adjoint(b, turned))), column_scale)
            inner = part if inner is None else b.add(inner, part)
            outside = b.sub(ct_u, stacked_matmul(b, u, turned))
            rest.append(stacked_matmul(b, b.mul(outside, _like(b, inverse_s, outside)), vh))
        if ct_vh is not None:
            ct_v = adjoint(b, ct_vh)
            turned = stacked_matmul(b, vh, ct_v)
            part = b.mul(row_scale, b.mul(gaps, b.sub(turned, adjoint(b, turned))))
            inner = part if inner is None else b.add(inner, part)
            if x.dtype.is_complex:  # Wan and Zhang's term for the free phases
                onto = b.mul(turned, diagonal_of(b, full(b, s.type.with_dtype(x.dtype), 1)))
                phase = scale(b, b.mul(inverse_rows, b.sub(adjoint(b, onto), onto)), 0.5)
                inner = b.add(inner, phase)
            outside = b.sub(ct_v, stacked_matmul(b, v, turned))
            scaled = b.mul(outside, _like(b, inverse_s, outside))
            rest.append(stacked_matmul(b, u, adjoint(b, scaled)))
    if inner is None:
        return (None,)
    result = stacked_matmul(b, stacked_matmul(b, u, inner), vh)
    for term in rest:
        result = b.add(result, term)
    return (result,)


def _scales(b: Builder, s: Value, x: Value) -> tuple[Value, Value]:
    """s [..., k] as [..., k, k], along the rows and along the columns, in x's dtype."""
    shape = (*s.shape, s.shape[-1])
    lead = tuple(range(s.rank - 1))
    wide = as_dtype(b, s, x.dtype)
    return (
        b.broadcast(wide, shape=shape, axes=(*lead, s.rank - 1)),
        b.broadcast(wide, shape=shape, axes=(*lead, s.rank)),
    )


def _like(b: Builder, s: Value, x: Value) -> Value:
    """s [..., k] along the columns of x [..., m, k]."""
    lead = tuple(range(s.rank - 1))
    return b.broadcast(as_dtype(b, s, x.dtype), shape=x.shape, axes=(*lead, x.rank - 1))


def _lu(b: Builder, ct: tuple[Value | None, ...], out: tuple[Value, ...], x: Value) -> Cotangents:
    """For x[permutation] = L U. The square part: L^-H [tril(L^H ct_L, -1) + triu(ct_U U^H)] U^-H; rows below it or
    columns beside it follow from L2 = A2 U^-1 and U2 = L^-1 A2."""
    packed, _, permutation = out
    if ct[0] is None:
        return (None,)
    rows, columns = numbers(x.shape[-2:], "lu", "matrices")
    size = min(rows, columns)
    ct_packed = ct[0]
    top, ct_top = _rows(b, packed, 0, size), _rows(b, ct_packed, 0, size)
    square, ct_square = _columns(b, top, 0, size), _columns(b, ct_top, 0, size)
    lower = triangle(b, square, lower=True, diagonal=0.0)
    lower = b.add(lower, diagonal_of(b, full(b, lower.type.with_shape(lower.shape[:-1]), 1)))
    upper = triangle(b, square, lower=False)
    ct_lower = triangle(b, ct_square, lower=True, diagonal=0.0)
    ct_upper = triangle(b, ct_square, lower=False)
    beside: Value | None = None
    if rows > columns:
        below, ct_below = _rows(b, packed, size, rows), _rows(b, ct_packed, size, rows)
        ct_rest = b.triangular_solve(upper, ct_below, lower=False, left=False, transform="adjoint")
        ct_upper = b.sub(ct_upper, stacked_matmul(b, adjoint(b, below), ct_rest))
        beside = ct_rest
    elif columns > rows:
        right, ct_right = _columns(b, packed, size, columns), _columns(b, ct_packed, size, columns)
        ct_rest = b.triangular_solve(lower, ct_right, lower=True, transform="adjoint", unit_diagonal=True)
        ct_lower = b.sub(ct_lower, stacked_matmul(b, ct_rest, adjoint(b, right)))
        beside = ct_rest
    strictly = triangle(b, stacked_matmul(b, adjoint(b, lower), ct_lower), lower=True, diagonal=0.0)
    inner = b.add(strictly, triangle(b, stacked_matmul(b, ct_upper, adjoint(b, upper)), lower=False))
    left = b.triangular_solve(lower, inner, lower=True, transform="adjoint", unit_diagonal=True)
    permuted = b.triangular_solve(upper, left, lower=False, left=False, transform="adjoint")
    if beside is not None:
        permuted = b.concatenate(permuted, beside, axis=x.rank - (2 if rows > columns else 1))
    return (_unpermuted(b, permuted, permutation),)


def _unpermuted(b: Builder, x: Value, permutation: Value) -> Value:
    """Row i of x goes to row permutation[i]."""
    shape = x.shape
    rows = b.broadcast(permutation, shape=shape, axes=tuple(range(permutation.rank)))
    indices = [
        rows if axis == x.rank - 2 else b.iota(shape=shape, axis=axis, dtype=permutation.dtype)
        for axis in range(x.rank)
    ]
    return b.scatter(zeros(b, x.type), x, *indices, axes=tuple(range(x.rank)), combine="set")


def _fft(b: Builder, ct: Value, out: Value, x: Value, *, kind: str, lengths: Axes) -> Cotangents:
    """The adjoint of the transform: the inverse, up to a factor. A half spectrum counts its inner points twice."""
    points = prod(lengths)
    if kind == "fft":
        return (scale(b, b.fft(ct, kind="ifft", lengths=lengths), points),)
    if kind == "ifft":
        return (scale(b, b.fft(ct, kind="fft", lengths=lengths), 1 / points),)
    if kind == "rfft":
        halved = b.mul(ct, _inner_weights(b, ct, lengths[-1], 0.5))
        return (scale(b, b.fft(halved, kind="irfft", lengths=lengths), points),)
    spectrum = b.fft(ct, kind="rfft", lengths=lengths)
    return (scale(b, b.mul(spectrum, _inner_weights(b, spectrum, lengths[-1], 2.0)), 1 / points),)


def _inner_weights(b: Builder, spectrum: Value, length: int, weight: float) -> Value:
    """`weight` at the points of a half spectrum that stand for two, 1 at the first and, of even length, the last."""
    places = b.iota(shape=spectrum.shape, axis=spectrum.rank - 1, dtype=dtypes.i32)
    last = (length - 1) // 2
    inner = b.bitwise_and(b.gt(places, full(b, places.type, 0)), b.le(places, full(b, places.type, last)))
    return b.select(inner, full(b, spectrum.type, weight), full(b, spectrum.type, 1))


VJPS: Rules = {
    ops.cholesky: _cholesky,
    ops.triangular_solve: _triangular_solve,
    ops.qr: _qr,
    ops.svd: _svd,
    ops.eigh: _eigh,
    ops.eig: _eig,
    ops.lu: _lu,
    ops.fft: _fft,
}

ZERO: Reasons = {}

REFUSED: Reasons = {}
