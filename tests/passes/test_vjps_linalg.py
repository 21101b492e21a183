"""Gradients of decompositions of well-conditioned matrices of every shape, real and complex, and of Fourier transforms.

Losses only use what a decomposition determines. LAPACK's signs are smooth near a generic matrix, so real Q, R, U and V
are compared as they are; the phases of complex U, V and eigenvectors are open, so those go in as |.|**2 and as products
in which the phases cancel. cholesky and eigh are functions of Hermitian matrices: `hermitian` comes before them.
"""

from __future__ import annotations

import numpy as np
import pytest
from diptych.ir import Builder, Function, Value
from diptych.passes.expressions import adjoint, conj, stacked_matmul

from tests.passes.finite_differences import check_gradients
from tests.passes.test_vjps import hermitian, squares
from tests.samples.control import function

DTYPES = ["f64", "c128"]


def matrix(dtype: str, *shape: int, seed: int = 0) -> np.ndarray:
    """A random matrix whose singular values lie well apart."""
    random = np.random.default_rng(seed)
    x = random.standard_normal(shape) + (1j * random.standard_normal(shape) if dtype == "c128" else 0)
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    return (u * np.arange(1.0, s.shape[-1] + 1)[::-1]) @ vh


def typed(dtype: str, *shape: int) -> str:
    return f"{dtype}[{','.join(map(str, shape))}]"


def positive(b: Builder, x: Value) -> Value:
    """x x^H + 1: positive-definite."""
    from diptych.passes.expressions import diagonal_of, full

    product = stacked_matmul(b, x, adjoint(b, x))
    return b.add(product, diagonal_of(b, full(b, product.type.with_shape(product.shape[:-1]), 1)))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(1, 1), (3, 3), (2, 4, 4)])
def test_cholesky(dtype: str, shape: tuple[int, ...]) -> None:
    f = function("f", typed(dtype, *shape), lambda b, x: b.cholesky(hermitian(b, positive(b, x))))
    check_gradients(f, [matrix(dtype, *shape)])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("left", [True, False])
@pytest.mark.parametrize("lower", [True, False])
@pytest.mark.parametrize("transform", ["none", "transpose", "adjoint"])
@pytest.mark.parametrize("unit_diagonal", [True, False])
def test_triangular_solve(dtype: str, left: bool, lower: bool, transform: str, unit_diagonal: bool) -> None:
    attributes = {"left": left, "lower": lower, "transform": transform, "unit_diagonal": unit_diagonal}
    sides = (2, 3, 2) if left else (2, 2, 3)
    f = function(
        "f", f"{typed(dtype, 2, 3, 3)} {typed(dtype, *sides)}", lambda b, a, x: b.triangular_solve(a, x, **attributes)
    )
    check_gradients(f, [matrix(dtype, 2, 3, 3) + 2 * np.eye(3), matrix(dtype, *sides, seed=1)])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(1, 1), (3, 3), (4, 2), (2, 4), (2, 3, 2), (2, 2, 3)])
def test_qr(dtype: str, shape: tuple[int, ...]) -> None:
    """R's diagonal is real, in LAPACK as in the formula."""
    check_gradients(function("f", typed(dtype, *shape), lambda b, x: b.qr(x)), [matrix(dtype, *shape)])


@pytest.mark.parametrize("part", [0, 1])
@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4)])
def test_qr_with_one_result_alone(part: int, shape: tuple[int, ...]) -> None:
    check_gradients(function("f", typed("f64", *shape), lambda b, x: b.qr(x)[part]), [matrix("f64", *shape)])


@pytest.mark.parametrize("shape", [(1, 1), (3, 3), (4, 2), (2, 4), (2, 3, 2)])
def test_svd(shape: tuple[int, ...]) -> None:
    check_gradients(function("f", typed("f64", *shape), lambda b, x: b.svd(x)), [matrix("f64", *shape)])


@pytest.mark.parametrize("part", [0, 1, 2])
@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4)])
def test_svd_with_one_result_alone(part: int, shape: tuple[int, ...]) -> None:
    check_gradients(function("f", typed("f64", *shape), lambda b, x: b.svd(x)[part]), [matrix("f64", *shape)])


def _without_phases(b: Builder, x: Value) -> list[Value]:
    """|U|^2, s, |V|^2, and U V^H and U f(S) V^H, in which the common phases cancel."""
    u, s, vh = b.svd(x)
    wide = b.broadcast(b.cast(b.exp(s), dtype=x.dtype), shape=u.shape, axes=(*range(s.rank - 1), s.rank))
    return [squares(b, u), s, squares(b, vh), stacked_matmul(b, u, vh), stacked_matmul(b, b.mul(u, wide), vh)]


@pytest.mark.parametrize("shape", [(1, 1), (3, 3), (4, 2), (2, 4), (2, 3, 2)])
def test_svd_of_complex_matrices(shape: tuple[int, ...]) -> None:
    check_gradients(function("f", typed("c128", *shape), _without_phases), [matrix("c128", *shape)])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(1, 1), (3, 3), (2, 3, 3)])
def test_eigh(dtype: str, shape: tuple[int, ...]) -> None:
    def body(b: Builder, x: Value) -> list[Value]:
        values, vectors = b.eigh(hermitian(b, x))
        wide = b.broadcast(
            b.cast(b.sin(values), dtype=x.dtype), shape=vectors.shape, axes=(*range(x.rank - 2), x.rank - 1)
        )
        return [values, squares(b, vectors), stacked_matmul(b, b.mul(vectors, wide), adjoint(b, vectors))]

    check_gradients(function("f", typed(dtype, *shape), body), [matrix(dtype, *shape)])


@pytest.mark.parametrize("part", [0, 1])
def test_eigh_with_one_result_alone(part: int) -> None:
    f = function("f", "f64[3,3]", lambda b, x: b.eigh(hermitian(b, x))[part])
    check_gradients(f, [matrix("f64", 3, 3)])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(1, 1), (3, 3), (2, 3, 3)])
def test_eig(dtype: str, shape: tuple[int, ...]) -> None:
    def body(b: Builder, x: Value) -> list[Value]:
        values, vectors = b.eig(x)
        return [values, squares(b, vectors)]

    check_gradients(function("f", typed(dtype, *shape), body), [matrix(dtype, *shape)])


@pytest.mark.parametrize("part", [0, 1])
def test_eig_with_one_result_alone(part: int) -> None:
    f = function("f", "f64[3,3]", lambda b, x: b.eig(x)[0] if part == 0 else squares(b, b.eig(x)[1]))
    check_gradients(f, [matrix("f64", 3, 3)])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(1, 1), (3, 3), (4, 2), (2, 4), (2, 4, 3), (2, 3, 4)])
def test_lu(dtype: str, shape: tuple[int, ...]) -> None:
    check_gradients(function("f", typed(dtype, *shape), lambda b, x: b.lu(x)[0]), [matrix(dtype, *shape)])


def _transformed(kind: str, lengths: tuple[int, ...]) -> Function:
    half = (*lengths[:-1], lengths[-1] // 2 + 1)
    dtype, sizes = {"rfft": ("f64", lengths), "irfft": ("c128", half)}.get(kind, ("c128", lengths))
    return function("f", typed(dtype, 2, *sizes), lambda b, x: b.fft(x, kind=kind, lengths=lengths))


@pytest.mark.parametrize("kind", ["fft", "ifft", "rfft", "irfft"])
@pytest.mark.parametrize("lengths", [(1,), (2,), (4,), (5,), (3, 4), (4, 3), (2, 1), (2, 3, 2)])
def test_fft(kind: str, lengths: tuple[int, ...]) -> None:
    f = _transformed(kind, lengths)
    random = np.random.default_rng(0)
    x = random.standard_normal(f.parameters[0].type.static_shape())
    check_gradients(f, [x + 1j * random.standard_normal(x.shape) if kind != "rfft" else x])


def test_solve_by_cholesky() -> None:
    """A composition: log-likelihood of a normal distribution."""

    def body(b: Builder, a: Value, y: Value) -> list[Value]:
        factor = b.cholesky(hermitian(b, positive(b, a)))
        white = b.triangular_solve(factor, y, lower=True)
        return [b.reduce_sum(b.mul(white, conj(b, white)), axes=(0, 1)), b.log(factor)]

    lower = function("f", "f64[3,3] f64[3,1]", lambda b, a, y: body(b, a, y)[0])
    check_gradients(lower, [matrix("f64", 3, 3), matrix("f64", 3, 1)])
