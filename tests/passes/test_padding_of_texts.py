"""Programs for batches of texts: rows and lengths are both filled up."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from diptych.backends.pipelines import PASSES
from diptych.ir import (
    Builder,
    Constant,
    DType,
    Function,
    TensorType,
    Unsupported,
    Value,
    dtypes,
)
from diptych.ir.dimensions import floor_divide
from diptych.passes.autodiff import value_and_gradient
from diptych.passes.erase_marks import erase_gradient_marks
from diptych.passes.fitting import Fit
from diptych.passes.manager import run_passes
from diptych.passes.opening import opened as opened_of
from diptych.passes.padding import padded
from diptych.passes.specialise import specialise

from tests.passes.filled_up import (
    CAPACITY,
    SIZES,
    M,
    N,
    Sizes,
    check,
    check_of,
    given_words,
    rows,
    words,
)


@pytest.mark.parametrize("sizes", SIZES)
def test_words_of_all_sentences_in_one_axis(sizes: Sizes) -> None:
    """Of which the real ones are not the first: sums, maxima, and what is made of them again."""
    b = Builder("words")
    flat = b.reshape(words(b, 6), shape=(N * M, 6))
    top = b.reduce_max(flat, axes=(0,))
    shifted = b.sub(flat, b.broadcast(top, shape=flat.shape, axes=(1,)))
    products = b.matmul(flat, flat, lhs_contract=(0,), rhs_contract=(0,))
    halves = b.reshape(shifted, shape=(N * M * 2, 3))
    again = b.reshape(halves, shape=(N, M, 2, 3))
    f = b.finish([b.reduce_sum(b.exp(shifted), axes=(0,)), products, halves, again, b.reduce_min(again, axes=(0, 2))])
    check_of(f, sizes, given_words(sizes, 6))


@pytest.mark.parametrize("sizes", SIZES)
def test_gradients_of_a_softmax_over_words(sizes: Sizes) -> None:
    b = Builder("words")
    x, w = words(b, 4), b.parameter(TensorType(dtypes.f64, (4, 3)))
    logits = b.reshape(b.matmul(x, w, lhs_contract=(2,), rhs_contract=(0,)), shape=(N * M, 3))
    norm = b.log(b.reduce_sum(b.exp(logits), axes=(1,)))
    picked = b.reduce_sum(b.mul(logits, logits), axes=(1,))
    count = b.cast(b.dimension(size=N * M, dtype=dtypes.i64), dtype=dtypes.f64)
    f = b.finish([b.div(b.reduce_sum(b.sub(norm, picked), axes=(0,)), count)])
    given = [*given_words(sizes, 4), (np.random.default_rng(4).standard_normal((4, 3)), {})]
    check_of(erase_gradient_marks(value_and_gradient(f)), sizes, given)


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("dtype", [dtypes.u32, dtypes.u64])
def test_random_bits_come_in_turn_for_real_rows(sizes: Sizes, dtype: DType) -> None:
    b = Builder("bits")
    words(b)
    key, counter = b.constant(value=Constant(np.array([1, 2], np.uint32))), b.constant(value=Constant(np.uint64(5)))
    f = b.finish(
        [b.random_bits(key, counter, shape=shape, dtype=dtype) for shape in ((N, 3, M), (2, N), (1, M, 2), (N * M,))]
    )
    check_of(f, sizes, given_words(sizes))


@pytest.mark.parametrize("start", [0, 2, 20])
@pytest.mark.parametrize("sizes", SIZES)
def test_blocks_of_what_has_a_number_of_rows(sizes: Sizes, start: int) -> None:
    """Read and written, from the start, from elsewhere, and moved so that they lie inside."""
    b = Builder("blocks")
    x, block = b.parameter(TensorType(dtypes.f64, (8, 9))), words(b)
    begins = [b.parameter(TensorType(dtypes.i64)), b.constant(value=Constant(np.int64(1)))]
    read = b.dynamic_slice(x, *begins, sizes=(N, M))
    made = [
        read, b.dynamic_update_slice(x, b.mul(read, block), *begins),
        b.slice(x, start=(0, 3), limit=(N, 5), stride=(1, 1)),
    ]  # fmt: skip
    array = np.random.default_rng(5).standard_normal((8, 9))
    check_of(b.finish(made), sizes, [(array, {}), *given_words(sizes), (np.int64(start), {})])


def test_a_block_that_fits_is_read_where_it_stands() -> None:
    """Such as that of a mask for the longest text, in a program for some length."""
    b = Builder("mask")
    mask = b.parameter(TensorType(dtypes.f64, (CAPACITY, CAPACITY)))
    words(b)
    f = b.finish([b.slice(mask, start=(0, 0), limit=(M, M), stride=(1, 1))])
    made = padded(f, {"n": CAPACITY, "m": CAPACITY}).function
    assert [equation.op.name for equation in made.equations] == ["slice"]
    array = np.random.default_rng(8).standard_normal((CAPACITY, CAPACITY))
    check_of(f, SIZES[0], [(array, {}), *given_words(SIZES[0])])


@pytest.mark.parametrize("sizes", SIZES)
def test_two_batches_in_one_and_apart_again(sizes: Sizes) -> None:
    b = Builder("batches")
    x, y = words(b, 2), words(b, 2)
    both = b.concatenate(x, y, b.mul(x, y), axis=0)
    total = b.reduce_max(both, axes=(0,))
    away = b.sub(both, b.broadcast(total, shape=both.shape, axes=(1, 2)))
    places = {"stride": (1, 1, 1), "start": (N, 0, 0)}
    made = [away, b.slice(away, limit=(2 * N, M, 2), **places), b.slice(away, limit=(3 * N, M, 2), **places)]
    check_of(b.finish([*made, b.concatenate(*made, axis=0)]), sizes, [*given_words(sizes, 2), *given_words(sizes, 2)])


@pytest.mark.parametrize("sizes", SIZES)
def test_words_in_reverse(sizes: Sizes) -> None:
    """The first one, all of them, and sums from the end."""
    b = Builder("reverse")
    x = words(b, 3)
    turned = b.reverse(x, axes=(1, 2))
    first = b.slice(turned, start=(0, 0, 0), limit=(N, 1, 3), stride=(1, 1, 1))
    f = b.finish([first, turned, b.reverse(x, axes=(2,)), b.cumulative_sum(x, axis=1, reverse=True)])
    check_of(f, sizes, given_words(sizes, 3))


def with_gradients(function: Function) -> Function:
    """The function and its gradients, where these need numbers: found from some."""
    sets = [{"n": n, "m": m} for n in (3, 5) for m in (4, 7)]
    made = [
        run_passes(erase_gradient_marks(value_and_gradient(specialise(function, sizes))), (PASSES["fold"],))[0]
        for sizes in sets
    ]
    return opened_of(made, function.parameter_types, Fit(["n", "m"], sets))


MORE = [*SIZES[:1], {"n": 7, "m": 2}, {"n": 2, "m": 7}, {"n": 7, "m": 7}]


@pytest.mark.parametrize("sizes", MORE)
def test_words_and_the_next_ones(sizes: Sizes) -> None:
    """Of a language model: what it says of all words but the last, of all but the first, and gradients."""
    b = Builder("next")
    x, w = words(b, 3), b.parameter(TensorType(dtypes.f64, (3, 3)))
    said = b.slice(b.matmul(x, w, lhs_contract=(2,), rhs_contract=(0,)), start=(0, 0, 0), limit=(N, M - 1, 3),
                   stride=(1, 1, 1))  # fmt: skip
    wanted = b.slice(x, start=(0, 1, 0), limit=(N, M, 3), stride=(1, 1, 1))
    flat = [b.reshape(each, shape=(N * M - N, 3)) for each in (said, wanted)]
    apart = b.sub(*flat)
    count = b.cast(b.dimension(size=N * M - N, dtype=dtypes.i64), dtype=dtypes.f64)
    f = b.finish([b.div(b.reduce_sum(b.mul(apart, apart), axes=(0, 1)), count)])
    given = [*given_words(sizes, 3), (np.random.default_rng(2).standard_normal((3, 3)), {})]
    check_of(erase_gradient_marks(value_and_gradient(f)), sizes, given)


@pytest.mark.parametrize("sizes", MORE)
def test_a_word_before_all_and_one_behind(sizes: Sizes) -> None:
    b = Builder("more")
    x, first = words(b, 3), b.parameter(TensorType(dtypes.f64, (1, 1, 3)))
    first = b.broadcast(b.reshape(first, shape=(3,)), shape=(N, 1, 3), axes=(2,))
    more = [b.concatenate(first, x, axis=1), b.concatenate(x, first, b.neg(x), axis=1)]
    more.append(b.pad(x, b.constant(value=Constant(2.0)), low=(0, 1, 0), high=(0, 2, 0), interior=(0, 0, 0)))
    total = b.constant(value=Constant(0.0))
    for each in more:
        total = b.add(total, b.reduce_sum(b.tanh(b.cumulative_sum(each, axis=1)), axes=(0, 1, 2)))
    f = erase_gradient_marks(value_and_gradient(b.finish([total])))
    given = [*given_words(sizes, 3), (np.ones((1, 1, 3)), {})]
    check_of(f, sizes, given)
    b = Builder("whole")
    check_of(b.finish([b.concatenate(x := words(b, 3), b.sin(x), b.slice(x, start=(0, 0, 0), limit=(N, 1, 3),
                                     stride=(1, 1, 1)), axis=1)]), sizes, given[:1])  # fmt: skip


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("padding", [(0, 0), (1, 1), (0, 2)])
@pytest.mark.parametrize("sizes", MORE)
def test_what_slides_along_words(sizes: Sizes, padding: tuple[int, int], stride: int) -> None:
    """Convolutions and windows, whose results have fewer words or more, and their gradients."""
    b = Builder("slides")
    x, kernel = words(b, 2), b.parameter(TensorType(dtypes.f64, (2, 2, 3)))
    made = b.convolution(
        x, kernel, layout="n0c,0io->n0c", stride=(stride,), padding=(padding,), x_dilation=(1,), kernel_dilation=(1,)
    )
    places: Any = {"window": (1, 2, 1), "stride": (1, stride, 1), "padding": ((0, 0), (min(padding[0], 1), 1), (0, 0)),
                   "dilation": (1, 1, 1)}  # fmt: skip
    most, sums = b.window_max(x, **places), b.window_sum(x, **places)
    given = [*given_words(sizes, 2), (np.random.default_rng(7).standard_normal((2, 2, 3)), {})]
    check_of(b.finish([made, most, sums]), sizes, given)
    losses = [b.reduce_sum(b.tanh(each), axes=(0, 1, 2)) for each in (made, most, sums)]
    f = b.finish([b.add(b.add(*losses[:2]), losses[2])])
    if stride == 1:  # else what is cut off at the end changes with the size
        check_of(with_gradients(f), sizes, given)


@pytest.mark.parametrize("sizes", MORE)
def test_every_second_word_and_the_largest(sizes: Sizes) -> None:
    b = Builder("some")
    x = words(b)
    some = b.slice(x, start=(0, 1), limit=(N, M), stride=(1, 2))
    count = b.dimension(size=floor_divide(M, 2), dtype=dtypes.i32)
    f = b.finish([some, b.reduce_max(some, axes=(1,)), *b.top_k(x, k=2), count])
    check_of(f, sizes, given_words(sizes))


@pytest.mark.parametrize("sizes", MORE)
def test_rows_of_a_table_from_a_size_on(sizes: Sizes) -> None:
    """The place of the last word, and those of as many words as there are, after some."""
    b = Builder("table")
    table, zero = b.parameter(TensorType(dtypes.f64, (9, 3))), b.constant(value=Constant(np.int32(0)))
    words(b)
    pairs = b.pad(table, b.constant(value=Constant(0.0)), low=(5, 0), high=(0, 0), interior=(0, 0))
    pairs = b.dynamic_slice(pairs, b.constant(value=Constant(np.int32(1))), zero, sizes=(2 * M, 3))
    f = b.finish([
        b.slice(table, start=(M - 1, 0), limit=(M, 3), stride=(1, 1)),
        b.slice(table, start=(N, 1), limit=(N + 2, 3), stride=(1, 1)),
        b.slice(b.pad(table, b.constant(value=Constant(0.0)), low=(0, 0), high=(9, 0), interior=(0, 0)),
                start=(N, 0), limit=(N + M, 3), stride=(1, 1)),
        b.slice(table, start=(2, 0), limit=(2 + M, 3), stride=(1, 1)),
        b.reduce_max(pairs, axes=(0,)),
        b.reshape(pairs, shape=(M, 2, 3)),
    ])  # fmt: skip
    check_of(f, sizes, [(np.random.default_rng(3).standard_normal((9, 3)), {}), *given_words(sizes)])


@pytest.mark.parametrize("sizes", MORE)
def test_words_in_the_order_of_others(sizes: Sizes) -> None:
    """With what is infinite, what is no number, and what is the same."""
    b = Builder("order")
    x, y = words(b), words(b)
    place = b.iota(shape=(N, M), axis=1, dtype=dtypes.i32)
    middle = b.dimension(size=floor_divide(M - 1, 2), dtype=dtypes.i32)
    ordered = b.sort(x, y, place, axis=1, keys=2)
    zero = b.constant(value=Constant(np.int32(0)))
    median = b.dynamic_slice(ordered[0], zero, middle, sizes=(N, 1))
    order = b.sort(b.cast(x, dtype=dtypes.i32), place, axis=1)[1]
    few = b.gather(y, b.iota(shape=(N, M), axis=0, dtype=dtypes.i32), order, axes=(0, 1))
    random = np.random.default_rng(1)
    given = [(random.choice([np.nan, np.inf, 1.0, -2.0], tuple(sizes.values())), {0: "n", 1: "m"}) for _ in range(2)]
    check_of(b.finish([*ordered, median]), sizes, given)
    given = [(random.choice([9.0, 1.0], tuple(sizes.values())), axes) for _, axes in given]
    check_of(b.finish([*ordered, median, few]), sizes, given)


@pytest.mark.parametrize("sizes", MORE)
def test_as_many_rounds_as_a_size_that_is_made(sizes: Sizes) -> None:
    inner = Builder("round")
    state = inner.parameter(TensorType(dtypes.f64))
    body = inner.finish([inner.add(state, inner.constant(value=Constant(1.0)))])
    b = Builder("rounds")
    words(b)
    f = b.finish([*b.scan(b.constant(value=Constant(0.0)), body=body, length=2 * N + M - 1, carries=1)])
    check_of(f, sizes, given_words(sizes))


@pytest.mark.parametrize("sizes", MORE)
def test_a_recurrence_that_begins_with_the_first_word(sizes: Sizes) -> None:
    inner = Builder("round")
    state, word = (inner.parameter(TensorType(dtypes.f64, (N,))) for _ in range(2))
    new = inner.sin(inner.add(state, word))
    body = inner.finish([new, new])
    b = Builder("recurrence")
    turned = b.transpose(words(b), permutation=(1, 0))
    first = b.reshape(b.slice(turned, start=(0, 0), limit=(1, N), stride=(1, 1)), shape=(N,))
    rest = b.slice(turned, start=(1, 0), limit=(M, N), stride=(1, 1))
    last, every = b.scan(first, rest, body=body, length=M - 1, carries=1)
    loss = b.add(b.reduce_sum(last, axes=(0,)), b.reduce_sum(every, axes=(0, 1)))
    check_of(erase_gradient_marks(value_and_gradient(b.finish([loss]))), sizes, given_words(sizes))


@pytest.mark.parametrize("sizes", SIZES)
def test_one_word_of_a_sentence_and_its_gradient(sizes: Sizes) -> None:
    """The first one, and the last."""
    for first in (0, M - 1):
        b = Builder("word")
        word = b.slice(words(b, 3), start=(0, first, 0), limit=(N, first + 1, 3), stride=(1, 1, 1))
        f = b.finish([b.reduce_sum(b.mul(word, word), axes=(0, 1, 2))])
        check_of(erase_gradient_marks(value_and_gradient(f)), sizes, given_words(sizes, 3))


@pytest.mark.parametrize("sizes", SIZES)
def test_sentences_that_are_made_as_long_as_some(sizes: Sizes) -> None:
    b = Builder("wide")
    x, blank = words(b, 2), b.constant(value=Constant(-1.0))
    wide = b.pad(x, blank, low=(0, 1, 0), high=(0, 10 - M, 0), interior=(0, 0, 1))
    f = b.finish([wide, b.pad(wide, blank, low=(0, -1, 0), high=(0, M - 10, 0), interior=(0, 0, 0))])
    check_of(f, sizes, given_words(sizes, 2))


def test_padding_before_rows_that_may_be_negative_is_refused() -> None:
    b = Builder("wide")
    x, _ = b.parameter(TensorType(dtypes.f64, (2,))), rows(b)
    made = b.pad(x, b.constant(value=Constant(-1.0)), low=(N - 2,), high=(0,), interior=(0,))
    with pytest.raises(Unsupported, match="pad: padding might change its result: a row of its results may come of any"):
        padded(b.finish([made]), {"n": CAPACITY})


@pytest.mark.parametrize("start", [-1, 0, 2, 5, 20])
@pytest.mark.parametrize("sizes", SIZES)
def test_parts_of_what_was_put_together(sizes: Sizes, start: int) -> None:
    """Read from some place on, and written there."""
    b = Builder("parts")
    x, begin = words(b, 2), b.parameter(TensorType(dtypes.i32))
    both = b.concatenate(x, b.neg(x), axis=1)
    zero, half = b.constant(value=Constant(np.int32(0))), b.dimension(size=M, dtype=dtypes.i32)
    flat = b.reshape(both, shape=(2 * N * M, 2))
    made = [
        b.dynamic_slice(both, zero, half, zero, sizes=(N, M, 2)),
        b.dynamic_slice(both, zero, begin, zero, sizes=(N, M, 1)),
        b.dynamic_update_slice(both, b.exp(x), zero, begin, zero),
        b.dynamic_slice(flat, begin, zero, sizes=(N, 2)),
        b.dynamic_update_slice(flat, b.reshape(b.slice(x, start=(0, 0, 0), limit=(N, 1, 2), stride=(1, 1, 1)),
                                               shape=(N, 2)), begin, zero),
    ]  # fmt: skip
    check_of(b.finish(made), sizes, [*given_words(sizes, 2), (np.int32(start), {})])


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("is_moving", [False, True])
def test_gradients_of_two_batches_in_one(sizes: Sizes, is_moving: bool) -> None:
    """As a contrastive loss has them: the product of the two halves."""
    b = Builder("contrast")
    x, y = words(b, 2), words(b, 2)
    w, begin = b.parameter(TensorType(dtypes.f64, (2, 2))), b.parameter(TensorType(dtypes.i64))
    flat = [b.reshape(each, shape=(N * M, 2)) for each in (x, y)]
    both = b.matmul(b.concatenate(*flat, axis=0), w, lhs_contract=(1,), rhs_contract=(0,))
    zero, limit = b.constant(value=Constant(np.int64(0))), (N * M, 2)
    one = b.slice(both, start=(0, 0), limit=limit, stride=(1, 1))
    other = b.slice(both, start=(N * M, 0), limit=(2 * N * M, 2), stride=(1, 1))
    if is_moving:
        first = b.concatenate(*[b.reduce_sum(each, axes=(1,)) for each in (x, y)], axis=0)
        other = one = b.dynamic_slice(first, begin, zero, sizes=(N, 2))
    loss = b.reduce_sum(b.tanh(b.mul(one, other)), axes=(0, 1))
    f = erase_gradient_marks(value_and_gradient(b.finish([loss]), [0, 1, 2]))
    given = [*given_words(sizes, 2)] * 2
    check_of(f, sizes, [*given, (np.random.default_rng(2).standard_normal((2, 2)), {}), (np.int64(sizes["n"]), {})])


@pytest.mark.parametrize("size", [2, 5])
def test_indices_that_are_none_do_no_harm(size: int) -> None:
    """Which are out of bounds here: those of a table of five rows, and those of what is written."""
    b = Builder("places")
    x, table = rows(b, 2), b.parameter(TensorType(dtypes.f64, (5, 2)))
    place = b.iota(shape=(N,), axis=0, dtype=dtypes.i32)
    made = [b.gather(table, place, axes=(0,)), b.scatter(table, x, place, axes=(0,), combine="add")]
    for combine in ("set", "mul", "min"):
        made.append(b.scatter(table, x, place, axes=(0,), combine=combine, bounds="drop"))
        made.append(b.scatter(x, x, b.add(place, place), axes=(0,), combine=combine, bounds="drop"))
    given = [np.random.default_rng(9).standard_normal((count, 2)) for count in (size, 5)]
    check(b.finish(made), size, given, [(0, 0)])


@pytest.mark.parametrize("size", [2, 5, CAPACITY])
def test_an_index_that_is_clipped_is_so_to_real_rows(size: int) -> None:
    b = Builder("clip")
    x, index = rows(b, 2), b.parameter(TensorType(dtypes.i32, (4,)))
    f = b.finish([b.gather(x, index, axes=(0,), bounds="clip")])
    x = np.random.default_rng(9).standard_normal((size, 2))
    check(f, size, [x, np.array([-1, 1, size, 99], np.int32)], [(0, 0)])


@pytest.mark.parametrize("start", [-1, 0, 2, 20])
@pytest.mark.parametrize("sizes", SIZES[1:])
def test_blocks_of_a_number_of_rows(sizes: Sizes, start: int) -> None:
    """Read among real rows, and written there, such as the last word of each sentence."""
    b = Builder("blocks")
    x, begin = words(b), b.parameter(TensorType(dtypes.i64))
    zero, last = b.constant(value=Constant(np.int64(0))), b.dimension(size=M - 1, dtype=dtypes.i64)
    one = b.dynamic_slice(x, begin, last, sizes=(1, 1))
    made = [one, b.dynamic_slice(x, zero, begin, sizes=(N, 1)), b.dynamic_update_slice(x, one, zero, begin)]
    check_of(b.finish(made), sizes, [*given_words(sizes), (np.int64(start), {})])


@pytest.mark.parametrize("dilation", [1, 2])
@pytest.mark.parametrize("sizes", SIZES)
def test_a_convolution_along_words(sizes: Sizes, dilation: int) -> None:
    b = Builder("convolution")
    x, kernel = words(b, 2), b.parameter(TensorType(dtypes.f64, (3, 2, 3)))
    made = b.convolution(
        x, kernel, layout="n0c,0io->n0c", stride=(1,), padding=((dilation, dilation),), x_dilation=(1,),
        kernel_dilation=(dilation,),
    )  # fmt: skip
    given = [*given_words(sizes, 2), (np.random.default_rng(7).standard_normal((3, 2, 3)), {})]
    check_of(b.finish([made, b.reduce_max(made, axes=(1,))]), sizes, given)


def recurrence(b: Builder, *, reverse: bool) -> list[Value]:
    """A recurrence over words, of every sentence: its last state, and all."""
    inner = Builder("round")
    w = inner.parameter(TensorType(dtypes.f64, (2, 2)))
    state, word = (inner.parameter(TensorType(dtypes.f64, (N, 2))) for _ in range(2))
    new = inner.tanh(inner.add(inner.matmul(state, w, lhs_contract=(1,), rhs_contract=(0,)), word))
    x, w = words(b, 2), b.parameter(TensorType(dtypes.f64, (2, 2)))
    begin = b.broadcast(b.constant(value=Constant(0.5)), shape=(N, 2), axes=())
    body = inner.finish([new, new])
    turned = b.transpose(x, permutation=(1, 0, 2))
    return [*b.scan(w, begin, turned, body=body, length=M, constants=1, carries=1, reverse=reverse)]


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("sizes", SIZES)
def test_a_recurrence_and_its_gradients(sizes: Sizes, reverse: bool) -> None:
    given = [*given_words(sizes, 2), (np.random.default_rng(6).standard_normal((2, 2)), {})]
    b = Builder("recurrence")
    check_of(b.finish(recurrence(b, reverse=reverse)), sizes, given)
    b = Builder("trained")
    last, every = recurrence(b, reverse=reverse)
    loss = b.add(b.reduce_sum(last, axes=(0, 1)), b.reduce_sum(b.mul(every, every), axes=(0, 1, 2)))
    check_of(erase_gradient_marks(value_and_gradient(b.finish([loss]))), sizes, given)


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("holds", [False, True])
def test_branches(sizes: Sizes, holds: bool) -> None:
    branches: list[Function] = []
    for _ in range(2):
        inner = Builder("branch")
        x = words(inner, 2)
        flat = inner.reshape(x, shape=(N * M, 2))
        count = inner.cast(inner.dimension(size=M, dtype=dtypes.i64), dtype=dtypes.f64)
        total = inner.reduce_max(flat, axes=(0, 1)) if branches else inner.reduce_sum(flat, axes=(0, 1))
        branches.append(inner.finish([flat, inner.div(total, count)]))
    b = Builder("cond")
    x, condition = words(b, 2), b.parameter(TensorType(dtypes.bool_))
    made = b.cond(condition, x, on_true=branches[0], on_false=branches[1])
    check_of(b.finish(made), sizes, [*given_words(sizes, 2), (np.bool_(holds), {})])
