"""Elementwise ops on random operands of every dtype: numpy against jax, and casts against exact arithmetic."""

from __future__ import annotations

import math
from contextlib import suppress
from fractions import Fraction

import ml_dtypes
import numpy as np
import pytest
import scipy.special
from diptych.backends.tolerances import disagreement, tolerance
from diptych.ir import DTYPES, DType, Op, TypeRuleError, dtypes, ops
from diptych.ir.ops import OPS

from tests.backends.runs import all_on_jax, on_both, on_jax, on_reference
from tests.samples import Sample

ELEMENTWISE = [op for op in OPS.values() if op.group == "elementwise" and op not in (ops.cast, ops.bitcast)]
UNDEFINED = {ops.divisor: 0, ops.floor_div: 0, ops.rem: 0}  # a rhs of integers for which nothing is promised


def random_values(dtype: DType, count: int, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    if dtype.is_bool:
        return random.random(count) < 0.5
    if dtype.is_integer:
        info = np.iinfo(dtype.numpy)
        values = random.integers(info.min, info.max, count, dtype=dtype.numpy, endpoint=True)
        values[::2] = random.integers(max(-9, info.min), 9, count)[::2].astype(dtype.numpy)
        return values
    values = random.normal(size=count) * 10.0 ** random.uniform(-2, 1.5, count)
    if dtype.is_complex:
        return (values + 1j * random.permutation(values)).astype(dtype.numpy)
    values[:8] = [0.0, -0.0, 1.0, -1.0, math.inf, -math.inf, math.nan, 0.5]
    return random.permutation(values).astype(dtype.numpy)


@pytest.mark.parametrize("op", ELEMENTWISE, ids=str)
def test_numpy_agrees_with_jax(op: Op) -> None:
    """All dtypes that the op takes, and both signs of every special value against each other."""
    attributes = {"order": 3} if op is ops.polygamma else {}
    samples: list[Sample] = []
    for dtype in (dtypes.bool_, dtypes.i8, dtypes.u32, dtypes.i64, *DTYPES[9:]):
        operands = [random_values(dtype, 200, seed) for seed in range(len(op.operand_names))]
        if op is ops.select:
            operands[0] = random_values(dtypes.bool_, 200, 0)
        if op in UNDEFINED and dtype.is_integer:
            operands[-1][operands[-1] == 0] = 1
        if op is ops.pow and dtype.kind == "signed":
            operands[1][operands[1] < 0] = 3
        sample = Sample(op, operands, (), attributes)
        with suppress(TypeRuleError):
            op.infer(sample.operand_types, attributes)
            samples.append(sample)
    assert samples
    for sample, (found,) in zip(samples, all_on_jax(samples), strict=True):
        (wanted,) = on_reference(op, sample.operands, **attributes)
        problem = disagreement(found, wanted, tolerance(op, wanted.dtype))
        assert problem is None, f"{sample}: {problem}"


def exactly_cast(value: float, dtype: np.dtype) -> float:
    """The nearest value of a 16-bit float, ties to the even one, by fractions."""
    digits, lowest = (11, -24) if dtype == np.float16 else (8, -133)
    if math.isnan(value) or math.isinf(value) or value == 0:
        return value
    exponent = max(math.frexp(value)[1] - digits, lowest)
    scaled = Fraction(value) / Fraction(2) ** exponent
    return float(round(scaled) * Fraction(2) ** exponent)


@pytest.mark.parametrize("dtype", [dtypes.f16, dtypes.bf16], ids=str)
def test_wide_floats_are_rounded_once(dtype: DType) -> None:
    """Around the midpoints between two neighbours of the narrow type, where rounding twice goes wrong."""
    random = np.random.default_rng(2)
    start = (random.normal(size=300) * 10.0 ** random.uniform(-6, 3, 300)).astype(dtype.numpy).astype(np.float64)
    step = np.abs(start) * 2.0 ** (-11 if dtype is dtypes.f16 else -8)
    values = np.concatenate([start + step * nudge for nudge in (0.5, 1 - 2.0**-40, 1, 1 + 2.0**-40)])
    values = values[np.abs(values) < 60000]
    wanted = np.array([exactly_cast(float(value), dtype.numpy) for value in values]).astype(dtype.numpy)
    assert np.array_equal(on_both(ops.cast, [values], dtype=dtype)[0], wanted)


def test_halves_round_once_an_op() -> None:
    """The sum of two float16, rounded from the exact sum."""
    for dtype, numpy_type in ((dtypes.f16, np.float16), (dtypes.bf16, ml_dtypes.bfloat16)):
        lhs, rhs = (random_values(dtype, 500, seed) for seed in (1, 2))
        finite = np.isfinite(lhs.astype(np.float64)) & np.isfinite(rhs.astype(np.float64))
        lhs, rhs = lhs[finite], rhs[finite]
        for op, exact in ((ops.add, Fraction.__add__), (ops.mul, Fraction.__mul__)):
            sums = [exact(Fraction(float(a)), Fraction(float(b))) for a, b in zip(lhs, rhs, strict=True)]
            wanted = np.array([exactly_cast(float(value), np.dtype(numpy_type)) for value in sums])
            found = on_reference(op, [lhs, rhs])[0].astype(np.float64)
            assert np.array_equal(found, wanted)


@pytest.mark.parametrize("source", DTYPES, ids=str)
def test_every_cast(source: DType) -> None:
    """Values that both types hold come through unchanged."""
    samples: list[Sample] = []
    for target in DTYPES:
        numbers = np.array([0, 1] if dtypes.bool_ in (source, target) else [0, 1, 2, 100])
        samples.append(
            Sample(ops.cast, [numbers.astype(source.numpy)], [numbers.astype(target.numpy)], {"dtype": target})
        )
    for sample, (on_jax_,) in zip(samples, all_on_jax(samples), strict=True):
        (on_numpy,) = on_reference(ops.cast, sample.operands, **sample.attributes)
        for found in (on_numpy, on_jax_):
            assert disagreement(found, sample.results[0], tolerance(ops.cast, found.dtype)) is None


@pytest.mark.parametrize(
    ("op", "reference"),
    [
        (ops.erf, scipy.special.erf), (ops.erfc, scipy.special.erfc), (ops.lgamma, scipy.special.gammaln),
        (ops.digamma, scipy.special.digamma), (ops.logistic, scipy.special.expit), (ops.expm1, scipy.special.expm1),
        (ops.log1p, scipy.special.log1p),
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("dtype", [dtypes.f16, dtypes.bf16, dtypes.f32, dtypes.f64], ids=str)
def test_against_scipy(op: Op, reference: np.ufunc, dtype: DType) -> None:
    x = np.linspace(0.05, 9, 300).astype(dtype.numpy)
    wanted = reference(x.astype(np.float64)).astype(dtype.numpy)
    for found in (on_reference(op, [x])[0], on_jax(op, [x])[0]):
        problem = disagreement(found, wanted, tolerance(op, found.dtype))
        assert problem is None, problem


def test_undefined_results_are_results_all_the_same() -> None:
    """Integer division by 0 and negative integer exponents may give anything, but neither raise nor warn."""
    lhs, rhs = np.int32([7, -(2**31), 2]), np.int32([0, -1, -3])
    for op in (ops.floor_div, ops.rem, ops.pow):
        assert on_reference(op, [lhs, rhs])[0].shape == (3,)
        assert on_jax(op, [lhs, rhs])[0].shape == (3,)


def test_casts_out_of_range_do_not_warn() -> None:
    x = np.float64([1e30, -1.0, np.nan, np.inf])
    for dtype in (dtypes.i8, dtypes.u64, dtypes.f16):
        assert on_reference(ops.cast, [x], dtype=dtype)[0].dtype == dtype.numpy


def test_powers_of_complex_zero() -> None:
    base, exponent = np.complex64([0, 0, 0, 0]), np.complex64([1 + 1j, 2, 0.5 - 3j, 0])
    for found in (on_reference(ops.pow, [base, exponent])[0], on_jax(ops.pow, [base, exponent])[0]):
        assert found.tolist() == [0, 0, 0, 1]


def test_complex_powers_one_of_whose_factors_is_no_float() -> None:
    """|x| ** re(y) alone, or exp(-im(y) angle(x)) alone, is too large or too small for a float32."""
    base = np.complex64([-2, -0.5 - 0.001j, -2 + 1j, -2, -0.5 + 0.001j, 0])
    exponent = np.complex64([200 + 100j, 160 - 1j, -np.inf, 130 + 29j, 150 - 31j, 0])
    with np.errstate(all="ignore"):
        wanted = np.power(base.astype(np.complex128), exponent.astype(np.complex128)).astype(np.complex64)
    assert wanted[0] == wanted[2] == 0
    assert (abs(wanted[3:5]) > 1e-4).all()
    np.testing.assert_allclose(on_jax(ops.pow, [base, exponent])[0], wanted, rtol=1e-4, atol=1e-37)


@pytest.mark.parametrize("dtype", [dtypes.c64, dtypes.c128], ids=str)
def test_the_hyperbolic_sine_of_small_complex_numbers(dtype: DType) -> None:
    x = np.array([1e-12 + 1e-12j, 1e-4, -1e-4 - 2j, 3e-8j, 2 - 1e-9j]).astype(dtype.numpy)
    found, epsilon = on_jax(ops.sinh, [x])[0], np.finfo(dtype.numpy).eps
    np.testing.assert_allclose(found.real, np.sinh(x).real, rtol=8 * epsilon)
    np.testing.assert_allclose(found.imag, np.sinh(x).imag, rtol=8 * epsilon)


@pytest.mark.parametrize("dtype", [dtypes.f16, dtypes.bf16, dtypes.f32, dtypes.f64], ids=str)
def test_the_sign_of_zero_is_zero(dtype: DType) -> None:
    zeros = np.array([-0.0, 0.0]).astype(dtype.numpy)
    for found in (on_reference(ops.sign, [zeros])[0], on_jax(ops.sign, [zeros])[0]):
        assert not np.signbit(found.astype(np.float64)).any()
