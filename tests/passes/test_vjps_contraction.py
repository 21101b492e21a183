"""Gradients of matmul over every arrangement of axes, and of convolution with every attribute."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from diptych.backends.reference.interpreter import evaluate
from diptych.ir import Builder, DType, Function, TensorType, Unsupported, dtypes, named, ops
from diptych.passes.autodiff import pullback

from tests.passes.finite_differences import check_gradients

SIZES = {"b": 2, "a": 3, "m": 4, "n": 2, "k": 3, "l": 2}  # batch b and a, free m and n, contracted k and l


def matmul_by_letters(left: str, right: str, dtype: DType = dtypes.f64) -> Function:
    """The product over the letters that both operands have: b and a as batch axes, the others contracted."""
    builder = Builder("product")
    lhs = builder.parameter(TensorType(dtype, tuple(SIZES[letter] for letter in left)))
    rhs = builder.parameter(TensorType(dtype, tuple(SIZES[letter] for letter in right)))
    batch = [letter for letter in right if letter in "ba" and letter in left]
    contract = [letter for letter in left if letter in "kl" and letter in right]
    return builder.finish(
        [
            builder.matmul(
                lhs,
                rhs,
                lhs_contract=[left.index(letter) for letter in contract],
                rhs_contract=[right.index(letter) for letter in contract],
                lhs_batch=[left.index(letter) for letter in batch],
                rhs_batch=[right.index(letter) for letter in batch],
            )
        ]
    )


def operands(function: Function, seed: int = 0) -> list[np.ndarray]:
    random = np.random.default_rng(seed)
    arrays = [random.standard_normal(p.type.static_shape()) for p in function.parameters]
    if function.parameters[0].dtype.is_complex:
        return [array + 1j * random.standard_normal(array.shape) for array in arrays]
    return arrays


@pytest.mark.parametrize("left", ["".join(letters) for letters in permutations("bmk")])
@pytest.mark.parametrize("right", ["bkn", "nbk", "knb"])
def test_matmul_of_one_axis_each(left: str, right: str) -> None:
    function = matmul_by_letters(left, right)
    check_gradients(function, operands(function))


@pytest.mark.parametrize(
    "left, right",
    [
        ("lamkb", "bnkal"),
        ("klba", "ablk"),
        ("mab", "nba"),
        ("mkl", "lkn"),
        ("k", "k"),
        ("m", "n"),
        ("m", ""),
        ("bk", "kb"),
        ("mlk", "kl"),
    ],
)
def test_matmul_of_several_or_no_axes(left: str, right: str) -> None:
    for dtype in (dtypes.f64, dtypes.c128):
        function = matmul_by_letters(left, right, dtype)
        check_gradients(function, operands(function))


def test_matmul_of_named_dimensions() -> None:
    b = Builder("product")
    batch = named("batch")
    x = b.parameter(TensorType(dtypes.f64, (batch, 3)))
    w = b.parameter(TensorType(dtypes.f64, (3, 2 * batch)))
    check_gradients(b.finish([b.matmul(x, w)]), [np.ones((2, 3)), np.arange(12.0).reshape(3, 4)])


PLAIN: dict[str, Any] = {
    "layout": "nc0,oi0->nc0",
    "stride": (1,),
    "padding": ((0, 0),),
    "x_dilation": (1,),
    "kernel_dilation": (1,),
    "groups": 1,
    "batch_groups": 1,
}
LINES: list[tuple[tuple[int, int, int], tuple[int, int, int], dict[str, Any]]] = [
    # x [n, c, size], kernel [o, i, size]
    ((2, 2, 6), (3, 2, 3), {}),
    ((2, 2, 8), (3, 2, 3), {"stride": (3,)}),  # a remainder of 2
    ((2, 2, 7), (3, 2, 2), {"stride": (3,)}),
    ((1, 1, 5), (1, 1, 3), {"padding": ((2, 1),)}),
    ((1, 1, 6), (1, 1, 2), {"padding": ((-1, 2),)}),
    ((1, 1, 8), (1, 1, 2), {"padding": ((-2, -1),), "stride": (2,)}),
    ((1, 1, 4), (1, 1, 3), {"padding": ((5, 6),), "stride": (4,)}),  # windows of padding alone
    ((1, 2, 4), (2, 2, 3), {"x_dilation": (2,), "padding": ((1, 2),)}),
    ((1, 2, 7), (2, 2, 3), {"kernel_dilation": (2,), "padding": ((0, 1),), "stride": (2,)}),
    ((1, 2, 4), (2, 2, 2), {"x_dilation": (3,), "kernel_dilation": (2,), "padding": ((2, -1),), "stride": (2,)}),
    ((2, 4, 5), (6, 2, 2), {"groups": 2, "stride": (2,)}),
    ((1, 3, 5), (3, 1, 2), {"groups": 3, "padding": ((1, 0),)}),
    ((4, 2, 5), (4, 2, 2), {"batch_groups": 2, "padding": ((1, 1),)}),
    ((6, 1, 4), (3, 1, 3), {"batch_groups": 3, "x_dilation": (2,)}),
    ((1, 1, 1), (1, 1, 2), {}),  # no window fits
    ((2, 3, 0), (2, 3, 1), {"padding": ((1, 1),)}),
    ((0, 2, 4), (3, 2, 2), {}),
]


def convolution(x: tuple[int, ...], kernel: tuple[int, ...], dtype: DType = dtypes.f64, **attributes: Any) -> Function:
    b = Builder("convolution")
    operands = [b.parameter(TensorType(dtype, x)), b.parameter(TensorType(dtype, kernel))]
    return b.finish(b.emit(ops.convolution, operands, {**PLAIN, **attributes}))


@pytest.mark.parametrize("x, kernel, attributes", LINES)
def test_convolution_along_one_axis(
    x: tuple[int, int, int], kernel: tuple[int, int, int], attributes: dict[str, Any]
) -> None:
    function = convolution(x, kernel, **attributes)
    check_gradients(function, operands(function))


@pytest.mark.parametrize("layout", ["nc0,oi0->nc0", "n0c,0io->0nc", "0cn,i0o->c0n", "c0n,o0i->n0c"])
@pytest.mark.parametrize("groups", [{}, {"groups": 2}, {"batch_groups": 2}])
def test_convolution_in_every_layout(layout: str, groups: dict[str, int]) -> None:
    sizes = {"n": 2, "c": 4, "0": 5, "o": 6, "i": 4 // groups.get("groups", 1)}
    left, right, _ = layout.replace("->", ",").split(",")
    kernel_sizes = {**sizes, "0": 3}
    function = convolution(
        tuple(sizes[letter] for letter in left),
        tuple(kernel_sizes[letter] for letter in right),
        layout=layout,
        stride=(2,),
        padding=((1, 0),),
        **groups,
    )
    check_gradients(function, operands(function))


def test_convolution_along_two_axes_of_complex_values() -> None:
    function = convolution(
        (1, 4, 5, 2),
        (2, 3, 2, 2),
        dtypes.c128,
        layout="n01c,01io->n01c",
        stride=(2, 1),
        padding=((1, 0), (0, 2)),
        x_dilation=(1, 2),
        kernel_dilation=(2, 1),
    )
    check_gradients(function, operands(function))


def test_convolution_of_no_or_three_spatial_axes() -> None:
    nothing = {"stride": (), "padding": (), "x_dilation": (), "kernel_dilation": ()}
    function = convolution((3, 2), (4, 2), layout="nc,oi->nc", **nothing)
    check_gradients(function, operands(function))
    three = {"stride": (1, 2, 1), "padding": ((0, 0), (1, 0), (0, 1)), "x_dilation": (1,) * 3,
             "kernel_dilation": (1,) * 3}  # fmt: skip
    function = convolution((1, 2, 2, 3, 2), (2, 2, 1, 2, 2), layout="nc012,oi012->nc012", **three)
    check_gradients(function, operands(function))


def test_convolution_of_a_named_batch() -> None:
    b = Builder("convolution")
    x = b.parameter(TensorType(dtypes.f64, (named("batch"), 2, 5)))
    kernel = b.parameter(TensorType(dtypes.f64, (4, 1, 2)))
    f = b.finish(b.emit(ops.convolution, [x, kernel], {**PLAIN, "groups": 2}))
    check_gradients(f, [np.random.default_rng(0).standard_normal((3, 2, 5)), np.ones((4, 1, 2))])


def test_convolution_of_named_spatial_sizes_is_refused() -> None:
    b = Builder("convolution")
    x = b.parameter(TensorType(dtypes.f64, (1, 2, named("width"))))
    kernel = b.parameter(TensorType(dtypes.f64, (4, 2, 2)))
    f = b.finish(b.emit(ops.convolution, [x, kernel], PLAIN))
    with pytest.raises(Unsupported) as caught:
        pullback(f)
    lines = Path(__file__).read_text().splitlines()
    line = next(number for number, text in enumerate(lines, 1) if "[x, kernel], PLAIN)" in text)
    assert str(caught.value) == (
        "convolution: the gradient needs numeric spatial sizes\n"
        f"  at {__file__}:{line}: f = b.finish(b.emit(ops.convolution, [x, kernel], PLAIN))\n"
        "  try: specialise the program to its sizes first"
    )


def test_named_batch_and_batch_groups_are_refused() -> None:
    b = Builder("convolution")
    x = b.parameter(TensorType(dtypes.f64, (named("batch"), 2, 3)))
    kernel = b.parameter(TensorType(dtypes.f64, (4, 2, 2)))
    f = b.finish(b.emit(ops.convolution, [x, kernel], {**PLAIN, "batch_groups": 2}))
    with pytest.raises(Unsupported, match="convolution: the gradient needs numeric sizes of a batch of 2 groups"):
        pullback(f)


def test_products_keep_the_dtype() -> None:
    function = matmul_by_letters("mk", "kn", dtypes.f32)
    results = evaluate(pullback(function), [*(a.astype(np.float32) for a in operands(function)), np.ones((4, 2), "f4")])
    assert [result.dtype for result in results] == [np.float32, np.float32]
