"""Which equations become groups, and that groups keep values, order of effects, names and lines."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from time import process_time

import numpy as np
import pytest
from diptych.backends.pipelines import PASSES
from diptych.backends.reference.interpreter import evaluate
from diptych.ir import Builder, Function, HostFunction, Op, TensorType, Value, dtypes, ops, parse, verify
from diptych.passes.autodiff import value_and_gradient
from diptych.passes.fuse import fuse
from diptych.passes.provenance import Fired
from diptych.passes.simplify import simplify

from tests.passes.text import check, lines_of
from tests.samples.control import function

F32 = dtypes.f32


def fused(f: Function) -> Function:
    """`f` with groups: verified, of the same values, and the same when fused again."""
    g = fuse(f)
    verify(g)
    assert fuse(g) == g
    random = np.random.default_rng(0)
    arrays = [_random(random, parameter.type) for parameter in f.parameters]
    for ours, theirs in zip(evaluate(g, arrays), evaluate(f, arrays), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert lines_of(g) == lines_of(f)
    return g


def _random(random: np.random.Generator, type: TensorType) -> np.ndarray:
    if type.dtype.is_bool:
        return random.random(type.static_shape()) < 0.5
    return (random.standard_normal(type.static_shape()) * 2).astype(type.dtype.numpy)


def groups(f: Function) -> list[list[str]]:
    """The ops of each group, broadcasts and constants left out."""
    bodies: list[Function] = [equation.attributes["body"] for equation in f.equations if equation.op is ops.fused]
    return [[e.op.name for e in body.equations if e.op not in (ops.broadcast, ops.constant)] for body in bodies]


def names(f: Function) -> list[str]:
    return [equation.op.name for equation in f.equations]


def test_a_chain_with_a_bias() -> None:
    """Broadcasts and scalars go into the group; the matrix product stays outside."""
    before = """
    func @f(%x: f32[2,3], %w: f32[3,4], %b: f32[4]) -> (f32[2,4]) {
      %xw: f32[2,4] = matmul %x, %w  // a.py:1
      %wide: f32[2,4] = broadcast %b {shape=[2, 4], axes=[1]}  // a.py:2
      %sum: f32[2,4] = add %xw, %wide  // a.py:2
      %two: f32[] = constant {value=f32[] 2.0}  // a.py:3
      %twos: f32[2,4] = broadcast %two {shape=[2, 4], axes=[]}  // a.py:3
      %scaled: f32[2,4] = mul %sum, %twos  // a.py:3
      %y: f32[2,4] = tanh %scaled  // a.py:4
      return %y
    }"""
    after = """
    func @f(%x: f32[2,3], %w: f32[3,4], %b: f32[4]) -> (f32[2,4]) {
      %xw: f32[2,4] = matmul %x, %w  // a.py:1
      %y: f32[2,4]  = fused %xw, %b {
        body=func @group(%xw: f32[2,4], %b: f32[4]) -> (f32[2,4]) {
          %wide: f32[2,4]   = broadcast %b {shape=[2, 4], axes=[1]}    // a.py:2
          %sum: f32[2,4]    = add %xw, %wide                           // a.py:2
          %two: f32[]       = constant {value=f32[] 2.0}               // a.py:3
          %twos: f32[2,4]   = broadcast %two {shape=[2, 4], axes=[]}   // a.py:3
          %scaled: f32[2,4] = mul %sum, %twos                          // a.py:3
          %y: f32[2,4]      = tanh %scaled                             // a.py:4
          return %y
        }
      }  // a.py:2
      return %y
    }"""
    check(fuse, before, after.replace("   // a", "  // a"), locations=True)


def test_one_equation_alone_is_no_group() -> None:
    f = function("f", "f32[2] f32[3,2]", lambda b, x, y: b.add(b.broadcast(x, shape=(3, 2), axes=(1,)), y))
    assert names(fused(f)) == ["broadcast", "add"]


def test_scalars_are_left_alone() -> None:
    f = function("f", "f32[] f32[]", lambda b, x, y: b.exp(b.sin(b.mul(x, y))))
    assert groups(fused(f)) == []


def _softmax(b: Builder, x: Value) -> Value:
    def wide(v: Value) -> Value:
        return b.broadcast(v, shape=x.shape, axes=(0,))

    e = b.exp(b.sub(x, wide(b.reduce_max(x, axes=(1,)))))
    return b.div(e, wide(b.reduce_sum(e, axes=(1,))))


def test_softmax_is_one_group() -> None:
    g = fused(function("f", "f32[4,5]", _softmax))
    assert groups(g) == [["reduce_max", "sub", "exp", "reduce_sum", "div"]]


def _cross_entropy() -> Function:
    """The loss of a linear classifier, as ARCHITECTURE shows it."""

    def body(b: Builder, x: Value, w: Value, bias: Value, target: Value) -> Value:
        logits = b.add(b.matmul(x, w), b.broadcast(bias, shape=(6, 3), axes=(1,)))
        peak = b.stop_gradient(b.reduce_max(logits, axes=(1,)))
        shifted = b.sub(logits, b.broadcast(peak, shape=(6, 3), axes=(0,)))
        total = b.log(b.reduce_sum(b.exp(shifted), axes=(1,)))
        log_p = b.sub(shifted, b.broadcast(total, shape=(6, 3), axes=(0,)))
        return b.neg(b.reduce_sum(b.mul(target, log_p), axes=(0, 1)))

    return function("loss", "f32[6,4] f32[4,3] f32[3] f32[6,3]", body)


def test_softmax_with_its_gradient_is_one_group_between_two_products() -> None:
    g = value_and_gradient(_cross_entropy(), [1, 2])
    for name in ("erase_marks", "simplify", "trim"):
        g = PASSES[name].transform(g, Fired())
    g = fused(g)
    assert [name for name in names(g) if name not in ("constant", "broadcast")] == ["matmul", "fused", "neg", "matmul"]
    (group,) = groups(g)
    assert group.count("exp") == 1
    assert [str(result.type) for e in g.equations if e.op is ops.fused for result in e.results] == [
        "f32[]", "f32[6,3]", "f32[3]",
    ]  # fmt: skip


@pytest.mark.parametrize("axes", [(0,), (0, 1), (0, 1, 2)])
def test_leading_reductions_end_a_group(axes: tuple[int, ...]) -> None:
    """What reads their result comes after the group."""

    def body(b: Builder, x: Value) -> Value:
        y = b.exp(b.sin(x))
        total = b.reduce_sum(y, axes=axes)
        left = tuple(axis for axis in range(3) if axis not in axes)
        return b.mul(y, b.cos(b.broadcast(total, shape=x.shape, axes=left)))

    g = fused(function("f", "f32[2,3,4]", body))
    assert groups(g) == [["sin", "exp", "reduce_sum"], ["cos", "mul"]]


def test_a_reduction_of_the_rows_ends_a_group_too() -> None:
    """A mean of losses of rows: the rows' sum over the batch is complete when the group is."""

    def body(b: Builder, x: Value) -> list[Value]:
        losses = b.log(b.reduce_sum(b.exp(x), axes=(1,)))
        return [b.reduce_sum(losses, axes=(0,)), losses]

    assert groups(fused(function("f", "f32[4,5]", body))) == [["exp", "reduce_sum", "log", "reduce_sum"]]


def test_reductions_over_other_axes_stay_outside() -> None:
    f = function("f", "f32[2,3,4]", lambda b, x: b.neg(b.reduce_sum(b.exp(b.sin(x)), axes=(1,))))
    assert names(fused(f)) == ["fused", "reduce_sum", "neg"]


def test_a_reduction_of_what_came_before_is_no_part_of_a_group() -> None:
    """The sum of a parameter over its first axis: nothing in the group makes it."""
    f = function("f", "f32[3,4]", lambda b, x: [b.reduce_sum(x, axes=(0,)), b.exp(b.sin(x))])
    assert names(fused(f)) == ["reduce_sum", "fused"]


def test_rows_along_other_axes_start_another_group() -> None:
    """Row sums spread along the columns cannot be had block by block."""

    def body(b: Builder, x: Value) -> Value:
        rows = b.reduce_sum(b.exp(x), axes=(1,))
        twisted = b.broadcast(rows, shape=(4, 4), axes=(1,))
        return b.tanh(b.mul(x, twisted))

    assert groups(fused(function("f", "f32[4,4]", body))) == [["exp", "reduce_sum"], ["mul", "tanh"]]


def test_rows_through_two_broadcasts() -> None:
    """The second broadcast leaves the axes; the first has turned them."""

    def body(b: Builder, x: Value) -> Value:
        rows = b.reduce_sum(b.exp(x), axes=(1,))
        twisted = b.broadcast(b.broadcast(rows, shape=(4, 4), axes=(1,)), shape=(4, 4), axes=(0, 1))
        return b.tanh(b.mul(x, twisted))

    assert groups(fused(function("f", "f32[4,4]", body))) == [["exp", "reduce_sum"], ["mul", "tanh"]]


def test_several_results() -> None:
    """Values in the middle that others read come out of the group as well."""

    def body(b: Builder, x: Value, w: Value) -> list[Value]:
        a = b.sin(x)
        c = b.exp(a)
        d = b.neg(c)
        return [b.matmul(a, w), c, d]

    g = fused(function("f", "f32[3,3] f32[3,3]", body))
    assert groups(g) == [["sin", "exp", "neg"]]
    (group,) = [equation for equation in g.equations if equation.op is ops.fused]
    assert len(group.results) == 3


def test_equal_equations_that_are_both_read() -> None:
    """Of a program that nothing shared: the body computes once and returns the value twice."""
    b = Builder("f", share=False)
    x = b.parameter(TensorType(F32, (3,)))
    f = b.finish([b.exp(b.sin(x)), b.neg(b.exp(b.sin(x)))])
    fused(f)


def test_unrelated_chains_split() -> None:
    f = function("f", "f32[3] f32[3]", lambda b, x, y: [b.exp(b.sin(x)), b.cos(b.tanh(y))])
    assert sorted(groups(fused(f))) == [["sin", "exp"], ["tanh", "cos"]]


def test_shapes_part_groups() -> None:
    f = function("f", "f32[3] f32[4]", lambda b, x, y: [b.exp(b.sin(x)), b.cos(b.tanh(y))])
    assert sorted(groups(fused(f))) == [["sin", "exp"], ["tanh", "cos"]]


def test_diamonds_do_not_close_a_cycle() -> None:
    """One arm of the diamond goes through a product: what joins the arms comes after it."""

    def body(b: Builder, x: Value) -> Value:
        top = b.exp(b.sin(x))
        arm = b.matmul(top, x)
        return b.add(b.neg(b.tanh(top)), b.cos(arm))

    g = fused(function("f", "f32[3,3]", body))
    assert names(g) == ["fused", "matmul", "fused"]
    assert groups(g) == [["sin", "exp", "tanh", "neg"], ["cos", "add"]]


def test_many_diamonds() -> None:
    def body(b: Builder, x: Value) -> Value:
        for _ in range(20):
            y = b.sin(x)
            x = b.add(b.exp(y), b.matmul(b.cos(y), x))
        return x

    assert len(groups(fused(function("f", "f32[3,3]", body)))) == 20


def test_chains_that_wait_for_groups_of_another_shape_meet() -> None:
    """Taken shape by shape, sin and mul would each stay alone: between them lies a group of another shape."""

    def body(b: Builder, x: Value, y: Value) -> Value:
        left = b.sin(x)
        right = b.reshape(b.exp(b.tanh(y)), shape=(6,))
        return b.mul(left, right)

    g = fused(function("f", "f32[6] f32[2,3]", body))
    assert sorted(groups(g)) == [["sin", "mul"], ["tanh", "exp"]]


def test_effects_keep_their_order() -> None:
    seen: list[str] = []

    def noting(name: str) -> HostFunction:
        return HostFunction(f"tests.{name}", lambda x: seen.append(name))

    def body(b: Builder, x: Value, y: Value) -> Value:
        b.host_call(b.exp(b.sin(x)), function=noting("first"), results=())
        b.host_call(y, function=noting("second"), results=())
        z = b.neg(b.cos(y))
        b.host_call(z, function=noting("third"), results=())
        return z

    f = function("f", "f32[3] f32[3]", body)
    g = fuse(f)
    verify(g)
    evaluate(g, [np.zeros(3, "f4"), np.zeros(3, "f4")])
    assert seen == ["first", "second", "third"]
    assert groups(g) == [["sin", "exp"], ["cos", "neg"]]


def test_nested_functions_are_fused() -> None:
    chain = function("chain", "f32[3]", lambda b, x: b.exp(b.sin(x)))
    outer = function("outer", "f32[3]", lambda b, x: b.call(x, body=chain))
    f = function("f", "f32[2,3]", lambda b, x: b.scan(x, body=outer, length=2))
    g = fused(f)
    inner = g.equations[0].attributes["body"].equations[0].attributes["body"]
    assert groups(inner) == [["sin", "exp"]]


def test_a_function_used_often_is_fused_once() -> None:
    """2**40 times otherwise."""
    f = function("level", "f32[3]", lambda b, x: b.exp(b.sin(x)))
    for _ in range(40):
        f = function("level", "f32[3]", lambda b, x, f=f: b.call(b.call(x, body=f)[0], body=f))
    first, second = (equation.attributes["body"] for equation in fuse(f).equations)
    is_one = first is second
    assert is_one


def test_groups_are_not_fused_again() -> None:
    body = function("group", "f32[3]", lambda b, x: b.exp(b.sin(x)))
    f = function("f", "f32[3]", lambda b, x: b.neg(b.cos(b.fused(x, body=body)[0])))
    assert groups(fused(f)) == [["sin", "exp"], ["cos", "neg"]]


def test_results_that_are_parameters_broadcasts_or_constants() -> None:
    def body(b: Builder, x: Value) -> list[Value]:
        y = b.exp(b.sin(x))
        return [x, b.broadcast(x, shape=(2, 3), axes=(1,)), b.iota(shape=(2,), axis=0, dtype=F32), y,
                b.broadcast(y, shape=(2, 3), axes=(1,))]  # fmt: skip

    g = fused(function("f", "f32[3]", body))
    assert groups(g) == [["sin", "exp"]]


def test_select_and_clamp_by_scalars() -> None:
    def body(b: Builder, p: Value, low: Value, x: Value, y: Value) -> Value:
        return b.neg(b.clamp(low, b.select(p, x, y), b.mul(low, low)))

    g = fused(function("f", "bool[] f32[] f32[3] f32[3]", body))
    assert groups(g) == [["select", "clamp", "neg"]]


def test_mixed_dtypes() -> None:
    def body(b: Builder, x: Value, n: Value) -> Value:
        return b.select(b.gt(x, b.cast(n, dtype=F32)), b.cast(x, dtype=dtypes.i32), n)

    assert groups(fused(function("f", "f32[3] i32[3]", body))) == [["cast", "gt", "cast", "select"]]


def test_empty_and_named_shapes() -> None:
    fused(function("f", "f32[0,3]", _softmax_of_two))
    g = fuse(function("f", "f32[n,3]", _softmax_of_two))
    verify(g)
    assert groups(g) == [["exp", "reduce_sum", "div"]]


def _softmax_of_two(b: Builder, x: Value) -> Value:
    e = b.exp(x)
    return b.div(e, b.broadcast(b.reduce_sum(e, axes=(1,)), shape=x.shape, axes=(0,)))


def _bias_gradients(layers: int) -> Function:
    """Layers of one size: each has a reduction that starts no group and an elementwise chain."""

    def body(b: Builder, x: Value, w: Value) -> list[Value]:
        sums: list[Value] = []
        for _ in range(layers):
            x = b.matmul(b.tanh(b.sin(x)), w)
            sums.append(b.reduce_sum(x, axes=(0,)))
        return sums

    return function("f", "f32[4,4] f32[4,4]", body)


def _separate_rows(count: int) -> Function:
    """Row-shaped equations that are all ready at once, beside a chain of softmaxes whose rows have that shape."""

    def body(b: Builder, x: Value, w: Value, r: Value) -> list[Value]:
        rows = [b.sin(b.mul(r, b.broadcast(b.reduce_sum(r, axes=(0,)), shape=r.shape, axes=())))]
        for _ in range(count):
            x = b.matmul(_softmax(b, x), w)
            rows.append(b.exp(b.add(r, rows[0])))
        return [x, *rows]

    return function("f", "f32[4,4] f32[4,4] f32[4]", body)


@pytest.mark.parametrize("make", [_bias_gradients, _separate_rows])
def test_cost_is_linear(make: Callable[[int], Function]) -> None:
    """Four times the equations take less than nine times as long (a quadratic cost takes sixteen times)."""

    def seconds(count: int) -> float:
        f = make(count)
        times: list[float] = []
        for _ in range(3):
            start = process_time()
            fuse(f)
            times.append(process_time() - start)
        return min(times)

    assert seconds(1600) < 9 * seconds(400)


def random_dag(seed: int) -> Function:
    """A dag of elementwise equations, broadcasts, reductions over every kind of axes, and products, of two shapes."""
    random = np.random.default_rng(seed)
    b = Builder("random")
    whole, rows = (4, 4), (4,)
    values: dict[tuple[int, ...], list[Value]] = {
        whole: [b.parameter(TensorType(F32, whole)) for _ in range(2)], rows: [b.parameter(TensorType(F32, rows))],
    }  # fmt: skip
    unary: list[Op] = [ops.sin, ops.tanh, ops.neg, ops.atan]

    def pick(shape: tuple[int, ...]) -> Value:
        found = values[shape]
        return found[int(random.integers(max(0, len(found) - 6), len(found)))]

    for _ in range(int(random.integers(5, 60))):
        kind = random.integers(8)
        shape = whole if random.random() < 0.7 else rows
        if kind < 3:
            made = b.emit(unary[random.integers(4)], [pick(shape)], {})[0]
        elif kind < 5:
            made = b.max(pick(shape), pick(shape))
        elif kind == 5:
            made = b.broadcast(pick(rows), shape=whole, axes=(int(random.integers(2)),))
        elif kind == 6:
            made = b.reduce_max(pick(whole), axes=(int(random.integers(2)),))
        else:
            made = b.transpose(pick(whole), permutation=(1, 0))
        values[made.shape].append(made)
    results = [values[whole][-1], pick(whole), values[rows][-1]]
    return b.finish(results)


@pytest.mark.parametrize("seed", range(60))
def test_random_programs(seed: int) -> None:
    f = random_dag(seed)
    g = fused(f)
    for equation in g.equations:
        if equation.op is ops.fused:
            _check_group(equation.attributes["body"])
    assert fused(simplify(f)) is not None


def _check_group(body: Function) -> None:
    """The invariants of a group: one shape and its rows; rows repeated along leading axes; reductions over leading axes
    are not read again inside."""
    computing = [e for e in body.equations if e.op not in (ops.broadcast, ops.constant)]
    assert len(computing) >= 2
    made = {result for e in computing for result in e.results}
    shapes = {e.operands[0].shape if e.op.name.startswith("reduce_") else e.results[0].shape for e in computing}
    assert len(shapes) <= 2
    whole = max(shapes, key=len)
    for e in body.equations:
        if e.op is ops.broadcast and e.operands[0] in made:
            assert e.attributes["axes"] == tuple(range(e.operands[0].rank))
        if e.op.name.startswith("reduce_"):
            axes, rank = e.attributes["axes"], e.operands[0].rank
            is_trailing = axes == tuple(range(rank - len(axes), rank)) and len(axes) < rank
            is_read = any(e.results[0] in other.operands for other in body.equations)
            assert is_trailing or (axes == tuple(range(len(axes))) and not is_read)
    assert all(e.results[0].shape in (whole, *shapes) or e.op.name.startswith("reduce_") for e in computing)


def test_text_of_groups_reads_back() -> None:
    g = fuse(function("f", "f32[4,5]", _softmax))
    assert parse(str(g)) == g


def test_order_of_equations_that_cannot_be_fused_stays() -> None:
    def body(b: Builder, x: Value) -> list[Value]:
        return [b.sort(x, axis=0)[0], b.cumulative_sum(x, axis=0), b.reverse(x, axes=(0,))]

    g = fuse(function("f", "f32[5]", body))
    assert names(g) == ["sort", "cumulative_sum", "reverse"]
    assert all(earlier != later for earlier, later in pairwise(names(g)))
