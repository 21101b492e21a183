"""Every sample of every op, batched over each choice of its operands, against its elements computed one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from random import Random
from textwrap import dedent

import numpy as np
import pytest
from diptych.backends.reference import evaluate
from diptych.backends.tolerances import Tolerance, disagreement, tolerance
from diptych.ir import (
    OPS,
    Builder,
    Constant,
    Function,
    HostFunction,
    Op,
    TensorType,
    Value,
    dtypes,
    ops,
    parse_dimension,
    print_function,
    verify,
)
from diptych.passes.autodiff import value_and_gradient
from diptych.passes.batch import batch
from diptych.passes.batchers import REASONS, RULES, BatchingError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.passes.text import program
from tests.random_programs import Program, random_program
from tests.samples import Sample
from tests.samples.every import SAMPLES

SIZE = 3
QUIET = {"deadline": None, "derandomize": True, "suppress_health_check": [HealthCheck.too_slow], "database": None}


@pytest.mark.parametrize("op", OPS.values(), ids=str)
def test_every_op_has_a_rule_or_a_reason(op: Op) -> None:
    tables = [name for name, table in (("RULES", RULES), ("REASONS", REASONS)) if op in table]
    assert len(tables) == 1, (
        f"passes/batchers/{op.group}.py: ops.{op.name} is in {tables} but must be in one of RULES and REASONS"
    )


def elements_of(array: np.ndarray, op: Op | None = None) -> list[np.ndarray]:
    """The array, and others with its elements in other places, which are as valid an operand."""
    if array.dtype == np.bool_ and not array.shape:
        return [array, ~array, array]
    if op is not None and op.group == "linalg" and op is not ops.fft:
        return [array, array * array.dtype.type(2), array * array.dtype.type(0.5)]
    return [np.roll(array.reshape(-1), number).reshape(array.shape) for number in range(SIZE)]


def one_by_one(function: Function, operands: Sequence[list[np.ndarray]]) -> list[np.ndarray]:
    rows = [evaluate(function, [each[number] for each in operands]) for number in range(SIZE)]
    return [np.stack(column) for column in zip(*rows, strict=True)]


def choices(count: int) -> list[tuple[bool, ...]]:
    """Which operands are batched: each choice of a few, of more each one alone and all."""
    if count <= 4:
        return [flags for flags in product((False, True), repeat=count) if any(flags)]
    alone = [tuple(place == number for place in range(count)) for number in range(count)]
    return [*alone, (True,) * count]


def all_at_once(function: Function, operands: Sequence[list[np.ndarray]], flags: Sequence[bool]) -> list[np.ndarray]:
    made, is_batched = batch(function, flags, SIZE, draws=False)
    verify(made)
    given = [np.stack(each) if flag else each[0] for each, flag in zip(operands, flags, strict=True)]
    found = evaluate(made, given)
    assert len(found) == len(is_batched)
    return [
        np.asarray(each) if flag else np.stack([np.asarray(each)] * SIZE)
        for each, flag in zip(found, is_batched, strict=True)
    ]


BATCHED = [sample for sample in SAMPLES if sample.op not in (ops.host_call, ops.random_bits) and sample.operands]


@pytest.mark.parametrize("sample", BATCHED, ids=str)
def test_samples(sample: Sample) -> None:
    function = sample.function()
    for flags in choices(len(sample.operands)):
        operands = [
            elements_of(operand, sample.op) if flag else [operand] * SIZE
            for operand, flag in zip(sample.operands, flags, strict=True)
        ]
        wanted = one_by_one(function, operands)
        found = all_at_once(function, operands, flags)
        for number, (ours, theirs) in enumerate(zip(found, wanted, strict=True)):
            allowed = tolerance(sample.op, theirs.dtype)
            problem = disagreement(ours, theirs, allowed, relative=sample.tolerance)
            assert problem is None, f"{sample} {flags}: result {number} {problem}"


@settings(max_examples=60, **QUIET)
@given(st.builds(random_program, st.integers(0, 2**32 - 1), st.integers(1, 20)), st.integers(0, 2**32 - 1))
def test_random_programs(made: Program, seed: int) -> None:
    function, arguments = made.function, made.arguments
    random = Random(seed)
    flags = [random.random() < 0.7 and argument.dtype.kind not in "u" for argument in arguments]
    operands = [
        elements_of(argument) if flag else [argument] * SIZE for argument, flag in zip(arguments, flags, strict=True)
    ]
    wanted = one_by_one(function, operands)
    found = all_at_once(function, operands, flags)
    scale = {"f64": 1.0, "f32": 2.0**29, "f16": 2.0**42}[made.dtype.name]
    for ours, theirs in zip(found, wanted, strict=True):
        unit = 1.0 if theirs.dtype in (np.float64, np.complex128) else 2.0**-29
        allowed = Tolerance(largest=1e6 * scale * unit, one=1e6 * scale * unit)
        assert disagreement(ours, theirs, allowed, relative=1e6 * scale * 2.0**-52) is None


# -- what is made of it ----


def batched_text(text: str, flags: Sequence[bool], *, size: int = 3, draws: bool = True) -> str:
    return print_function(batch(program(text), flags, size, draws=draws).function)


def test_one_operand_alone_makes_a_larger_product() -> None:
    text = """
func @f(%x: f32[2,4], %w: f32[4,5]) -> (f32[2,5]) {
  %y: f32[2,5] = matmul %x, %w
  return %y
}"""
    assert f"{batched_text(text, [True, False])}\n" == dedent("""\
        func @f(%x: f32[3,2,4], %w: f32[4,5]) -> (f32[3,2,5]) {
          %y: f32[3,2,5] = matmul %x, %w {lhs_contract=[2]}
          return %y
        }
        """)
    assert "lhs_batch=[0], rhs_batch=[0]" in batched_text(text, [True, True])


def test_shared_weights_leave_one_convolution() -> None:
    text = """
func @f(%x: f32[2,1,5], %w: f32[4,1,3]) -> (f32[2,4,3]) {
  %y: f32[2,4,3] = convolution %x, %w {
    layout="nc0,oi0->nc0", stride=[1], padding=[[0, 0]], x_dilation=[1], kernel_dilation=[1]
  }
  return %y
}"""
    assert "convolution %0, %w" in batched_text(text, [True, False])
    assert "groups=3" in batched_text(text, [True, True])


def test_what_all_share_is_computed_once() -> None:
    text = """
func @f(%x: f32[2], %y: f32[2]) -> (f32[2], f32[2]) {
  %a: f32[2] = exp %y
  %b: f32[2] = mul %x, %a
  return %b, %a
}"""
    made, flags = batch(program(text), [True, False], 3)
    assert flags == (True, False)
    assert made.result_types == (TensorType(dtypes.f32, (3, 2)), TensorType(dtypes.f32, (2,)))


def test_named_sizes() -> None:
    b = Builder("f")
    x = b.parameter(TensorType(dtypes.f32, (2, 4)))
    made, _ = batch(b.finish([b.reshape(b.neg(x), shape=(8,))]), [True], parse_dimension("batch"))
    verify(made)
    assert str(made.result_types[0]) == "f32[batch,8]"


# -- random numbers ----


def drawing() -> Function:
    b = Builder("draw")
    key, counter = b.parameter(TensorType(dtypes.u32, (2,))), b.parameter(TensorType(dtypes.u64))
    return b.finish([b.random_bits(key, counter, shape=(5,))])


def test_each_element_draws_its_own_numbers_or_all_the_same() -> None:
    key, counter = np.array([1, 2], np.uint32), np.array(7, np.uint64)
    own, is_own = batch(drawing(), [False, False], 4, draws=True)
    same, is_same = batch(drawing(), [False, False], 4, draws=False)
    assert (is_own, is_same) == ((True,), (False,))
    (numbers,) = evaluate(own, [key, counter])
    assert numbers.shape == (4, 5)
    assert len(set(numbers.ravel().tolist())) == 20
    assert (evaluate(same, [key, counter])[0] == numbers[0]).all()


def test_numbers_are_drawn_inside_branches_too() -> None:
    b = Builder("f")
    condition = b.parameter(TensorType(dtypes.bool_))
    key, counter = b.parameter(TensorType(dtypes.u32, (2,))), b.parameter(TensorType(dtypes.u64))
    made, flags = batch(
        b.finish(b.cond(condition, key, counter, on_true=drawing(), on_false=drawing())), [False] * 3, 4
    )
    assert flags == (True,)
    found = evaluate(made, [np.array(True), np.array([1, 2], np.uint32), np.array(7, np.uint64)])[0]
    assert len(set(found.ravel().tolist())) == 20


def test_streams_of_their_own_are_refused() -> None:
    with pytest.raises(
        BatchingError, match="^random_bits: key and counter differ between elements of a batch but must"
    ):
        batch(drawing(), [True, False], 4)


# -- control flow ----


def counting() -> Function:
    """Doubles x until the count reaches the limit."""
    b = Builder("count")
    limit, x = b.parameter(TensorType(dtypes.i32)), b.parameter(TensorType(dtypes.f64))

    def below(inner: Builder, count: Value, limit: Value, x: Value) -> list[Value]:
        return [inner.lt(count, limit)]

    def step(inner: Builder, count: Value, limit: Value, x: Value) -> list[Value]:
        one = inner.constant(value=Constant(1, dtypes.i32))
        return [inner.add(count, one), limit, inner.mul(x, inner.add(x, x))]

    types = [TensorType(dtypes.i32), TensorType(dtypes.i32), TensorType(dtypes.f64)]

    def made(name: str, write: Callable[..., list[Value]]) -> Function:
        inner = Builder(name)
        return inner.finish(write(inner, *map(inner.parameter, types)))

    zero = b.constant(value=Constant(0, dtypes.i32))
    found = b.while_loop(zero, limit, x, condition=made("below", below), body=made("step", step), bound=4)
    return b.finish([found[2], found[0]])


def test_a_loop_goes_on_until_all_have_ended_and_keeps_those_that_have() -> None:
    limits, x = np.array([0, 3, 1], np.int32), np.array([1.5, 0.5, -2.0])
    for flags in ((True, True), (True, False), (False, True)):
        given = [limits if flags[0] else limits[1], x if flags[1] else x[0]]
        rows = [
            evaluate(counting(), [limits[n] if flags[0] else limits[1], x[n] if flags[1] else x[0]]) for n in range(3)
        ]
        made, is_batched = batch(counting(), flags, 3)
        verify(made)
        assert is_batched == (True, True)
        for found, wanted in zip(evaluate(made, given), zip(*rows, strict=True), strict=True):
            assert found.tolist() == np.stack(wanted).tolist()


def test_gradients_of_batches_are_batches_of_gradients() -> None:
    """Through loops of different lengths, and with what all share."""
    limits, x = np.array([0, 3, 1], np.int32), np.array([1.5, 0.5, -2.0])
    single = value_and_gradient(counting(), [1])
    rows = [evaluate(single, [limits[n], x[n]])[-1] for n in range(3)]
    for first in (lambda: batch(single, [True, True], 3).function, gradient_of_sum):
        assert np.allclose(evaluate(first(), [limits, x])[-1], rows)


def gradient_of_sum() -> Function:
    b = Builder("sum")
    made, _ = batch(counting(), [True, True], 3)
    found = b.inline(made, [b.parameter(type) for type in made.parameter_types])
    return value_and_gradient(b.finish([b.reduce_sum(found[0], axes=(0,))]), [1])


def test_what_flows_to_an_operand_that_all_share_is_the_sum() -> None:
    b = Builder("f")
    scalar = TensorType(dtypes.f64)
    x, w = b.parameter(scalar), b.parameter(scalar)

    def nested(name: str, count: int, write: Callable[..., list[Value]]) -> Function:
        inner = Builder(name)
        return inner.finish(write(inner, *(inner.parameter(scalar) for _ in range(count))))

    body = nested("body", 2, lambda inner, x, w: [inner.mul(x, w)])
    gradient = nested("gradient", 4, lambda inner, x, w, y, ct: [inner.mul(ct, w), inner.mul(ct, inner.add(x, x))])
    function = b.finish(b.custom_gradient(x, w, body=body, gradient=gradient))
    outer = Builder("outer")
    made, _ = batch(function, [True, False], 3)
    found = outer.inline(made, [outer.parameter(type) for type in made.parameter_types])
    derived = value_and_gradient(outer.finish([outer.reduce_sum(found[0], axes=(0,))]))
    values = evaluate(derived, [np.array([1.0, 2.0, 4.0]), np.array(3.0)])
    assert values[1].tolist() == [3.0, 3.0, 3.0]
    assert values[2].tolist() == 14.0


def test_python_code_is_refused_on_elements_and_runs_once_on_the_rest() -> None:
    b = Builder("f")
    x, y = b.parameter(TensorType(dtypes.f32)), b.parameter(TensorType(dtypes.f32))
    (told,) = b.host_call(y, function=HostFunction("twice", lambda y: y * 2), results=(y.type,))
    function = b.finish([b.add(x, told)])
    made, _ = batch(function, [True, False], 3)
    assert evaluate(made, [np.array([1, 2, 3], np.float32), np.array(5, np.float32)])[0].tolist() == [11, 12, 13]
    with pytest.raises(BatchingError, match="^host_call: cannot be batched: Python code runs once, on whole arrays"):
        batch(function, [True, True], 3)
