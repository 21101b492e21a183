"""What groups compute again in place of reading it, and that every bit stays."""

from __future__ import annotations

import numpy as np
import pytest
from diptych.ir import Builder, Constant, Function, TensorType, Value, dtypes, ops, verify
from diptych.passes import recompute as module
from diptych.passes.autodiff import value_and_gradient
from diptych.passes.fuse import fuse
from diptych.passes.recompute import recompute
from diptych.passes.rules import EXACT
from diptych.passes.simplify import simplify

from tests.passes.text import agree

SHAPE = (8, 16)


@pytest.fixture(autouse=True)
def _nothing_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGE", 64)


def number(b: Builder, value: float, shape: tuple[int, ...] = SHAPE) -> Value:
    return b.broadcast(b.constant(value=Constant(np.float32(value))), shape=shape, axes=())


def gelu(b: Builder, x: Value) -> Value:
    """x (1 + tanh(c x + d x^3)) / 2."""
    cube = b.mul(b.mul(x, x), x)
    inner = b.add(b.mul(x, number(b, 0.8)), b.mul(cube, number(b, 0.04)))
    return b.mul(b.mul(x, number(b, 0.5)), b.add(b.tanh(inner), number(b, 1)))


def gradient_of(step: object) -> Function:
    """The gradient of sum((step(x @ w + bias) @ v) ** 2) to w, x and bias, with groups."""
    b = Builder()
    x, w, v = (b.parameter(TensorType(dtypes.f32, s)) for s in ((8, 4), (4, 16), (16, 3)))
    bias = b.parameter(TensorType(dtypes.f32, (16,)))
    hidden = b.add(b.matmul(x, w), b.broadcast(bias, shape=SHAPE, axes=(1,)))
    out = b.matmul(step(b, hidden), v)  # type: ignore[operator]
    f = value_and_gradient(b.finish([b.reduce_sum(b.mul(out, out), axes=(0, 1))]))
    return fuse(simplify(f, EXACT))


def kept(f: Function) -> list[int]:
    """How many values of the large shape each group reads."""
    return [sum(o.shape == SHAPE for o in e.operands) for e in f.equations if e.op is ops.fused]


def test_a_gelu_keeps_its_operand_and_its_tanh() -> None:
    f = gradient_of(gelu)
    g = recompute(f)
    verify(g)
    agree(f, g, rtol=0)
    assert kept(f)[-1] > 3
    assert kept(g)[-1] == 3  # the cotangent too
    made = next(e for e in g.equations if e.op is ops.fused).results
    assert sum(result.shape == SHAPE for result in made) == 3  # the gelu itself too


def test_what_takes_long_is_kept() -> None:
    """A cosine is not computed again, where an exp gives its own gradient."""
    f = gradient_of(lambda b, x: b.mul(b.sin(x), b.exp(x)))
    g = recompute(f)
    verify(g)
    agree(f, g, rtol=0)
    assert [e.op.name for e in _members(g)].count("sin") == [e.op.name for e in _members(f)].count("sin")
    assert [e.op.name for e in _members(g)].count("exp") == [e.op.name for e in _members(f)].count("exp")


def _members(f: Function) -> list:
    return [m for e in f.equations for m in (e.attributes["body"].equations if e.op is ops.fused else (e,))]


def test_small_groups_stay_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    f = gradient_of(gelu)
    monkeypatch.setattr(module, "LARGE", 1 << 15)
    assert recompute(f) is f


def test_nested_functions_are_looked_into() -> None:
    f = gradient_of(gelu)
    b = Builder()
    operands = [b.parameter(p.type) for p in f.parameters]
    outer = b.finish(b.call(*operands, body=f))
    inner: Function = recompute(outer).equations[0].attributes["body"]
    assert kept(inner)[-1] == 3
