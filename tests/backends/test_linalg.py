"""Decompositions by what they are for, and against scipy."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.fft
import scipy.linalg
from diptych.ir import Op, ops

from tests.backends.runs import on_both, on_jax, on_reference

DTYPES = (np.float32, np.float64, np.complex64, np.complex128)
EPSILON = {np.float32: 1e-4, np.complex64: 1e-4, np.float64: 1e-11, np.complex128: 1e-11}


def matrices(dtype: type, *shape: int, seed: int = 3) -> np.ndarray:
    random = np.random.default_rng(seed)
    x = random.normal(size=shape)
    return (x + 1j * random.normal(size=shape) if np.issubdtype(dtype, np.complexfloating) else x).astype(dtype)


def adjoint(x: np.ndarray) -> np.ndarray:
    return x.conj().swapaxes(-1, -2)


def positive(dtype: type, batch: int, size: int) -> np.ndarray:
    x = matrices(dtype, batch, size, size)
    return x @ adjoint(x) + size * np.eye(size, dtype=dtype)


def both(op: Op, operands: list[np.ndarray], **attributes: object) -> list[tuple[np.ndarray, ...]]:
    """The results on either backend: decompositions may differ in signs, so each is checked by itself."""
    return [on_reference(op, operands, **attributes), on_jax(op, operands, **attributes)]


@pytest.mark.parametrize("dtype", DTYPES)
def test_cholesky(dtype: type) -> None:
    x = positive(dtype, 3, 5)
    factor = on_both(ops.cholesky, [np.tril(x) + 100 * np.triu(np.ones_like(x), 1)])[0]
    assert np.allclose(factor @ adjoint(factor), x, rtol=EPSILON[dtype])
    assert not np.triu(factor, 1).any()


@pytest.mark.parametrize("bad", [-1.0, np.nan])
def test_cholesky_fails_matrix_by_matrix(bad: float) -> None:
    x = positive(np.float64, 3, 4)
    x[1, 2, 2] = bad
    factor = on_both(ops.cholesky, [x.reshape(3, 1, 4, 4)])[0].reshape(3, 4, 4)
    assert np.isnan(factor[1]).all()
    assert np.allclose(factor[[0, 2]] @ adjoint(factor[[0, 2]]), x[[0, 2]])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("transform", ["none", "transpose", "adjoint"])
@pytest.mark.parametrize("left", [True, False])
@pytest.mark.parametrize("lower", [True, False])
def test_triangular_solve(dtype: type, transform: str, left: bool, lower: bool) -> None:
    """Sizes on both sides of where the solver splits; what the other triangle holds does not matter."""
    for size, unit in ((5, False), (37, True), (37, False)):
        full = matrices(dtype, 2, size, size) / size + 2 * np.eye(size, dtype=dtype)
        a = np.tril(full) if lower else np.triu(full)
        if unit:
            a = a - a * np.eye(size, dtype=dtype) + np.eye(size, dtype=dtype)
        used = {"none": a, "transpose": a.swapaxes(-1, -2), "adjoint": adjoint(a)}[transform]
        b = matrices(dtype, 2, size, 3, seed=4) if left else matrices(dtype, 2, 3, size, seed=4)
        other = np.triu(np.full_like(a, np.nan), 1) if lower else np.tril(np.full_like(a, np.nan), -1)
        given = np.where(np.isnan(other), other, full)
        run = on_both if size == 5 else on_reference
        x = run(ops.triangular_solve, [given, b], lower=lower, left=left, transform=transform, unit_diagonal=unit)[0]
        assert np.allclose(used @ x if left else x @ used, b, atol=EPSILON[dtype])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(2, 4, 4), (5, 3), (3, 5), (2, 1, 1)])
def test_qr_and_svd(dtype: type, shape: tuple[int, ...]) -> None:
    x = matrices(dtype, *shape)
    inner = min(shape[-2:])
    for q, r in both(ops.qr, [x]):
        assert np.allclose(q @ r, x, atol=EPSILON[dtype])
        assert np.allclose(adjoint(q) @ q, np.eye(inner), atol=EPSILON[dtype])
        assert np.allclose(np.tril(r, -1), 0)
    for u, s, vh in both(ops.svd, [x]):
        assert np.allclose(u @ (s[..., None] * vh), x, atol=EPSILON[dtype])
        assert np.allclose(adjoint(u) @ u, np.eye(inner), atol=EPSILON[dtype])
        assert np.allclose(s, np.linalg.svd(x, compute_uv=False), atol=EPSILON[dtype])
        assert (np.diff(s) <= 0).all()


@pytest.mark.parametrize("op", [ops.qr, ops.svd, ops.lu])
@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0, 0), (0, 2, 2)])
def test_empty_matrices(op: Op, shape: tuple[int, ...]) -> None:
    results = on_reference(op, [np.zeros(shape)])
    assert results[0].shape[:-1] == shape[:-1]


@pytest.mark.parametrize("dtype", DTYPES)
def test_eigh(dtype: type) -> None:
    x = positive(dtype, 2, 5)
    for w, v in both(ops.eigh, [np.tril(x) + 100 * np.triu(np.ones_like(x), 1)]):
        assert np.allclose(x @ v, v * w[:, None, :], atol=EPSILON[dtype] * 100)
        assert np.allclose(w, scipy.linalg.eigvalsh(x[0])[None] if len(x) == 1 else np.linalg.eigvalsh(x))
        assert np.allclose(adjoint(v) @ v, np.eye(5), atol=EPSILON[dtype])


@pytest.mark.parametrize("dtype", DTYPES)
def test_eig(dtype: type) -> None:
    x = matrices(dtype, 2, 5, 5)
    for w, v in both(ops.eig, [x]):
        assert np.allclose(x @ v, v * w[:, None, :], atol=EPSILON[dtype] * 100)
        assert np.allclose(np.linalg.norm(v, axis=-2), 1, atol=EPSILON[dtype] * 10)
        assert w.dtype == v.dtype == np.result_type(dtype, np.complex64)


@pytest.mark.parametrize("op", [ops.svd, ops.eigh])
def test_nan_stays_in_its_matrix(op: Op) -> None:
    x = positive(np.float64, 3, 3)
    x[1, 1, 1] = np.nan
    for results in both(op, [x]):
        for result in results:
            assert np.isnan(result[1]).all()
            assert np.isfinite(result[[0, 2]]).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(4, 4), (40, 40), (7, 3), (3, 7), (2, 6, 6)])
def test_lu(dtype: type, shape: tuple[int, ...]) -> None:
    x = matrices(dtype, *shape)
    factors, pivots, permutation = on_both(ops.lu, [x])
    rows, columns = shape[-2:]
    inner = min(rows, columns)
    lower = np.tril(factors[..., :inner], -1) + np.eye(rows, inner, dtype=dtype)
    upper = np.triu(factors[..., :inner, :])
    permuted = np.take_along_axis(x, permutation[..., None], axis=-2)
    assert np.allclose(lower @ upper, permuted, atol=EPSILON[dtype])
    assert np.abs(np.tril(factors[..., :inner], -1)).max() <= np.sqrt(2) + 1e-6  # pivoted by |re| + |im|
    if len(shape) == 2:
        wanted, wanted_pivots = scipy.linalg.lu_factor(x) if rows == columns else (None, None)
        if wanted is not None:
            assert np.allclose(factors, wanted, atol=EPSILON[dtype])
            assert np.array_equal(pivots, wanted_pivots)


def test_lu_of_a_singular_matrix() -> None:
    x = np.float64([[1, 2, 3], [2, 4, 6], [1, 1, 1]])
    factors, _, permutation = on_both(ops.lu, [x])
    lower = np.tril(factors, -1) + np.eye(3)
    assert np.allclose(lower @ np.triu(factors), x[permutation])


@pytest.mark.parametrize("lengths", [(8,), (7,), (4, 5), (2, 3, 4)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_fft(lengths: tuple[int, ...], dtype: type) -> None:
    """scipy's transforms, and each inverse of its forward one."""
    x = np.random.default_rng(5).normal(size=(2, *lengths)).astype(dtype)
    axes = tuple(range(1, 1 + len(lengths)))
    z = (x + 1j * x[::-1]).astype(np.result_type(dtype, np.complex64))
    for kind, operand in (("fft", z), ("ifft", z), ("rfft", x)):
        found = on_both(ops.fft, [operand], kind=kind, lengths=lengths)[0]
        wanted = getattr(scipy.fft, f"{kind}n")(operand, axes=axes)
        assert np.allclose(found, wanted, atol=1e-4 if dtype == np.float32 else 1e-12)
    half = on_both(ops.fft, [x], kind="rfft", lengths=lengths)[0]
    assert np.allclose(on_both(ops.fft, [half], kind="irfft", lengths=lengths)[0], x, atol=1e-5)
