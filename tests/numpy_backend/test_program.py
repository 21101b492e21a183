"""numpy programs: their source, what they accept, threads, errors, memory."""

from __future__ import annotations

import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import numpy as np
import pytest
from diptych import backends
from diptych.backends.numpy.layout import Layout
from diptych.backends.numpy.program import Program
from diptych.backends.reference.interpreter import evaluate
from diptych.ir import (
    Builder,
    Constant,
    DiptychError,
    Equation,
    Function,
    HostFunction,
    Location,
    TensorType,
    Value,
    dtypes,
    ops,
    parse,
)
from diptych.passes.autodiff import value_and_gradient
from diptych.passes.expressions import full
from diptych.passes.fuse import fuse
from diptych.passes.plan import ALIGNMENT

from tests.numpy_backend.poison import arena_of, instances, memory_is_own, poisoned_runs, program_of
from tests.samples.control import function

F32 = dtypes.f32


def vector(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


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


# -- donation ----

STEP = function(
    "step", "f32[3] f32[3] f32[]",
    lambda b, w, g, rate: [b.sub(w, b.mul(g, b.broadcast(rate, shape=(3,), axes=()))), b.reduce_sum(g, axes=(0,))],
)  # fmt: skip


def test_donated_weights_are_written_in_place() -> None:
    executable = backends.compile(STEP, backend="numpy", donate=(0,))
    w, g = vector(1, 2, 3), vector(1, 1, 1)
    new, total = executable(w, g, np.float32(0.5))
    assert new is w and w.tolist() == [0.5, 1.5, 2.5] and total == 3
    assert g.tolist() == [1, 1, 1]
    (again, _) = executable(w, g, np.float32(0.5))
    assert again is w and w.tolist() == [0, 1, 2]


@pytest.mark.parametrize("layout", ["strided", "reversed", "read-only", "unaligned"])
def test_donated_arrays_that_cannot_be_written_in_place_are_copied(layout: str) -> None:
    raw = np.zeros(13, np.uint8)
    w = {
        "strided": lambda: np.array([1, 0, 2, 0, 3, 0], np.float32)[::2],
        "reversed": lambda: vector(3, 2, 1)[::-1],
        "read-only": lambda: vector(1, 2, 3),
        "unaligned": lambda: raw[1:].view(np.float32),
    }[layout]()
    if layout == "unaligned":
        w[...] = [1, 2, 3]
    if layout == "read-only":
        w.flags.writeable = False
    executable = backends.compile(STEP, backend="numpy", donate=(0,))
    new, _ = executable(w, vector(1, 1, 1), np.float32(0.5))
    assert new.tolist() == [0.5, 1.5, 2.5] and w.tolist() == [1, 2, 3]
    assert not np.shares_memory(new, w)


def test_an_array_that_is_donated_and_passed_again_is_copied() -> None:
    """The same array, or a view of it, as another argument: it must not change while that one is read."""
    f = function("f", "f32[3] f32[3]", lambda b, w, x: [b.add(w, w), b.exp(b.reverse(x, axes=(0,)))])
    executable = backends.compile(f, backend="numpy", donate=(0,))
    assert program_of(executable).plan.donated == {0: 0}
    for w, x in ((vector(1, 2, 3),) * 2, (lambda w: (w, w[::-1]))(vector(1, 2, 3))):
        wanted = [(2 * w).tolist(), np.exp(x[::-1]).tolist()]
        assert [result.tolist() for result in executable(w, x)] == wanted
    both = backends.compile(f, backend="numpy", donate=(0, 1))
    w = vector(1, 2, 3)
    first, second = both(w, w)
    assert first.tolist() == [2, 4, 6] and not np.shares_memory(first, second)


@pytest.mark.parametrize("memory", ["bytearray", "memoryview", "memmap", "memory of another array"])
def test_memory_that_another_argument_shows_through_another_object_is_not_overwritten(
    memory: str, tmp_path: Path
) -> None:
    """Neither array is the other's base."""
    raw = vector(1, 2, 3)
    buffer = bytearray(raw.tobytes())
    np.memmap(tmp_path / "raw", np.float32, "w+", shape=(3,))[:] = raw

    def seen() -> np.ndarray:
        if memory == "bytearray":
            return np.frombuffer(buffer, np.float32)
        if memory == "memoryview":
            return np.asarray(memoryview(buffer).cast("f"))
        if memory == "memmap":
            return mapped[:]
        return np.asarray(_Exporter(raw))

    mapped = np.memmap(tmp_path / "raw", np.float32, "r+", shape=(3,))
    f = function("f", "f32[3] f32[3]", lambda b, w, x: [b.add(w, w), b.exp(b.reverse(x, axes=(0,)))])
    executable = backends.compile(f, backend="numpy", donate=(0,))
    for w, x in ((seen(), seen()), (raw, seen()) if memory == "memory of another array" else (seen(), seen())):
        wanted = [(2 * w).tolist(), np.exp(x[::-1]).tolist()]
        assert [result.tolist() for result in executable(w, x)] == wanted
    alone = np.frombuffer(bytearray(raw.tobytes()), np.float32)
    assert executable(alone, vector(1, 2, 3))[0] is alone  # what nobody else shows is


class _Exporter:
    """Shows an array's memory as another library would: under an object of its own."""

    def __init__(self, array: np.ndarray) -> None:
        self.array = array
        self.__array_interface__ = array.__array_interface__


def test_donation_does_not_change_values() -> None:
    w, g = vector(1, 2, 3), vector(3, 2, 1)
    plain = backends.compile(STEP, backend="numpy")(w, g, np.float32(0.5))
    given = backends.compile(STEP, backend="numpy", donate=(0, 1, 2))(w.copy(), g.copy(), np.array(0.5, np.float32))
    assert [result.tolist() for result in plain] == [result.tolist() for result in given]


# -- groups ----


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


# -- control flow ----


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


# -- errors ----


def _line_of(text: str) -> int:
    lines = Path(__file__).read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line and "_line_of" not in line)


def test_an_index_out_of_bounds_names_the_users_line() -> None:
    b = Builder("lookup")
    table, index = b.parameter(TensorType(F32, (3,))), b.parameter(TensorType(dtypes.i32, (2,)))
    found = b.gather(b.exp(table), index, axes=(0,))  # here
    executable = backends.compile(b.finish([b.neg(found)]), backend="numpy")
    arguments = [vector(1, 2, 3), np.array([0, 7], np.int32)]
    with pytest.raises(DiptychError) as caught:
        executable(*arguments)
    number = _line_of("axes=(0,))  # here")
    assert str(caught.value) == (
        "gather: indices[0] is 7 but must be from 0 to 2: axis 0 has size 3\n"
        f"  at {__file__}:{number}: found = b.gather(b.exp(table), index, axes=(0,))  # here"
    )
    # The program can be run again.
    assert executable(arguments[0], np.array([0, 2], np.int32))[0].tolist() == (-np.exp(vector(1, 3))).tolist()


def test_lines_of_long_sources() -> None:
    """They are compiled in pieces, whose lines are those of the text."""
    b = Builder("long")
    x, index = b.parameter(TensorType(F32, (400,))), b.parameter(TensorType(dtypes.i32, ()))
    table = b.exp(x)
    parts = [b.slice(table, start=(n,), limit=(n + 1,), stride=(1,)) for n in range(300)]
    whole = b.concatenate(*parts, axis=0)
    b.location = Location("long.py", 7)
    found = b.gather(whole, index, axes=(0,))
    f = b.finish([b.neg(found)])
    program = Program(f)
    operands = [np.zeros(400, np.float32), np.array(300, np.int32)]
    with pytest.raises(DiptychError) as caught:
        program.run(*operands)
    assert caught.value.location == Location("long.py", 7)
    writer, results, codes = program._write()
    assert len(codes) == 3  # the setup in two, and `run`
    place = next(n for n, line in enumerate(program.source.splitlines(), 1) if "take_rows" in line)
    assert writer.equation_at(place) is f.equations[-2]
    assert codes[-1].co_firstlineno == 1 and max(line for *_, line in codes[-1].co_consts[0].co_lines()) > place
    assert writer.source(results).count("\n") == len(program.source.splitlines())


def test_lines_around_parts_are_those_of_the_parallel_equation() -> None:
    """Slices of operands and results, and the call, which come behind lines of what a part computes."""
    f = parse("""
    func @f(%x: f32[4]) -> (f32[4]) {
      %y: f32[4] = parallel %x {parts=2, operand_axes=[0], result_axes=[0],
        body=func @part(%x: f32[2]) -> (f32[2]) {
          %z: f32[2] = exp %x  // model.py:4
          return %z
        }
      }  // model.py:3
      return %y
    }""")
    assert Program(f).source == (
        "def part2(o1, p0):\n"
        "    v3 = p0[0:2]     # %y: f32[4]  model.py:3\n"
        "    v4 = o1[0:2]     # %y: f32[4]  model.py:3\n"
        "    exp(v3, out=v4)  # %z: f32[2]  model.py:4\n"
        "def part5(o1, p0):\n"
        "    v6 = p0[2:4]     # %y: f32[4]  model.py:3\n"
        "    v7 = o1[2:4]     # %y: f32[4]  model.py:3\n"
        "    exp(v6, out=v7)  # %z: f32[2]  model.py:4\n"
        "def run(p0):  #  p0 = %x: f32[4]\n"
        "    o1 = empty((4,), float32)           # %y: f32[4]  model.py:3\n"
        "    together((part2, part5, ), o1, p0)  # %y: f32[4]  model.py:3\n"
        "    return (o1, )\n"
    )


def test_errors_inside_nested_functions_name_the_inner_line() -> None:
    def body(b: Builder, table: Value, i: Value) -> Value:
        return b.gather(table, i, axes=(0,))  # inner

    inner = function("inner", "f32[3] i32[]", body)
    f = function("f", "f32[3] i32[4]", lambda b, t, i: b.scan(t, i, body=inner, length=4, constants=1))
    with pytest.raises(DiptychError) as caught:
        backends.compile(f, backend="numpy")(vector(1, 2, 3), np.array([0, 1, 9, 2], np.int32))
    assert caught.value.location is not None
    assert caught.value.location.line == _line_of("axes=(0,))  # inner")


def test_errors_of_host_functions() -> None:
    def failing(x: np.ndarray) -> np.ndarray:
        raise ValueError("no such file")

    host = HostFunction("tests.failing", failing)
    scalar = TensorType(F32)
    b = Builder("f")
    x = b.parameter(scalar)
    y = b.host_call(x, function=host, results=(scalar,))[0]  # failing
    for backend in ("numpy", "reference"):
        with pytest.raises(DiptychError) as caught:
            backends.compile(b.finish([y]), backend=backend)(np.float32(1))
        line = _line_of("results=(scalar,))[0]  # failing")
        assert caught.value.message == "host_call: ValueError: no such file"
        assert caught.value.location is not None and caught.value.location.line == line
        assert isinstance(caught.value.__cause__, ValueError)


def test_a_host_function_may_keep_and_repeat_its_arrays() -> None:
    """It gets copies, and what it returns is copied: it may return one array for two results, and keep it."""
    kept = [np.zeros(2, np.float32)]

    def greedy(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        kept.append(x)
        return kept[0], kept[0]

    vector_type = TensorType(F32, (2,))
    host = HostFunction("tests.greedy", greedy)
    f = function("f", "f32[2]", lambda b, x: b.host_call(x, function=host, results=(vector_type,) * 2))
    x = vector(1, 2)
    executable = backends.compile(f, backend="numpy")
    results = executable(x)
    memory_is_own(executable, results, [x, *kept])
    assert not np.shares_memory(kept[1], x)


# -- threads and memory ----


def test_eight_threads_run_one_executable() -> None:
    """Each call has a ground of its own: the results are those of each thread's operand, all the time."""

    def body(b: Builder, x: Value) -> list[Value]:
        y = x
        for _ in range(5):
            y = b.tanh(b.matmul(b.sin(y), x))
        return [y, b.reduce_sum(y, axes=(0, 1))]

    executable = backends.compile(function("f", "f64[40,40]", body), backend="numpy")
    start = Barrier(8)
    random = np.random.default_rng(0)
    operands = [random.standard_normal((40, 40)) for _ in range(8)]

    def work(number: int) -> bool:
        start.wait()
        wanted = [result.tobytes() for result in executable(operands[number])]
        return all([r.tobytes() for r in executable(operands[number])] == wanted for _ in range(40))

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))
    wanted = evaluate(executable.function, [operands[3]])
    np.testing.assert_allclose(executable(operands[3])[0], wanted[0], rtol=1e-12)
    assert 1 <= len(instances(program_of(executable))) <= 8


def test_arenas_are_aligned() -> None:
    program = Program(function("f", "f32[3]", lambda b, x: b.exp(b.sin(x))))
    program.run(vector(1, 2, 3))
    assert arena_of(instances(program)[0]).ctypes.data % 64 == 0


def _perceptron(batch: int, width: int) -> Function:
    def body(b: Builder, x: Value, w: Value, v: Value) -> Value:
        hidden = b.tanh(b.matmul(x, w))
        out = b.matmul(b.sin(b.mul(hidden, hidden)), v)
        return b.reduce_sum(b.mul(out, out), axes=(0, 1))

    return value_and_gradient(
        function("loss", f"f32[{batch},{width}] f32[{width},{width}] f32[{width},{width}]", body), [1, 2]
    )


@pytest.mark.parametrize("dtype", ["f32", "f16", "bf16"])
@pytest.mark.parametrize("shape", ["70000", "3,20000", "200,350", "1,65000,1"])
def test_kernels_of_elements_go_block_by_block(dtype: str, shape: str) -> None:
    """Whatever the order of an operand's elements, bit for bit what the kernel makes of the whole."""

    def body(b: Builder, x: Value, y: Value) -> list[Value]:
        last = tuple(reversed(range(x.rank)))
        turned = b.transpose(b.transpose(b.exp(x), permutation=last), permutation=last)
        low, high = full(b, x.type.with_shape(()), -0.5), full(b, x.type.with_shape(()), 0.75)  # bounds may be numbers
        return [
            b.erf(x), b.lgamma(b.exp(x)), b.pow(b.exp(x), y), b.erfc(b.reverse(turned, axes=(0,))), b.add(x, y),
            b.clamp(low, x, high),
        ]  # fmt: skip

    f = function("f", f"{dtype}[{shape}] {dtype}[{shape}]", body)
    random = np.random.default_rng(0)
    operands = [random.standard_normal(p.type.static_shape()).astype(p.dtype.numpy) for p in f.parameters]
    with np.errstate(all="ignore"):
        found, wanted = Program(f).run(*operands), evaluate(f, operands)
    assert [each.tobytes() for each in found] == [each.tobytes() for each in wanted]


def test_what_kernels_make_is_let_go_of() -> None:
    """Behind the last line that reads it, or a view of it; results stay, and what is small is not worth a line."""

    def body(b: Builder, x: Value, y: Value) -> list[Value]:
        first = b.cumulative_sum(x, axis=0)
        turned = b.transpose(first, permutation=(1, 0))
        second = b.cumulative_sum(b.exp(turned), axis=1)
        return [b.neg(second), second, b.sin(b.cumulative_sum(y, axis=0))]

    f = function("f", "f32[256,128] f32[4]", body)
    lines = [line.split("#")[0].strip() for line in Program(f).source.splitlines()]
    first, second = (number for number, line in enumerate(lines) if line.startswith("del "))
    assert lines[first - 1 : first + 1] == ["v2 = v1.transpose((1, 0))", "del v1"]
    assert lines[second - 1 : second + 1] == ["exp(v2, out=s3)", "del v2"]


@pytest.mark.usefixtures("one_thread")
def test_a_run_allocates_results_alone() -> None:
    """Temporaries lie on the ground; they take less than half of what all values would."""
    executable = backends.compile(_perceptron(256, 128), backend="numpy")
    random = np.random.default_rng(0)
    arguments = [random.standard_normal(p.type.static_shape()).astype("f4") for p in executable.function.parameters]
    executable(*arguments)
    tracemalloc.start()
    try:
        executable(*arguments)
        _, allocated = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    plan = program_of(executable).plan
    assert allocated <= 1.1 * plan.outputs + 20_000
    assert executable.peak_bytes is not None and plan.arena + plan.outputs <= executable.peak_bytes + 3 * ALIGNMENT
    every = sum(result.type.bytes() for e in _equations(executable.optimised) for result in e.results)
    assert plan.arena < every / 2


def _equations(function: Function) -> list[Equation]:
    """All equations, those of groups included."""
    found: list[Equation] = []
    for equation in function.equations:
        found.append(equation)
        for _, nested in equation.functions():
            found.extend(_equations(nested))
    return found


def test_values_that_a_kernel_makes_are_not_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    """A convolution of integers returns a view of its own array: 4 MB that need not be moved again. Parts would be."""
    monkeypatch.setattr("diptych.backends.settings.thread_count", lambda: 1)
    f = function(
        "f", "i32[8,64,64,8] i32[3,3,8,8]",
        lambda b, x, k: b.convolution(x, k, layout="n01c,01io->n01c", stride=(1, 1), padding=((1, 1), (1, 1)),
                                      x_dilation=(1, 1), kernel_dilation=(1, 1)),
    )  # fmt: skip
    (result,) = Program(f).run(np.ones((8, 64, 64, 8), "i4"), np.ones((3, 3, 8, 8), "i4"))
    assert result.base is not None and result.flags.writeable
