"""Programs for batches of many sizes: each op's samples with an axis of changing size, programs, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from diptych.backends.reference.interpreter import evaluate
from diptych.ir import (
    Builder,
    Constant,
    DiptychError,
    Function,
    HostFunction,
    TensorType,
    Unsupported,
    Value,
    dtypes,
    named,
)
from diptych.passes.autodiff import value_and_gradient
from diptych.passes.erase_marks import erase_gradient_marks
from diptych.passes.padding import padded
from diptych.passes.specialise import specialise

from tests.passes.filled_up import (
    CAPACITY,
    N,
    check,
    check_of,
    filled,
    rows,
)
from tests.samples import Sample
from tests.samples.every import SAMPLES


def opened(sample: Sample) -> Iterator[tuple[Function, int, list[tuple[int, int]]]]:
    """The program of a sample in which an axis has a name, wherever operands and sizes among attributes have its size,
    or the first operand's alone; that size, and the places."""
    shapes = [operand.shape for operand in sample.operands]
    for place, shape in enumerate(shapes):
        for axis, size in enumerate(shape):
            alike = [(p, a) for p, other in enumerate(shapes) for a, s in enumerate(other) if s == size]
            for places in ([(place, axis)], [(p, axis) for p, a in alike if a == axis], alike):
                function = _named(sample, size, places)
                if function is not None and size:
                    yield function, size, places


def _named(sample: Sample, size: int, places: list[tuple[int, int]]) -> Function | None:
    b = Builder(sample.op.name)
    operands: list[Value] = []
    for place, type in enumerate(sample.operand_types):
        shape = tuple(N if (place, axis) in places else dim for axis, dim in enumerate(type.shape))
        operands.append(b.parameter(type.with_shape(shape)))
    attributes = dict(sample.attributes)
    for name, value in attributes.items():
        kind = sample.op.attributes[name].kind
        if kind == "shape":
            attributes[name] = tuple(N if dim == size else dim for dim in value)
        if kind == "dim" and value == size:
            attributes[name] = N
    try:
        return b.finish(b.emit(sample.op, operands, attributes))
    except DiptychError:
        return None


SMALL = [s for s in SAMPLES if s.operands and all(size < CAPACITY for o in s.operands for size in o.shape)]


def test_samples_of_every_op() -> None:
    """An axis of changing size changes nothing, or is refused with the op's name; most are not."""
    proven: set[str] = set()
    for sample in SMALL:
        for function, size, places in opened(sample):
            try:
                check(function, size, list(sample.operands), places)
            except Unsupported as refusal:
                assert str(refusal).startswith(f"{sample.op.name}: padding might change its result: ")
            except DiptychError as error:  # an index out of bounds, in both
                with pytest.raises(type(error)):
                    evaluate(specialise(function, {"n": size}), list(sample.operands))
            else:
                proven.add(sample.op.name)
    assert len(proven) > 90
    assert proven >= {"matmul", "convolution", "reduce_max", "argmin", "gather", "scatter", "cumulative_sum", "reshape"}


def of_two_names(sample: Sample, names: dict[int, str]) -> Function | None:
    """The program of a sample in which two sizes have names, wherever they stand."""
    b = Builder(sample.op.name)

    def of(dim: Any) -> Any:
        return named(names[dim]) if dim in names else dim

    operands = [b.parameter(type.with_shape(map(of, type.shape))) for type in sample.operand_types]
    attributes = dict(sample.attributes)
    for name, value in attributes.items():
        kind = sample.op.attributes[name].kind
        attributes[name] = tuple(map(of, value)) if kind == "shape" else of(value) if kind == "dim" else value
    try:
        return b.finish(b.emit(sample.op, operands, attributes))
    except DiptychError:
        return None


def test_samples_of_every_op_of_two_names() -> None:
    proven: set[str] = set()
    for sample in SMALL:
        for pair in combinations(sorted({size for o in sample.operands for size in o.shape if size}), 2):
            names = dict(zip(pair, "nm", strict=True))
            function = of_two_names(sample, names)
            if function is None:
                continue
            given = [
                (o, {axis: names[size] for axis, size in enumerate(o.shape) if size in names}) for o in sample.operands
            ]
            try:
                check_of(function, {name: size for size, name in names.items()}, given)
            except Unsupported as refusal:
                assert str(refusal).startswith(f"{sample.op.name}: padding might change its result: ")
            else:
                proven.add(sample.op.name)
    assert len(proven) > 15
    assert proven >= {"matmul", "gather", "reduce_sum", "transpose"}


def test_a_mean_is_of_real_rows() -> None:
    b = Builder("mean")
    x = rows(b, 3)
    count = b.cast(b.dimension(size=N, dtype=dtypes.i64), dtype=dtypes.f64)
    f = b.finish([b.div(b.reduce_sum(x, axes=(0,)), b.broadcast(count, shape=(3,), axes=()))])
    check(f, 4, [np.random.default_rng(0).standard_normal((4, 3))], [(0, 0)])


def test_a_step_of_training() -> None:
    """Products, a softmax, and gradients to what no row is of."""
    b = Builder("step")
    x, w, labels = rows(b, 5), b.parameter(TensorType(dtypes.f64, (5, 3))), b.parameter(TensorType(dtypes.i32, (N,)))
    logits = b.matmul(x, w)
    top = b.broadcast(b.stop_gradient(b.reduce_max(logits, axes=(1,))), shape=logits.shape, axes=(0,))
    shifted = b.sub(logits, top)
    norm = b.log(b.reduce_sum(b.exp(shifted), axes=(1,)))
    picked = b.gather(shifted, b.iota(shape=(N,), axis=0, dtype=dtypes.i32), labels, axes=(0, 1))
    loss = b.reduce_sum(b.sub(norm, picked), axes=(0,))
    f = erase_gradient_marks(value_and_gradient(b.finish([loss])))
    random = np.random.default_rng(1)
    for size in (1, 4, 7):
        arrays = [
            random.standard_normal((size, 5)),
            random.standard_normal((5, 3)),
            random.integers(0, 3, size, np.int32),
        ]
        check(f, size, arrays, [(0, 0), (2, 0)])


def test_an_index_of_a_row_that_is_none_is_an_error_as_ever() -> None:
    b = Builder("pick")
    x, index = rows(b, 2), b.parameter(TensorType(dtypes.i32, (2,)))
    made = padded(b.finish([b.gather(x, index, axes=(0,))]), {"n": CAPACITY}).function
    x = filled(np.arange(6.0).reshape(3, 2), [0])
    assert evaluate(made, [x, np.array([0, 2], np.int32), np.int64(3)])[0].tolist() == [[0, 1], [4, 5]]
    with pytest.raises(DiptychError, match="indices"):
        evaluate(made, [x, np.array([0, 3], np.int32), np.int64(3)])


def test_distances_of_all_pairs() -> None:
    b = Builder("pairs")
    x = rows(b, 3)
    one, other = (b.broadcast(x, shape=(N, N, 3), axes=axes) for axes in ((0, 2), (1, 2)))
    apart = b.reduce_sum(b.abs(b.sub(one, other)), axes=(2,))
    f = b.finish([b.reduce_max(apart, axes=(1,)), b.reduce_sum(apart, axes=(0, 1))])
    check(f, 4, [np.random.default_rng(2).standard_normal((4, 3))], [(0, 0)])


def test_sizes_within_nested_functions_are_of_real_rows_however_deep() -> None:
    inner = Builder("inner")
    carried = inner.parameter(TensorType(dtypes.f64, (N,)))
    count = inner.cast(inner.dimension(size=N, dtype=dtypes.i64), dtype=dtypes.f64)
    mean = inner.div(inner.reduce_sum(carried, axes=(0,)), count)
    body = inner.finish([inner.add(carried, inner.broadcast(mean, shape=(N,), axes=()))])
    for _ in range(2):
        outer = Builder("outer")
        body = outer.finish(
            [outer.scan(outer.parameter(TensorType(dtypes.f64, (N,))), body=body, length=2, carries=1)[0]]
        )
    check(body, 4, [np.arange(4.0)], [(0, 0)])


def refused(build) -> str:
    b = Builder("f")
    with pytest.raises(Unsupported) as caught:
        padded(b.finish(build(b)), {"n": CAPACITY})
    return str(caught.value).split("\n")[0]


def columns(b: Builder) -> Value:
    """Three times n numbers, of which the real ones are not the first."""
    return b.reshape(b.transpose(rows(b, 3), permutation=(1, 0)), shape=(3 * N,))


def same_twice() -> Function:
    inner = Builder("round")
    x = rows(inner)
    return inner.finish([inner.add(x, x)])


def telling_rounds(b: Builder) -> Any:
    """A round for each row, in which Python is called with something else."""
    inner = Builder("round")
    state = inner.parameter(TensorType(dtypes.f64))
    inner.parameter(TensorType(dtypes.f64))
    body = inner.finish([*inner.host_call(state, function=HostFunction("f"), results=(state.type,))])
    return [b.scan(b.constant(value=Constant(1.0)), rows(b), body=body, length=N, carries=1)[0]]


def adding_ones(b: Builder) -> Any:
    """A loop that counts to how many rows there are, by a sum of as many ones."""
    condition, body = Builder("condition"), Builder("body")
    state = condition.parameter(TensorType(dtypes.f64))
    ended = condition.lt(state, condition.constant(value=Constant(9.0)))
    state = body.parameter(TensorType(dtypes.f64))
    ones = body.broadcast(body.constant(value=Constant(1.0)), shape=(N,), axes=())
    made = body.finish([body.add(state, body.reduce_sum(ones, axes=(0,)))])
    rows(b)
    begin = b.constant(value=Constant(0.0))
    return [*b.while_loop(begin, condition=condition.finish([ended]), body=made)]


def test_what_is_refused_is_named() -> None:
    def of(reason: str, build) -> None:
        assert refused(build) == f"{reason}"

    any_row = "padding might change its result: a row of its results may come of any row"
    of(f"sort: {any_row}", lambda b: [*b.sort(columns(b), axis=0)])
    of(f"cholesky: {any_row}", lambda b: [b.cholesky(b.broadcast(rows(b), shape=(N, N), axes=(0,)))])
    of(f"reverse: {any_row}", lambda b: [b.reverse(columns(b), axes=(0,))])
    of(f"concatenate: {any_row}", lambda b: [b.concatenate(columns(b), b.reshape(rows(b, 3), shape=(3 * N,)), axis=0)])
    of(
        f"slice: {any_row}",
        lambda b: [b.slice(b.concatenate(*[rows(b, 2)] * 2, axis=0), start=(0, 0), limit=(3, 2), stride=(1, 1))],
    )
    of(f"cumulative_sum: {any_row}", lambda b: [b.cumulative_sum(columns(b), axis=0, reverse=True)])
    of(f"reshape: {any_row}", lambda b: [b.reshape(b.reshape(rows(b, 3), shape=(3 * N,)), shape=(3, N))])
    of(f"argmax: {any_row}", lambda b: [b.argmax(columns(b), axis=0, dtype=dtypes.i32)])
    of(f"cumulative_sum: {any_row}", lambda b: [b.cumulative_sum(columns(b), axis=0, reverse=False)])
    of(f"add: {any_row}", lambda b: [b.add(columns(b), b.reshape(rows(b, 3), shape=(3 * N,)))])
    of(
        f"gather: {any_row}",
        lambda b: [b.gather(columns(b), b.parameter(TensorType(dtypes.i32, (2,))), axes=(0,))],
    )
    of(
        "host_call: padding might change its result: it does more than compute",
        lambda b: [*b.host_call(rows(b), function=HostFunction("f"), results=(TensorType(dtypes.f64),))],
    )
    blank = Constant(0.0)
    of(
        "pad: padding might change its result: it has -n + 9 rows",
        lambda b: [b.pad(rows(b), b.constant(value=blank), low=(0,), high=(9 - 2 * N,), interior=(0,))],
    )
    of(
        f"pad: {any_row}",
        lambda b: [b.pad(columns(b), b.constant(value=blank), low=(1,), high=(0,), interior=(1,))],
    )
    of(f"window_sum: {any_row}", lambda b: [
        b.window_sum(columns(b), window=(2,), stride=(1,), padding=((0, 0),), dilation=(1,))
    ])  # fmt: skip
    with pytest.raises(
        Unsupported, match=r"padding: a parameter has 2\*n rows, but must have a number or a name of them"
    ):
        b = Builder("f")
        padded(b.finish([b.parameter(TensorType(dtypes.f64, (2 * N,)))]), {"n": CAPACITY})
