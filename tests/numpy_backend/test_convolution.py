"""Each way of taking a convolution against the reference's one way."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from diptych.backends.numpy import convolution
from diptych.backends.numpy.convolution import Attributes, Plan
from diptych.backends.numpy.convolutions import adding, elements, planes, rows
from diptych.backends.reference.contraction import convolution as reference
from diptych.ir import TensorType, TypeRuleError, dtype_of, ops
from hypothesis import given, settings
from hypothesis import strategies as st

RANDOM = np.random.default_rng(0)
WAYS = {"Rows": rows, "Planes": planes, "Elements": elements, "Adding": adding}


def attributes(rank: int, **given: Any) -> dict[str, Any]:
    plain = {
        "stride": (1,) * rank, "padding": ((0, 0),) * rank, "x_dilation": (1,) * rank, "kernel_dilation": (1,) * rank,
        "groups": 1, "batch_groups": 1,
    }  # fmt: skip
    return {**plain, **given}


def shape_of(x: np.ndarray, kernel: np.ndarray, given: dict[str, Any]) -> tuple[int, ...]:
    types = [TensorType(dtype_of(each.dtype), each.shape) for each in (x, kernel)]
    return ops.convolution.infer(types, given)[0].static_shape()


def planned(x: np.ndarray, kernel: np.ndarray, given: dict[str, Any]) -> Plan:
    return convolution.plan_of.__wrapped__(x.shape, kernel.shape, shape_of(x, kernel, given), Attributes(**given))


def convolved(x: np.ndarray, kernel: np.ndarray, **given: Any) -> np.ndarray:
    """By the numpy backend, in room that is full of nan, once it agrees with the reference."""
    plan = planned(x, kernel, given)
    out = np.full(shape_of(x, kernel, given), np.nan, x.dtype)
    room = np.full(plan.size + 1, np.nan, x.dtype)
    plan.run(x, kernel, out, room[:-1])
    bound = 1e-12 if np.finfo(x.dtype).eps < 1e-10 else 2e-5
    np.testing.assert_allclose(out, reference(np, x, kernel, **given), rtol=bound, atol=bound)
    return out


def arrays(*shapes: tuple[int, ...], dtype: str = "float64") -> list[np.ndarray]:
    return [RANDOM.normal(size=shape).astype(dtype) for shape in shapes]


def ways_of(plan: Any) -> set[str]:
    """Which ways a plan takes, one for each phase of the result."""
    found = [plan.way] if hasattr(plan, "way") else [way for _, way in plan.parts if way is not None]
    return {type(way).__name__ for way in found}


FIRST, LAST, KERNEL, KERNEL_LAST = "nc01,oi01->nc01", "n01c,01io->n01c", "cn01,io01->cn01", "c01n,i01o->01nc"
SITUATIONS: dict[str, tuple[str, tuple[int, ...], tuple[int, ...], dict[str, Any]]] = {
    "channels first": ("Rows", (2, 9, 6, 5), (9, 9, 3, 2), {"layout": FIRST, "padding": ((1, 0), (2, 1))}),
    "channels last": ("Rows", (2, 6, 5, 9), (3, 2, 9, 9), {"layout": LAST, "kernel_dilation": (2, 1)}),
    "a long row": ("Rows", (3, 9, 8, 48), (3, 2, 48, 9), {"layout": LAST, "padding": ((1, 1), (0, 1))}),
    "a long row, strided": (
        "Rows", (3, 9, 8, 48), (4, 2, 48, 9), {"layout": LAST, "stride": (2, 3), "padding": ((1, 1), (0, 1))},
    ),
    "a long row, dilated and strided": (
        "Rows", (2, 48, 12, 8), (9, 48, 3, 2), {"layout": FIRST, "stride": (2, 1), "kernel_dilation": (3, 2)},
    ),
    "few places": ("Rows", (1, 9, 4, 4), (17, 9, 3, 3), {"layout": FIRST, "padding": ((1, 1), (0, 1))}),
    "few places in groups": ("Rows", (1, 32, 4, 4), (34, 16, 3, 2), {"layout": FIRST, "groups": 2}),
    "a kernel larger than the result": ("Rows", (2, 9, 8, 48), (7, 8, 48, 9), {"layout": LAST}),
    "one element": ("Rows", (2, 4, 5, 3), (1, 1, 3, 4), {"layout": LAST}),
    "one element, strided": ("Rows", (2, 9, 5, 7), (4, 9, 1, 1), {"layout": FIRST, "stride": (2, 2)}),
    "cut off": ("Rows", (2, 9, 8, 9), (9, 9, 2, 2), {"layout": FIRST, "padding": ((-2, -1), (-1, 2))}),
    "groups": ("Rows", (2, 32, 6, 5), (6, 16, 3, 2), {"layout": FIRST, "groups": 2, "stride": (2, 1)}),
    "groups of long rows": ("Rows", (2, 6, 5, 96), (3, 2, 48, 6), {"layout": LAST, "groups": 2}),
    "few channels": ("Planes", (3, 18, 19, 2), (3, 2, 2, 9), {"layout": LAST, "padding": ((1, 0), (2, 1))}),
    "few channels, first and strided": ("Planes", (3, 2, 18, 19), (9, 2, 3, 2), {"layout": FIRST, "stride": (2, 3)}),
    "few channels a group": ("Planes", (2, 6, 5, 4), (3, 2, 2, 6), {"layout": LAST, "groups": 2}),
    "two channels of one": ("Planes", (2, 6, 5, 4), (3, 2, 1, 8), {"layout": LAST, "groups": 4}),
    "depthwise": ("Elements", (2, 6, 8, 4), (3, 2, 1, 4), {"layout": LAST, "groups": 4, "padding": ((1, 1), (0, 1))}),
    "depthwise, within x": ("Elements", (2, 4, 6, 8), (4, 1, 3, 2), {"layout": FIRST, "groups": 4}),
    "depthwise, strided": ("Elements", (2, 6, 8, 4), (3, 2, 1, 4), {"layout": LAST, "groups": 4, "stride": (2, 2)}),
    "depthwise, spread out": (
        "Elements", (2, 3, 4, 4), (3, 2, 1, 4), {"layout": LAST, "groups": 4, "x_dilation": (2, 2), "padding": ((2, 2), (1, 1))},
    ),
    "to a kernel": ("Rows", (5, 9, 8, 7), (5, 3, 6, 5), {"layout": KERNEL}),
    "to a kernel of long rows": ("Rows", (5, 8, 7, 48), (5, 6, 6, 9), {"layout": KERNEL_LAST}),
    "to a kernel, strided": ("Rows", (5, 9, 9, 8), (5, 3, 4, 4), {"layout": KERNEL, "kernel_dilation": (2, 2)}),
    "to a kernel from few places": (
        "Rows", (2, 9, 4, 4), (2, 17, 4, 3), {"layout": KERNEL, "padding": ((1, 1), (0, 1))},
    ),
    "to a kernel from few places, last": ("Rows", (2, 4, 4, 9), (2, 4, 3, 17), {"layout": "c01n,i01o->cn01"}),
    "to a kernel that is larger than that": ("Rows", (2, 20, 9, 8), (2, 9, 4, 3), {"layout": KERNEL}),
    "to a kernel in groups": ("Rows", (5, 32, 8, 7), (5, 6, 6, 5), {"layout": KERNEL, "batch_groups": 2}),
    "to a kernel of few channels": ("Planes", (5, 8, 7, 2), (5, 6, 5, 3), {"layout": KERNEL_LAST}),
    "to a kernel of few channels, first": ("Planes", (5, 2, 8, 7), (5, 3, 6, 5), {"layout": KERNEL}),
    "to a kernel of few channels a group": ("Planes", (5, 4, 8, 7), (5, 6, 6, 5), {"layout": KERNEL, "batch_groups": 2}),
    "to a depthwise kernel": ("Elements", (5, 8, 7, 4), (5, 6, 4, 4), {"layout": KERNEL_LAST, "batch_groups": 4}),
    "to a depthwise kernel, first": ("Elements", (5, 4, 8, 7), (5, 4, 6, 4), {"layout": KERNEL, "batch_groups": 4}),
    "to a kernel, spread out": (
        "Rows", (5, 9, 4, 3), (5, 9, 7, 6), {"layout": KERNEL, "x_dilation": (2, 3), "padding": ((2, 1), (1, 1))},
    ),
    "to a depthwise kernel, spread out": (
        "Elements", (5, 4, 3, 4), (5, 7, 5, 4),
        {"layout": KERNEL_LAST, "x_dilation": (2, 2), "batch_groups": 4, "padding": ((2, 1), (1, 1))},
    ),
    "spread out": (
        "Rows", (2, 9, 3, 4), (9, 9, 3, 2), {"layout": FIRST, "x_dilation": (2, 3), "padding": ((2, 1), (-1, 2))},
    ),
    "spread out and dilated": (
        "Rows", (2, 3, 4, 9), (4, 3, 9, 9),
        {"layout": LAST, "x_dilation": (4, 2), "kernel_dilation": (2, 3), "padding": ((5, 4), (3, 3))},
    ),
    "spread out in groups": (
        "Planes", (2, 4, 3, 4), (6, 2, 3, 2),
        {"layout": FIRST, "x_dilation": (2, 2), "padding": ((2, 2), (1, 1)), "groups": 2, "kernel_dilation": (1, 2)},
    ),
    "fewer channels to add than to copy": ("Adding", (2, 40, 6, 5), (2, 40, 3, 2), {"layout": FIRST}),
    "fewer channels to add, spread out": (
        "Adding", (2, 3, 4, 9), (4, 3, 9, 2), {"layout": LAST, "x_dilation": (2, 3), "padding": ((2, 1), (-1, 2))},
    ),
}  # fmt: skip


@pytest.mark.parametrize("chunk", [1, 60, 1 << 18])
@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_way_that_is_meant(situation: str, chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    way, x_shape, kernel_shape, given = SITUATIONS[situation]
    for module in WAYS.values():
        monkeypatch.setattr(module, "CHUNK", chunk)
    monkeypatch.setattr(rows, "LEAST", 1)
    monkeypatch.setattr(elements, "RUN", 8)
    x, kernel = arrays(x_shape, kernel_shape)
    whole = attributes(2, **given)
    assert ways_of(planned(x, kernel, whole)) == {way}
    convolved(x, kernel, **whole)


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


@pytest.mark.parametrize("order", [(0, 2, 3, 1), (0, 3, 1, 2)])
@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_bits_are_the_same_whichever_way_round_images_lie(situation: str, order: tuple[int, ...]) -> None:
    """Images are x and the result, or both operands where a kernel comes out; kernels stay as they are."""
    _, x_shape, kernel_shape, given = SITUATIONS[situation]
    given = attributes(2, **given)
    x, kernel = arrays(x_shape, kernel_shape, dtype="float32")
    found = convolved(x, kernel, **given)
    first, second, third = given["layout"].replace("->", ",").split(",")
    is_to_kernel = first.index("n") > first.index("c")

    def moved(spec: str) -> str:
        return "".join(spec[axis] for axis in order)

    x = np.ascontiguousarray(x.transpose(order))
    if is_to_kernel:
        layout, kernel = f"{moved(first)},{moved(second)}->{third}", np.ascontiguousarray(kernel.transpose(order))
    else:
        layout, found = f"{moved(first)},{second}->{moved(third)}", np.ascontiguousarray(found.transpose(order))
    assert convolved(x, kernel, **{**given, "layout": layout}).tobytes() == found.tobytes()


def test_strides_and_an_x_that_is_spread_out() -> None:
    given = attributes(1, layout="n0c,0io->n0c", stride=(2,), x_dilation=(3,), padding=((1, 2),))
    assert convolved(*arrays((2, 5, 9), (4, 9, 3)), **given).shape == (2, 7, 3)


def test_places_of_a_phase_that_no_element_leads_to_are_zeros() -> None:
    given = attributes(2, layout=FIRST, x_dilation=(3, 3))
    found = convolved(*arrays((1, 9, 3, 3), (9, 9, 1, 1)), **given)
    assert not found[:, :, 1::3].any() and found[:, :, ::3, ::3].all()


def test_no_axis_and_three() -> None:
    convolved(*arrays((3, 4), (4, 5)), **attributes(0, layout="nc,io->cn"))
    convolved(*arrays((3, 4), (2, 6)), **attributes(0, layout="nc,io->nc", groups=2))
    convolved(*arrays((6, 4), (4, 6)), **attributes(0, layout="nc,io->nc", batch_groups=2))
    convolved(*arrays((2, 4, 3, 4, 5), (6, 2, 2, 1, 3)), **attributes(3, layout="nc012,oi012->nc012", groups=2))
    convolved(*arrays((2, 3, 4, 5, 20), (2, 2, 3, 20, 9)), **attributes(3, layout="n012c,012io->n012c"))


@pytest.mark.parametrize(
    ("x_shape", "kernel_shape"), [((0, 2, 3), (4, 2, 2)), ((1, 0, 3), (4, 0, 2)), ((1, 2, 3), (4, 2, 0)), ((1, 2, 1), (4, 2, 3))]
)  # fmt: skip
def test_sums_of_nothing_are_zeros(x_shape: tuple[int, ...], kernel_shape: tuple[int, ...]) -> None:
    assert not convolved(*arrays(x_shape, kernel_shape), **attributes(1, layout="nc0,oi0->nc0")).any()


SPECS = {letters: ["".join(found) for found in itertools.permutations(letters)] for letters in ("nc01", "oi01")}


@st.composite
def convolutions(draw: st.DrawFn) -> tuple[list[np.ndarray], dict[str, Any]]:
    """Operands of any small shapes, and attributes in any layout."""
    first, second, third = (draw(st.sampled_from(SPECS[letters])) for letters in ("nc01", "oi01", "nc01"))
    count, in_batch = draw(st.sampled_from([1, 1, 2, 3])), draw(st.booleans())
    groups, batch_groups = (1, count) if in_batch else (count, 1)
    inputs, outputs = (draw(st.sampled_from([1, 1, 2, 9, 17])) for _ in range(2))
    sizes = {"n": draw(st.integers(1, 3)) * batch_groups, "c": inputs * groups, "o": outputs * count, "i": inputs}
    x_shape = tuple(sizes.get(letter) or draw(st.integers(1, 9)) for letter in first)
    kernel_shape = tuple(sizes.get(letter) or draw(st.integers(1, 6)) for letter in second)
    pairs = st.tuples(st.integers(-2, 4), st.integers(-2, 4))
    steps = st.sampled_from([(1, 1), (1, 1), (2, 2), (1, 3), (3, 2)])
    given = attributes(
        2, layout=f"{first},{second}->{third}", stride=draw(steps), padding=(draw(pairs), draw(pairs)),
        x_dilation=draw(steps), kernel_dilation=draw(steps), groups=groups, batch_groups=batch_groups,
    )  # fmt: skip
    return arrays(x_shape, kernel_shape), given


@settings(max_examples=200, deadline=None)
@given(convolutions())
def test_any_convolution(case: tuple[list[np.ndarray], dict[str, Any]]) -> None:
    operands, given = case
    try:
        shape_of(operands[0], operands[1], given)
    except TypeRuleError:
        return  # padding takes more away than there is
    convolved(*operands, **given)
