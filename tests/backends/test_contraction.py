"""matmul and convolution against einsum, loops in Python and scipy."""

from __future__ import annotations

from itertools import product
from typing import Any

import ml_dtypes
import numpy as np
import pytest
import scipy.signal
from diptych.backends.reference.contraction import product as matrix_product
from diptych.backends.tolerances import disagreement, tolerance
from diptych.ir import ops
from diptych.ir.ops.contraction import convolution_layout

from tests.backends.runs import on_both, on_reference

RANDOM = np.random.default_rng(11)
LETTERS = "abcdefgh"


@pytest.mark.parametrize("seed", range(12))
def test_matmul_is_the_sum_of_products_that_einsum_takes(seed: int) -> None:
    random = np.random.default_rng(seed)
    batch, contract, left, right = (int(random.integers(0, 3)) for _ in range(4))
    names = LETTERS[: batch + contract]
    own = "stu"[:left], "xyz"[:right]
    sizes = {letter: int(random.integers(1, 5)) for letter in names + own[0] + own[1]}
    lhs_letters = "".join(random.permutation(list(names + own[0])))
    rhs_letters = "".join(random.permutation(list(names + own[1])))
    lhs = random.normal(size=[sizes[letter] for letter in lhs_letters])
    rhs = random.normal(size=[sizes[letter] for letter in rhs_letters])
    result = "".join(names[:batch]) + "".join(c for c in lhs_letters if c in own[0])
    result += "".join(c for c in rhs_letters if c in own[1])
    attributes = {
        f"{side}_{role}": tuple(letters.index(c) for c in chosen)
        for side, letters in (("lhs", lhs_letters), ("rhs", rhs_letters))
        for role, chosen in (("batch", names[:batch]), ("contract", names[batch:]))
    }
    wanted = np.einsum(f"{lhs_letters},{rhs_letters}->{result}", lhs, rhs)
    for dtype in (np.float64, np.complex64, np.float16, ml_dtypes.bfloat16):
        ours = on_both(ops.matmul, [lhs.astype(dtype), rhs.astype(dtype)], **attributes)[0]
        bound = {np.float64: 1e-13, np.complex64: 1e-5, np.float16: 1e-2}.get(dtype, 3e-2)
        np.testing.assert_allclose(ours.astype(np.complex128), wanted, rtol=bound, atol=bound * 10)


@pytest.mark.parametrize("dtype", [ml_dtypes.bfloat16, np.float16])
@pytest.mark.parametrize(
    ("letters", "shapes"),
    [("abkf,akbg->abfg", [(4, 2, 6, 6), (4, 6, 2, 8)]), ("kf,kgh->fgh", [(5, 4), (5, 3, 5)])]
    + [("kf,gkh->fgh", [(5, 2), (6, 5, 2)]), ("fbk,gbhk->bfgh", [(5, 4, 4), (5, 4, 5, 4)])],
)
def test_halves_with_axes_in_another_order_have_a_kernel(letters: str, shapes: list[Any], dtype: Any) -> None:
    """Of the first, in bfloat16, XLA's CPU has no kernel as it stands: it is the gradient of attention's values."""
    lhs, rhs = (RANDOM.normal(size=shape).astype(dtype) for shape in shapes)
    names = lhs_letters, rhs_letters = letters.split("->")[0].split(",")
    result = letters.split("->")[1]
    attributes = {
        f"{side}_{role}": tuple(
            place[c] for c in lhs_letters if c in rhs_letters and (c in result) is (role == "batch")
        )
        for side, place in zip(("lhs", "rhs"), ({c: i for i, c in enumerate(each)} for each in names), strict=True)
        for role in ("batch", "contract")
    }
    ours = on_both(ops.matmul, [lhs, rhs], **attributes)[0]
    wanted = np.einsum(letters, lhs.astype(np.float64), rhs.astype(np.float64))
    np.testing.assert_allclose(ours.astype(np.float64), wanted, rtol=1e-2, atol=2e-2)


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int16, np.uint32, np.int64, np.uint64])
def test_integer_products_wrap_around(dtype: type) -> None:
    """Python's integers, taken modulo the width; large ones must not go through float64."""
    info = np.iinfo(dtype)
    lhs = RANDOM.integers(info.min, info.max, (4, 9), dtype=dtype, endpoint=True)
    rhs = RANDOM.integers(info.min, info.max, (9, 3), dtype=dtype, endpoint=True)
    exact = [[sum(int(a) * int(b) for a, b in zip(row, column, strict=True)) for column in rhs.T] for row in lhs]
    wanted = np.array([[number % 2**info.bits for number in row] for row in exact], np.uint64).astype(dtype)
    assert np.array_equal(on_both(ops.matmul, [lhs, rhs])[0], wanted)
    if info.bits >= 32:  # the sum is beyond float64's exact integers, but not beyond the wider integers
        lhs, rhs = lhs >> dtype(3), rhs >> dtype(info.bits - 25)
        assert np.array_equal(matrix_product(lhs, rhs), np.einsum("ij,jk->ik", lhs, rhs))
    small = (lhs % 7).astype(dtype), (rhs % 5).astype(dtype)
    assert np.array_equal(matrix_product(*small), small[0] @ small[1])


def naive_convolution(x, kernel, *, layout, stride, padding, x_dilation, kernel_dilation, groups, batch_groups):
    """The definition, a loop an index."""
    roles = convolution_layout(layout)
    x, kernel = x.transpose(roles.x), kernel.transpose(roles.kernel)
    batch, _, *spatial = x.shape
    outputs, inputs, *extent = kernel.shape
    spread = [max(0, (size - 1) * step + 1) for size, step in zip(spatial, x_dilation, strict=True)]
    reach = [(size - 1) * step + 1 for size, step in zip(extent, kernel_dilation, strict=True)]
    counts = [
        max(0, (size + low + high - window) // step + 1) if size + low + high >= window else 0
        for size, (low, high), window, step in zip(spread, padding, reach, stride, strict=True)
    ]
    result = np.zeros((batch // batch_groups, outputs, *counts))
    for image, output, *place in product(*map(range, result.shape)):
        group = output // (outputs // (groups * batch_groups))
        source = image + (group * (batch // batch_groups) if batch_groups > 1 else 0)
        for channel, *offset in product(*map(range, kernel.shape[1:])):
            position = [
                p * step - low + o * dilation
                for p, step, (low, _), o, dilation in zip(place, stride, padding, offset, kernel_dilation, strict=True)
            ]
            inside = all(
                0 <= p < size and p % dilation == 0
                for p, size, dilation in zip(position, spread, x_dilation, strict=True)
            )
            if inside:
                at = [p // dilation for p, dilation in zip(position, x_dilation, strict=True)]
                plane = channel + (group * inputs if groups > 1 else 0)
                result[image, output, *place] += x[source, plane, *at] * kernel[output, channel, *offset]
    return result.transpose(np.argsort(roles.result))


def _random_layout(random: np.random.Generator, rank: int) -> str:
    digits = "".join(map(str, range(rank)))
    parts = ["".join(random.permutation(list(letters + digits))) for letters in ("nc", "oi", "nc")]
    return f"{parts[0]},{parts[1]}->{parts[2]}"


@pytest.mark.parametrize("seed", range(30))
def test_convolution_is_its_definition(seed: int) -> None:
    random = np.random.default_rng(seed)
    rank = seed % 4
    layout = _random_layout(random, rank)
    groups, batch_groups = [(1, 1), (2, 1), (1, 2)][int(random.integers(3))]
    roles = convolution_layout(layout)
    most = 5 if rank < 3 else 3
    sizes = [int(random.integers(1, most + 1)) for _ in range(rank)]
    inputs, outputs = int(random.integers(1, 3)), 2 * int(random.integers(1, 3))
    x_shape, kernel_shape = [0] * (rank + 2), [0] * (rank + 2)
    for axis, size in zip(roles.x, (2, inputs * groups, *sizes), strict=True):
        x_shape[axis] = size
    for axis, size in zip(
        roles.kernel, (outputs, inputs, *(int(random.integers(1, 4)) for _ in range(rank))), strict=True
    ):
        kernel_shape[axis] = size
    attributes = {
        "layout": layout,
        "stride": tuple(int(random.integers(1, 3)) for _ in range(rank)),
        "padding": tuple((int(random.integers(-1, 3)), int(random.integers(-1, 3))) for _ in range(rank)),
        "x_dilation": tuple(int(random.integers(1, 4)) for _ in range(rank)),
        "kernel_dilation": tuple(int(random.integers(1, 3)) for _ in range(rank)),
        "groups": groups,
        "batch_groups": batch_groups,
    }
    x, kernel = random.normal(size=x_shape), random.normal(size=kernel_shape)
    found = on_both(ops.convolution, [x, kernel], **attributes)[0]
    problem = disagreement(found, naive_convolution(x, kernel, **attributes), tolerance(ops.convolution, found.dtype))
    assert problem is None, problem


def test_convolution_is_scipys_correlation() -> None:
    x, kernel = RANDOM.normal(size=(9, 11)), RANDOM.normal(size=(3, 4))
    plain = {"stride": (1, 1), "padding": ((0, 0),) * 2, "x_dilation": (1, 1), "kernel_dilation": (1, 1)}
    found = on_reference(ops.convolution, [x[None, None], kernel[None, None]], layout="nc01,oi01->nc01", **plain)[0]
    np.testing.assert_allclose(found[0, 0], scipy.signal.correlate2d(x, kernel, mode="valid"), rtol=1e-12)


def test_convolution_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch too large for one copy of its windows comes out the same."""
    x, kernel = RANDOM.normal(size=(7, 4, 6)), RANDOM.normal(size=(2, 2, 3))
    plain = {"stride": (1,), "padding": ((1, 1),), "x_dilation": (1,), "kernel_dilation": (1,), "groups": 2}
    whole = on_reference(ops.convolution, [x, kernel], layout="nc0,oi0->nc0", **plain)[0]
    monkeypatch.setattr("diptych.backends.reference.contraction.CHUNK", 100)
    parts = on_reference(ops.convolution, [x, kernel], layout="nc0,oi0->nc0", **plain)[0]
    np.testing.assert_allclose(parts, whole, rtol=1e-14)
