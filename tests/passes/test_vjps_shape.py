"""Gradients of moves of elements, with strides that leave a rest, removed padding and named dimensions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from diptych.ir import Builder, named, ops

from tests.passes.finite_differences import check_gradients
from tests.samples.control import function


def array(*shape: int) -> np.ndarray:
    return np.random.default_rng(len(shape)).standard_normal(shape)


@pytest.mark.parametrize(
    "start, limit, stride",
    [
        ((0, 0), (5, 4), (1, 1)),
        ((1, 0), (5, 4), (2, 3)),
        ((1, 1), (4, 3), (2, 1)),
        ((0, 3), (5, 4), (4, 2)),
        ((5, 0), (5, 4), (1, 1)),  # empty
        ((2, 4), (3, 4), (3, 3)),  # empty
    ],
)
def test_slice(start: tuple[int, int], limit: tuple[int, int], stride: tuple[int, int]) -> None:
    f = function("f", "f64[5,4]", lambda b, x: b.slice(x, start=start, limit=limit, stride=stride))
    check_gradients(f, [array(5, 4)])


@pytest.mark.parametrize(
    "low, high, interior",
    [
        ((1, 2), (0, 3), (0, 0)),
        ((0, 0), (0, 0), (2, 1)),
        ((2, -1), (-1, 2), (1, 0)),
        ((-2, -3), (1, 1), (2, 3)),
        ((-3, 4), (3, -4), (0, 0)),  # nothing of x stays along the first axis
    ],
)
def test_pad(low: tuple[int, int], high: tuple[int, int], interior: tuple[int, int]) -> None:
    f = function("f", "f64[3,2] f64[]", lambda b, x, v: b.pad(x, v, low=low, high=high, interior=interior))
    check_gradients(f, [array(3, 2), 0.5])


def test_pad_of_nothing() -> None:
    f = function("f", "f64[0] f64[]", lambda b, x, v: b.pad(x, v, low=(1,), high=(2,), interior=(3,)))
    check_gradients(f, [array(0), 0.5])


MOVES: list[tuple[Any, tuple[int, ...], dict[str, Any]]] = [
    (ops.broadcast, (2, 3), {"shape": (4, 2, 5, 3), "axes": (1, 3)}),
    (ops.broadcast, (), {"shape": (2,), "axes": ()}),
    (ops.broadcast, (2,), {"shape": (2,), "axes": (0,)}),
    (ops.broadcast, (2,), {"shape": (0, 2), "axes": (1,)}),
    (ops.reshape, (2, 6), {"shape": (3, 1, 4)}),
    (ops.reshape, (1,), {"shape": ()}),
    (ops.transpose, (2, 3, 4), {"permutation": (2, 0, 1)}),
    (ops.reverse, (2, 3, 4), {"axes": (0, 2)}),
]


@pytest.mark.parametrize("op, shape, attributes", MOVES)
def test_moves(op: Any, shape: tuple[int, ...], attributes: dict[str, Any]) -> None:
    for dtype in ("f64", "c128"):
        text = f"{dtype}[{','.join(map(str, shape))}]"
        x = array(*shape) if dtype == "f64" else array(*shape) + 1j
        check_gradients(function("f", text, lambda b, x: b.emit(op, [x], attributes)), [x])


def test_concatenate_one_value_twice() -> None:
    f = function("f", "f64[2,3] f64[2,1]", lambda b, x, y: b.concatenate(x, y, x, axis=1))
    check_gradients(f, [array(2, 3), array(2, 1)])


def test_named_dimensions() -> None:
    """A slice, a broadcast, a reshape, a concatenation and a padding of sizes that have names."""
    n = named("n")
    b = Builder("named")
    x = b.parameter(function("t", "f64[n,4]", lambda b, x: x).parameters[0].type)
    flat = b.reshape(x, shape=(4 * n,))
    part = b.slice(flat, start=(1,), limit=(2 * n + 1,), stride=(1,))
    every_other = b.slice(flat, start=(0,), limit=(4 * n - 1,), stride=(2,))
    ragged = b.slice(flat, start=(n,), limit=(4 * n,), stride=(4,))
    wide = b.broadcast(part, shape=(3, 2 * n), axes=(1,))
    joined = b.concatenate(wide, b.broadcast(every_other, shape=(3, 2 * n), axes=(1,)), axis=0)
    padded = b.pad(joined, b.reduce_sum(ragged, axes=(0,)), low=(0, 1), high=(0, -2), interior=(0, 1))
    check_gradients(b.finish([b.sin(padded)]), [array(3, 4)])


@pytest.mark.parametrize("size", [1, 2, 3, 6])
def test_every_other_of_a_named_number_of_which_there_may_be_one(size: int) -> None:
    f = function("f", "f64[2,n]", lambda b, x: b.sin(b.slice(x, start=(0, 1), limit=x.shape, stride=(1, 2))))
    check_gradients(f, [array(2, size)])


@pytest.mark.parametrize("size", [1, 4])
def test_padding_of_a_named_number(size: int) -> None:
    n = named("n")
    f = function(
        "f", "f64[n] f64[]", lambda b, x, y: b.cumulative_sum(b.pad(x, y, low=(n,), high=(2 * n - 1,), interior=(0,)), axis=0)
    )  # fmt: skip
    check_gradients(f, [array(size), np.array(0.5)])
