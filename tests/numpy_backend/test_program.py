"""numpy programs: their source, what they accept, control flow."""

from __future__ import annotations

import numpy as np
import pytest
from diptych import backends
from diptych.backends.numpy.program import Program
from diptych.backends.reference.interpreter import evaluate
from diptych.ir import (
    Builder,
    Constant,
    Location,
    TensorType,
    Value,
    dtypes,
    ops,
    parse,
)

from tests.numpy_backend.arrays import vector
from tests.numpy_backend.poison import memory_is_own
from tests.samples.control import function

F32 = dtypes.f32


def test_source() -> None:
    """Setup, then a line an equation; temporaries share a place; shapes and indices are written out."""
    f = parse("""
    func @f(%x: f32[2,3], %w: f32[4,3], %b: f32[4]) -> (f32[2,4]) {
      %xw: f32[2,4] = matmul %x, %w {rhs_contract=[1]}  // model.py:3
      %bias: f32[2,4] = broadcast %b {shape=[2, 4], axes=[1]}  // model.py:3
      %sum: f32[2,4] = add %xw, %bias  // model.py:3
      %part: f32[2,2] = slice %sum {start=[0, 1], limit=[2, 3], stride=[1, 1]}  // model.py:4
      %turned: f32[2,2] = reverse %part {axes=[1]}  // model.py:4
      %both: f32[2,4] = concatenate %turned, %part {axis=1}  // model.py:5
      %y: f32[2,4] = tanh %both  // model.py:6
      return %y
    }""")
    assert Program(f).source == (
        "s2 = array_at(arena, 0, (2, 4), float32)\n"
        "s3 = s2[0:2, 1:3]\n"
        "s4 = s3[:, ::-1]\n"
        "s5 = array_at(arena, 64, (2, 4), float32)\n"
        "def run(p0, p1, p2):  #  p0 = %x: f32[2,3]  p1 = %w: f32[4,3]  p2 = %b: f32[4]\n"
        "    v1 = p1.transpose((1, 0))       # %xw: f32[2,4]  model.py:3\n"
        "    dot(p0, v1, s2)                 # %xw: f32[2,4]  model.py:3\n"
        "    add(s2, p2, out=s2)             # %sum: f32[2,4]  model.py:3\n"
        "    concatenate((s4, s3, ), 1, s5)  # %both: f32[2,4]  model.py:5\n"
        "    o6 = empty((2, 4), float32)     # %y: f32[2,4]  model.py:6\n"
        "    tanh(s5, out=o6)                # %y: f32[2,4]  model.py:6\n"
        "    return (o6, )\n"
    )


def test_source_of_nested_functions_comes_first() -> None:
    inner = function("inner", "f32[3]", lambda b, x: b.sin(x))
    f = function("f", "bool[] f32[3]", lambda b, p, x: b.cond(p, x, on_true=inner, on_false=inner))
    source = Program(f).source
    assert source.count("def run(") == 2  # the function that stands twice is there once
    assert source.index("sin(") < source.index("cond(")


def test_names_of_the_users_cannot_become_code() -> None:
    """Names and files only stand in comments, on one line, and what runs has no comments at all."""
    b = Builder("f\n    import os")
    x = b.parameter(TensorType(F32, (2,)), "x\n    raise SystemExit")
    b.location = Location("a\nb.py: # '''\r", 3)
    f = b.finish(b.emit(ops.exp, [b.sin(x)], {}, names=["y\u2028z"]))
    program = Program(f)
    assert len(program.source.splitlines()) == 6
    assert program.run(vector(0, 1))[0].tolist() == np.exp(np.sin(vector(0, 1))).tolist()


def test_results_are_new_each_time() -> None:
    """A parameter, a view, a constant, a result twice, a result and its view: none shares memory."""

    def body(b: Builder, x: Value) -> list[Value]:
        y = b.exp(x)
        total = b.reduce_sum(y, axes=(0, 1))
        return [
            x,
            b.transpose(x, permutation=(1, 0)),
            b.constant(value=Constant([1.0, 2.0])),
            y,
            y,
            b.reverse(y, axes=(0,)),
            b.reshape(y, shape=(4,)),
            b.broadcast(total, shape=(3,), axes=()),
            b.iota(shape=(2,), axis=0, dtype=dtypes.i32),
        ]

    f = function("f", "f32[2,2]", body)
    x = vector(1, 2, 3, 4).reshape(2, 2)
    executable = backends.compile(f, backend="numpy")
    results = [*executable(x), *executable(x)]
    memory_is_own(executable, results, [x])
    for ours, theirs in zip(results, [*evaluate(f, [x])] * 2, strict=True):
        assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("order", ["F", "strided", "reversed", "broadcast", "offset", "swapped bytes"])
def test_arguments_of_every_layout(order: str) -> None:
    f = function(
        "f", "f32[3,4] f32[4]",
        lambda b, x, y: [b.matmul(x, b.transpose(x, permutation=(1, 0))), b.exp(b.neg(x)), b.reshape(x, shape=(12,)),
                         b.reduce_sum(x, axes=(0,)), b.sort(x, axis=0)[0], b.concatenate(x, x, axis=1),
                         b.add(x, b.broadcast(y, shape=(3, 4), axes=(1,)))],
    )  # fmt: skip
    plain = np.arange(12, dtype=np.float32).reshape(3, 4) / 7
    y = vector(1, 2, 3, 4)
    unaligned = np.concatenate([np.zeros(1, np.uint8), plain.reshape(-1).view(np.uint8)])[1:]
    x = {
        "F": np.asfortranarray(plain),
        "strided": np.repeat(np.repeat(plain, 2, 0), 3, 1)[::2, ::3],
        "reversed": plain[::-1, ::-1].copy()[::-1, ::-1],
        "broadcast": np.broadcast_to(plain[:1], (3, 4)),
        "offset": unaligned.view(np.float32).reshape(3, 4),
        "swapped bytes": plain.astype(">f4"),
    }[order]
    executable = backends.compile(f, backend="numpy")
    for ours, theirs in zip(executable(x, y), evaluate(f, [np.array(x, np.float32), y]), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_read_only_arguments() -> None:
    f = function("f", "f32[3]", lambda b, x: b.exp(b.neg(x)))
    x = vector(1, 2, 3)
    x.flags.writeable = False
    executable = backends.compile(f, backend="numpy", donate=(0,))
    assert executable(x)[0].tolist() == np.exp(-x).tolist()
    assert x.tolist() == [1, 2, 3]


def _power_of_two(b: Builder, n: Value) -> Value:
    below = function("below", "i32[] i32[] f32[2]", lambda b, n, i, x: b.lt(i, n))
    one = Constant(1, dtypes.i32)
    step = function(
        "step", "i32[] i32[] f32[2]", lambda b, n, i, x: [b.add(i, b.constant(value=one)), b.add(x, x)]
    )  # fmt: skip
    start = [b.constant(value=Constant(0, dtypes.i32)), b.constant(value=Constant([1.0, 3.0], F32))]
    return b.while_loop(n, *start, condition=below, body=step, constants=1)[1]


def test_nested_control_flow() -> None:
    """A loop inside a scan inside a branch; loops that run no round return what came in, but not the same array."""
    round_ = function("round", "f32[2] i32[]", lambda b, x, n: [b.add(x, _power_of_two(b, n)), x])

    def scanned(b: Builder, x: Value, counts: Value) -> list[Value]:
        return list(b.scan(x, counts, body=round_, length=3, carries=1))

    left = function("left", "f32[2] i32[3]", scanned)
    right = function("right", "f32[2] i32[3]", lambda b, x, c: [x, b.broadcast(x, shape=(3, 2), axes=(1,))])
    f = function("f", "bool[] f32[2] i32[3]", lambda b, p, x, c: b.cond(p, x, c, on_true=left, on_false=right))
    executable = backends.compile(f, backend="numpy")
    for p in (True, False):
        arguments = [np.array(p), vector(1, 2), np.array([0, 3, 1], np.int32)]
        results = [*executable(*arguments), *executable(*arguments)]
        memory_is_own(executable, results, arguments)
        for ours, theirs in zip(results, [*evaluate(f, arguments)] * 2, strict=True):
            assert np.array_equal(ours, theirs)


def test_recursion_depth_of_instances() -> None:
    """A function that calls itself by way of a shared body takes a ground a level and gives all back."""
    inner = function("inner", "f32[2]", lambda b, x: b.exp(b.sin(x)))
    outer = function("outer", "f32[2]", lambda b, x: b.fused(b.fused(x, body=inner)[0], body=inner))
    program = Program(function("f", "f32[2]", lambda b, x: b.call(b.call(x, body=outer)[0], body=outer)))
    program.run(vector(1, 2))
    program.run(vector(1, 2))
    assert len(program._instances) == 1
