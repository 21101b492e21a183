"""Each way of taking a convolution against the reference's one way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from diptych.backends.numpy import convolution
from diptych.backends.reference.contraction import convolution as reference
from diptych.ir import TensorType, dtype_of, ops

WAYS = ()
RANDOM = np.random.default_rng(0)


def attributes(rank: int, **given: Any) -> dict[str, Any]:
    plain = {
        "stride": (1,) * rank, "padding": ((0, 0),) * rank, "x_dilation": (1,) * rank, "kernel_dilation": (1,) * rank,
        "groups": 1, "batch_groups": 1,
    }  # fmt: skip
    return {**plain, **given}


def convolved(x: np.ndarray, kernel: np.ndarray, **given: Any) -> np.ndarray:
    """By the numpy backend, once it agrees with the reference."""
    types = [TensorType(dtype_of(each.dtype), each.shape) for each in (x, kernel)]
    out = np.full(ops.convolution.infer(types, given)[0].static_shape(), np.nan, x.dtype)
    convolution.convolve(x, kernel, out, **given)
    bound = 1e-12 if np.finfo(x.dtype).eps < 1e-10 else 2e-5
    np.testing.assert_allclose(out, reference(np, x, kernel, **given), rtol=bound, atol=bound)
    return out


def arrays(*shapes: tuple[int, ...], dtype: str = "float64") -> list[np.ndarray]:
    return [RANDOM.normal(size=shape).astype(dtype) for shape in shapes]


FIRST, LAST, KERNEL = "nc01,oi01->nc01", "n01c,01io->n01c", "cn01,io01->cn01"
SITUATIONS: dict[str, tuple[str, tuple[int, ...], tuple[int, ...], dict[str, Any]]] = {
    "channels first": ("_by_columns", (2, 3, 6, 5), (4, 3, 3, 2), {"layout": FIRST, "padding": ((1, 0), (2, 1))}),
    "wide": ("_by_columns", (3, 2, 18, 19), (2, 2, 2, 2), {"layout": FIRST}),
    "one element": ("_by_columns", (2, 3, 4, 5), (4, 3, 1, 1), {"layout": FIRST}),
    "groups": ("_by_columns", (2, 4, 6, 5), (6, 2, 3, 2), {"layout": FIRST, "groups": 2, "stride": (2, 1)}),
    "one channel a group": ("_by_columns", (2, 4, 6, 5), (4, 1, 3, 2), {"layout": FIRST, "groups": 4}),
    "channels last": ("_by_rows", (2, 6, 5, 3), (3, 2, 3, 4), {"layout": LAST, "kernel_dilation": (2, 1)}),
    "groups last": ("_by_rows", (2, 6, 5, 4), (3, 2, 2, 6), {"layout": LAST, "groups": 2}),
    "one channel a group, last": ("_by_elements", (2, 6, 5, 4), (3, 2, 1, 8), {"layout": LAST, "groups": 4}),
    "to a kernel": ("_by_images", (5, 2, 8, 7), (5, 3, 6, 5), {"layout": KERNEL}),
    "to a kernel in groups": ("_by_images", (5, 4, 8, 7), (5, 6, 6, 5), {"layout": KERNEL, "batch_groups": 2}),
    "to a kernel, strided": ("_by_images", (5, 2, 9, 8), (5, 3, 4, 4), {"layout": KERNEL, "kernel_dilation": (2, 2)}),
    "to a kernel, last": ("_by_lanes", (5, 8, 7, 2), (5, 6, 5, 3), {"layout": "c01n,i01o->01cn"}),
    "to a kernel in groups, last": (
        "_by_lanes", (5, 8, 7, 4), (5, 6, 5, 6), {"layout": "c01n,i01o->01cn", "batch_groups": 2},
    ),
    "spread out": (
        "_by_adding", (2, 3, 3, 4), (4, 3, 3, 2), {"layout": FIRST, "x_dilation": (2, 3), "padding": ((2, 1), (-1, 2))},
    ),
    "spread out in groups": (
        "_by_adding", (2, 4, 3, 4), (6, 2, 3, 2),
        {"layout": FIRST, "x_dilation": (2, 2), "padding": ((2, 2), (1, 1)), "groups": 2, "kernel_dilation": (1, 2)},
    ),
    "spread out, one channel a group": (
        "_by_adding", (2, 4, 3, 4), (4, 1, 3, 2), {"layout": FIRST, "x_dilation": (2, 2), "groups": 4, "padding": ((2, 2), (1, 1))},
    ),
    "spread out, last": (
        "_by_adding", (2, 3, 4, 20), (3, 2, 20, 17), {"layout": LAST, "x_dilation": (2, 2), "padding": ((2, 2), (1, 1))},
    ),
    "fewer channels to add than to copy": ("_by_adding", (2, 40, 6, 5), (2, 40, 3, 2), {"layout": FIRST}),
    "one element far apart": ("_by_adding", (1, 3, 3, 3), (2, 3, 1, 1), {"layout": FIRST, "x_dilation": (3, 3)}),
}  # fmt: skip


@pytest.mark.parametrize("chunk", [1, 60, 1 << 18])
@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_way_that_is_meant(situation: str, chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    way, x_shape, kernel_shape, given = SITUATIONS[situation]
    taken: list[str] = []
    for name in WAYS:
        function = getattr(convolution, name)
        monkeypatch.setattr(
            convolution, name, lambda *operands, of=function, called=name: (taken.append(called), of(*operands))
        )
    monkeypatch.setattr(convolution, "CHUNK", chunk)
    convolved(*arrays(x_shape, kernel_shape), **attributes(2, **given))
    assert taken == [way]


@pytest.mark.parametrize("dtype", ["float32", "complex64", "complex128"])
@pytest.mark.parametrize("situation", SITUATIONS)
def test_other_dtypes(situation: str, dtype: str) -> None:
    _, x_shape, kernel_shape, given = SITUATIONS[situation]
    convolved(*arrays(x_shape, kernel_shape, dtype=dtype), **attributes(2, **given))


@pytest.mark.parametrize("situation", SITUATIONS)
def test_operands_in_any_order_of_memory(situation: str) -> None:
    """Turned round, reversed and with gaps."""
    _, x_shape, kernel_shape, given = SITUATIONS[situation]
    x, kernel = arrays(tuple(2 * size for size in reversed(x_shape)), tuple(reversed(kernel_shape)))
    convolved(x[::2, ::2, ::-2, ::2].T, kernel.T[:, :, ::-1], **attributes(2, **given))


def test_no_axis_and_three() -> None:
    convolved(*arrays((3, 4), (4, 5)), **attributes(0, layout="nc,io->cn"))
    convolved(*arrays((3, 4), (2, 6)), **attributes(0, layout="nc,io->nc", groups=2))
    convolved(*arrays((2, 4, 3, 4, 5), (6, 2, 2, 1, 3)), **attributes(3, layout="nc012,oi012->nc012", groups=2))


@pytest.mark.parametrize(
    ("x_shape", "kernel_shape"), [((0, 2, 3), (4, 2, 2)), ((1, 0, 3), (4, 0, 2)), ((1, 2, 3), (4, 2, 0)), ((1, 2, 1), (4, 2, 3))]
)  # fmt: skip
def test_sums_of_nothing_are_zeros(x_shape: tuple[int, ...], kernel_shape: tuple[int, ...]) -> None:
    assert not convolved(*arrays(x_shape, kernel_shape), **attributes(1, layout="nc0,oi0->nc0")).any()
