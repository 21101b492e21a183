"""Groups of fused equations in numpy programs."""

from __future__ import annotations

import numpy as np
from diptych.backends.numpy.layout import Layout
from diptych.backends.numpy.program import Program
from diptych.backends.reference.interpreter import evaluate
from diptych.ir import (
    Builder,
    Constant,
    Value,
)
from diptych.passes.fuse import fuse

from tests.numpy_backend.arrays import vector
from tests.numpy_backend.poison import poisoned_runs
from tests.samples.control import function


def test_one_body_in_two_groups() -> None:
    """The second group's broadcast is of its own operand, though the body's values are the same objects."""
    inner = function(
        "group", "f32[3] f32[2,3]",
        lambda b, row, x: b.reduce_sum(b.mul(b.broadcast(row, shape=(2, 3), axes=(1,)), x), axes=(1,)),
    )  # fmt: skip
    f = function(
        "f", "f32[3] f32[3] f32[2,3]",
        lambda b, u, v, x: [*b.fused(u, x, body=inner), *b.fused(v, x, body=inner)],
    )  # fmt: skip
    u, v, x = vector(1, 2, 3), vector(-1, 0, 1), vector(1, 2, 3, 4, 5, 6).reshape(2, 3)
    assert [r.tolist() for r in Program(f).run(u, v, x)] == [(x @ u).tolist(), (x @ v).tolist()]


def test_a_reduction_of_a_broadcast_in_two_groups_of_one_body() -> None:
    """The body asks for the whole array of a broadcast; made for the first group, it must not serve the second."""
    inner = function(
        "group", "f32[3]", lambda b, row: b.reduce_max(b.broadcast(row, shape=(2, 3), axes=(1,)), axes=(1,))
    )  # fmt: skip
    f = function("f", "f32[3] f32[3]", lambda b, u, v: [*b.fused(u, body=inner), *b.fused(v, body=inner)])
    assert [r.tolist() for r in Program(f).run(vector(1, 2, 3), vector(4, 5, 6))] == [[3, 3], [6, 6]]


def test_groups_that_return_parameters_views_constants_and_doubles() -> None:
    def body(b: Builder, x: Value, row: Value) -> list[Value]:
        y = b.exp(x)
        return [
            x,
            y,
            y,
            b.identity(x),
            b.broadcast(row, shape=(2, 3), axes=(1,)),
            b.constant(value=Constant(2.0)),
            b.neg(y),
        ]

    inner = function("group", "f32[2,3] f32[3]", body)
    f = function("f", "f32[2,3] f32[3]", lambda b, x, row: [b.add(y, y) for y in b.fused(b.sin(x), row, body=inner)])
    g = function("g", "f32[2,3] f32[3]", lambda b, x, row: b.fused(x, row, body=inner))
    x, row = vector(1, 2, 3, 4, 5, 6).reshape(2, 3), vector(7, 8, 9)
    for h in (f, g):
        for found in poisoned_runs(Program(h), [x, row]):
            for ours, theirs in zip(found, evaluate(h, [x, row]), strict=True):
                assert np.array_equal(ours, theirs)


def test_a_number_that_a_group_passes_on_block_by_block() -> None:
    inner = function("group", "f32[4,2] f32[]", lambda b, x, n: [b.sin(b.exp(x)), n])
    f = function("f", "f32[4,2] f32[]", lambda b, x, n: b.fused(x, b.sin(n), body=inner))
    x, n = np.arange(8, dtype=np.float32).reshape(4, 2), np.array(2, np.float32)
    for found in poisoned_runs(Program(f, (), Layout(2, 2)), [x, n]):
        assert [result.tobytes() for result in found] == [np.sin(np.exp(x)).tobytes(), np.sin(n).tobytes()]


def test_an_identity_takes_no_memory() -> None:
    """It shows its operand, in a group too, as plans say."""
    inner = function("group", "f32[3]", lambda b, x: b.add(b.identity(b.exp(x)), x))
    f = function("f", "f32[3]", lambda b, x: [b.identity(b.sin(x)), *b.fused(x, body=inner)])
    source, x = Program(f).source, vector(1, 2, 3)
    assert "identity" not in source and source.count("empty(") == 1
    for found in poisoned_runs(Program(f), [x]):
        assert [result.tobytes() for result in found] == [np.sin(x).tobytes(), (np.exp(x) + x).tobytes()]


def test_groups_with_ops_that_have_no_line_of_their_own() -> None:
    """erf and half precision go through kernels, so the group is a program of its own."""
    f = fuse(function("f", "f16[3]", lambda b, x: b.erf(b.exp(b.neg(x)))))
    assert [equation.op.name for equation in f.equations] == ["fused"]
    x = np.array([0.5, -1, 2], np.float16)
    assert Program(f).run(x)[0].tolist() == evaluate(f, [x])[0].tolist()
