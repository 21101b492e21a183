"""Convolutions and what lies between them, turned to have the channels last."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from diptych.backends import compile
from diptych.backends.numpy.steps import Steps
from diptych.ir import Builder, Function, Op, Value, dtypes, ops, verify
from diptych.passes.autodiff import pullback
from diptych.passes.channels_last import channels_last
from diptych.passes.provenance import Fired
from diptych.passes.simplify import simplify

from tests.passes.text import check, program
from tests.samples.control import function

PLAIN = {"stride": (1, 1), "padding": ((1, 1), (1, 1)), "x_dilation": (1, 1), "kernel_dilation": (1, 1)}
TILES = {"window": (1, 1, 2, 2), "stride": (1, 1, 2, 2), "padding": ((0, 0),) * 4, "dilation": (1, 1, 1, 1)}
TYPES = "f32[2,3,8,6] f32[4,3,3,3]"


def convolution(b: Builder, x: Value, kernel: Value) -> Value:
    return b.convolution(x, kernel, layout="nc01,oi01->nc01", **PLAIN)


def turned(make: Any, types: str = TYPES) -> Function:
    """What the pass makes of a function, once that has the bits of the function call by call."""
    before = function("f", types, make)
    after = channels_last(before)
    verify(after)
    random = np.random.default_rng(0)
    arrays = [random.standard_normal(p.type.static_shape()).astype(p.dtype.numpy) for p in before.parameters]
    with np.errstate(all="ignore"):
        wanted = Steps(before)(arrays)
    for found, expected in zip(compile(before, backend="numpy")(*arrays), wanted, strict=True):
        assert found.tobytes() == np.ascontiguousarray(expected).tobytes()
    return after


def ops_of(f: Function) -> list[str]:
    return [equation.op.name for equation in f.equations if equation.op not in (ops.constant, ops.broadcast)]


MOVED = ["transpose", "concatenate"]  # how an operand is turned, and copied


def test_a_convolution_by_itself() -> None:
    before = """
    func @f(%x: f32[2,3,8,6], %w: f32[4,3,3,3]) -> (f32[2,4,8,6]) {
      %y: f32[2,4,8,6] = convolution %x, %w {layout="nc01,oi01->nc01", stride=[1, 1], padding=[[1, 1], [1, 1]], x_dilation=[1, 1], kernel_dilation=[1, 1]}
      return %y
    }"""  # fmt: skip
    after = """
    func @f(%x: f32[2,3,8,6], %w: f32[4,3,3,3]) -> (f32[2,4,8,6]) {
      %0: f32[2,8,6,3] = transpose %x {permutation=[0, 2, 3, 1]}
      %1: f32[2,8,6,3] = concatenate %0 {axis=0}
      %y: f32[2,8,6,4] = convolution %1, %w {layout="n01c,oi01->n01c", stride=[1, 1], padding=[[1, 1], [1, 1]], x_dilation=[1, 1], kernel_dilation=[1, 1]}
      %2: f32[2,4,8,6] = transpose %y {permutation=[0, 3, 1, 2]}
      return %2
    }"""  # fmt: skip
    check(channels_last, before, after)


def test_a_chain_is_turned_once() -> None:
    def make(b: Builder, x: Value, kernel: Value, bias: Value) -> Value:
        y = b.tanh(b.add(convolution(b, x, kernel), b.broadcast(bias, shape=(2, 4, 8, 6), axes=(1,))))
        return b.reshape(b.window_max(y, **TILES), shape=(2, 48))

    found = turned(make, f"{TYPES} f32[4]")
    assert ops_of(found) == [*MOVED, "convolution", "add", "tanh", "window_max", *MOVED, "reshape"]


def test_gradients_too() -> None:
    def make(b: Builder, x: Value, kernel: Value) -> Value:
        y = b.window_max(b.tanh(convolution(b, x, kernel)), **TILES)
        return b.window_max(b.sin(b.convolution(y, kernel, layout="nc01,io01->nc01", **PLAIN)), **TILES)

    before = simplify(pullback(function("f", TYPES, make)))
    after = channels_last(before)
    layouts = [e.attributes["layout"] for e in after.equations if e.op is ops.convolution]
    assert len(layouts) == 6 and all(layout.split(",")[0] in ("n01c", "c01n") for layout in layouts)
    assert ops_of(after).count("transpose") == 3  # x, the cotangent, the cotangent of x

    random = np.random.default_rng(0)
    arrays = [random.standard_normal(p.type.static_shape()).astype(np.float32) for p in before.parameters]
    for found, expected in zip(compile(before, backend="numpy")(*arrays), Steps(before)(arrays), strict=True):
        assert found.tobytes() == np.ascontiguousarray(expected).tobytes()


@pytest.mark.parametrize("axes", [(0, 2, 3), (2, 3), (1,), (0, 1, 2, 3), (3,), (0,)])
@pytest.mark.parametrize("op", [ops.reduce_sum, ops.reduce_max, ops.reduce_min], ids=str)
def test_reductions(op: Op, axes: tuple[int, ...]) -> None:
    """Sums are turned where they leave the channels; elsewhere another order would change bits."""
    found = turned(lambda b, x, kernel: b.emit(op, (convolution(b, x, kernel),), {"axes": axes})[0])
    copies = ops_of(found).count("concatenate")
    if op is ops.reduce_sum:
        assert copies == (1 if axes == (0, 2, 3) else 2)
    else:
        assert copies == (2 if axes in ((3,), (0,)) else 1)  # what is left has axes in another order


def test_sums_of_half_precision_stay() -> None:
    def make(b: Builder, x: Value, kernel: Value) -> Value:
        return b.reduce_sum(b.cast(convolution(b, x, kernel), dtype=dtypes.f16), axes=(0, 2, 3))

    assert [e.operands[0].shape for e in turned(make).equations if e.op is ops.reduce_sum] == [(2, 4, 8, 6)]


def test_a_sum_to_channels_turns_what_it_reads() -> None:
    def make(b: Builder, x: Value, kernel: Value) -> list[Value]:
        other = b.sin(x)
        total = b.reduce_sum(other, axes=(0, 2, 3))
        return [total, b.add(b.cos(other), b.broadcast(total, shape=x.shape, axes=(1,))), convolution(b, x, kernel)]

    found = turned(make)
    assert [e.operands[0].shape for e in found.equations if e.op is ops.reduce_sum] == [(2, 8, 6, 3)]
    assert [e.operands[0].shape for e in found.equations if e.op is ops.cos] == [(2, 8, 6, 3)]


def test_movement() -> None:
    def make(b: Builder, x: Value, kernel: Value) -> list[Value]:
        y = convolution(b, x, kernel)
        part = b.slice(y, start=(0, 1, 2, 0), limit=(2, 4, 8, 6), stride=(1, 1, 2, 1))
        joined = b.concatenate(part, b.slice(x, start=(0, 0, 0, 0), limit=(2, 3, 3, 6), stride=(1, 1, 1, 1)), axis=1)
        wide = b.pad(
            joined, b.reduce_max(x, axes=(0, 1, 2, 3)), low=(0, 1, 2, 0), high=(0, 0, 0, 3), interior=(0, 0, 1, 0)
        )
        return [b.reverse(wide, axes=(1, 3)), b.reduce_sum(part, axes=(0, 2, 3)), b.reduce_sum(wide, axes=(0, 2, 3))]

    found = turned(make)
    assert [e.attributes["axis"] for e in found.equations if e.op is ops.concatenate and len(e.operands) > 1] == [3]
    assert [e.attributes["axes"] for e in found.equations if e.op is ops.reverse] == [(2, 3)]


def test_what_else_reads_a_turned_value_gets_it_as_it_was() -> None:
    def make(b: Builder, x: Value, kernel: Value) -> list[Value]:
        y = convolution(b, x, kernel)
        flat = b.reshape(y, shape=(8, 48))
        around = b.transpose(y, permutation=(3, 0, 1, 2))
        running = b.cumulative_sum(y, axis=1)
        return [b.matmul(flat, b.transpose(flat, permutation=(1, 0))), b.reduce_sum(around, axes=(0,)), running]

    found = turned(make)
    assert ops_of(found).count("concatenate") == 2  # x, and y once for all who read it


def test_one_channel_moves_nothing() -> None:
    found = turned(convolution, "f32[2,1,8,6] f32[4,1,3,3]")
    assert ops_of(found) == ["transpose", "convolution", "transpose"]


def test_one_and_three_axes_and_groups() -> None:
    def make(b: Builder, x: Value, kernel: Value, line: Value, other: Value) -> list[Value]:
        one, three = ({name: value[:1] * rank for name, value in PLAIN.items()} for rank in (1, 3))
        lines = b.convolution(line, other, layout="nc0,oi0->nc0", groups=3, **one)
        return [b.sin(lines), b.sin(b.convolution(x, kernel, layout="nc012,oi012->nc012", **three))]

    found = turned(make, "f32[2,3,4,5,6] f32[2,3,1,3,3] f32[2,3,8] f32[6,1,3]")
    layouts = [e.attributes["layout"] for e in found.equations if e.op is ops.convolution]
    assert sorted(layouts) == ["n012c,oi012->n012c", "n0c,oi0->n0c"]


@pytest.mark.parametrize(
    "layout", ["n01c,oi01->n01c", "nc10,oi01->nc01", "nc01,oi01->n01c", "cn01,oi01->nc01"]
)  # fmt: skip
def test_other_layouts_stay(layout: str) -> None:
    before = function("f", "f32[4,4,4,4] f32[4,4,4,4]", lambda b, x, k: b.convolution(x, k, layout=layout, **PLAIN))
    assert channels_last(before) is before


@pytest.mark.parametrize("dtype", ["f16", "c64", "i32"])
def test_other_dtypes_stay(dtype: str) -> None:
    before = function("f", f"{dtype}[2,3,8,6] {dtype}[4,3,3,3]", convolution)
    assert channels_last(before) is before


def test_nested_functions_and_counts() -> None:
    text = """
    func @f(%p: bool[], %x: f32[2,3,8,6], %w: f32[4,3,3,3]) -> (f32[2,4,8,6]) {
      %y: f32[2,4,8,6] = cond %p, %x, %w {on_true=func @a(%x: f32[2,3,8,6], %w: f32[4,3,3,3]) -> (f32[2,4,8,6]) {
        %z: f32[2,4,8,6] = convolution %x, %w {layout="nc01,oi01->nc01", stride=[1, 1], padding=[[1, 1], [1, 1]], x_dilation=[1, 1], kernel_dilation=[1, 1], groups=1, batch_groups=1}
        return %z
      }, on_false=func @b(%x: f32[2,3,8,6], %w: f32[4,3,3,3]) -> (f32[2,4,8,6]) {
        %z: f32[2,4,8,6] = convolution %x, %w {layout="nc01,oi01->nc01", stride=[1, 1], padding=[[1, 1], [1, 1]], x_dilation=[1, 1], kernel_dilation=[1, 1], groups=1, batch_groups=1}
        %s: f32[2,4,8,6] = sin %z
        return %s
      }}
      return %y
    }"""  # fmt: skip
    fired = Fired()
    found = channels_last(program(text), fired=fired)
    verify(found)
    assert fired == {"convolution": 2}
    assert [equation.op for equation in found.equations] == [ops.cond]
