"""Memory plans: no value is overwritten while it is needed, places are used again, donated buffers are taken over."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from diptych.ir import Builder, DType, Equation, Function, Op, TensorType, Value, dtypes, named, ops
from diptych.passes.fuse import fuse
from diptych.passes.plan import ALIGNMENT, MemoryPlan, Slot, _FreeList, plan_memory

from tests.passes.memory_model import check_plan, plan_with_groups
from tests.samples.control import function

KILO = "f32[256]"  # of 1024 bytes


def planned(f: Function, donate: tuple[int, ...] = ()) -> MemoryPlan:
    plan = plan_with_groups(f, donate)
    check_plan(f, plan, donate=donate)
    return plan


def test_a_chain_works_in_one_place() -> None:
    """Each result is written over its operand; the last is the function's own."""
    f = function("f", KILO, lambda b, x: b.neg(b.cos(b.exp(b.sin(x)))))
    plan = planned(f)
    assert (plan.arena, plan.outputs) == (1024, 1024)
    assert {slot.offset for slot in plan.slots.values()} == {0}


def test_what_is_free_behind_which_equation() -> None:
    """Not what was written over, nor what is shown by a view that is read later; and room when its equation is done."""

    def body(b: Builder, x: Value) -> list[Value]:
        s = b.sin(x)
        first = b.slice(s, start=(0,), limit=(1,), stride=(1,))
        return [b.exp(b.cos(b.neg(x))), b.add(first, first), b.exp(x)]

    f = function("f", KILO, body)
    plan = plan_memory(f, scratch=lambda equation: 10 if equation.op is ops.add else 0)
    names = {place: equation.op.name for place, equation in enumerate(f.equations)}
    sine, cosine = (next(plan.slots[e.results[0]] for e in f.equations if e.op is op) for op in (ops.sin, ops.cos))
    room = next(slot for place, slot in plan.scratch.items() if names[place] == "add")
    found = [(names[place], slots) for place, slots in sorted(plan.freed.items())]
    assert found == [("exp", [cosine]), ("add", [room, sine])]


def test_products_need_two_places() -> None:
    """A matrix product may not write over its operand, but over the one before that."""

    def body(b: Builder, x: Value) -> Value:
        for _ in range(6):
            x = b.matmul(x, x)
        return x

    assert planned(function("f", "f32[16,16]", body)).arena == 2 * 1024


def test_what_is_read_later_stays() -> None:
    f = function("f", KILO, lambda b, x: b.add(b.sin(x), b.exp(b.exp(b.exp(b.sin(x))))))
    plan = planned(f)
    assert plan.arena == 2 * 1024


def test_views_keep_what_they_show() -> None:
    """The sine is dead but for its transpose, which is read at the end."""

    def body(b: Builder, x: Value) -> Value:
        s = b.sin(x)
        turned = b.transpose(b.reverse(s, axes=(0,)), permutation=(1, 0))
        other = b.exp(b.matmul(s, s))
        return b.matmul(other, turned)

    plan = planned(function("f", "f32[16,16]", body))
    assert plan.arena == 2 * 1024


@pytest.mark.parametrize("view", ["broadcast", "transpose", "reverse"])
def test_nothing_is_written_over_an_operand_that_is_viewed_too(view: str) -> None:
    """sin(x) + transpose(sin(x)): element by element, the sum would read what it has overwritten."""

    def body(b: Builder, x: Value) -> Value:
        s = b.sin(x)
        other = {
            "broadcast": lambda: b.broadcast(s, shape=(16, 16), axes=(0, 1)),
            "transpose": lambda: b.transpose(s, permutation=(1, 0)),
            "reverse": lambda: b.reverse(s, axes=(1,)),
        }[view]()
        return b.exp(b.add(s, other))

    assert planned(function("f", "f32[16,16]", body)).arena == 2 * 1024


def in_place(types: str, body: Callable[..., Value]) -> bool:
    """Whether a result was written over sin of the first parameter: an arena of one place."""
    return planned(function("f", types, body)).arena == 1024


def test_ops_of_several_operands() -> None:
    """select may write over on_false, clamp over x; neither when that is another operand as well."""
    assert in_place(f"{KILO} bool[256] {KILO}", lambda b, x, p, y: b.neg(b.select(p, y, b.sin(x))))
    assert not in_place(f"{KILO} bool[256] {KILO}", lambda b, x, p, y: b.neg(b.select(p, b.sin(x), y)))
    assert not in_place(f"{KILO} bool[256]", lambda b, x, p: b.neg(b.select(p, *[b.sin(x)] * 2)))
    assert in_place(f"{KILO} f32[] f32[]", lambda b, x, low, high: b.neg(b.clamp(low, b.sin(x), high)))
    assert not in_place(f"{KILO} {KILO}", lambda b, x, y: b.neg(b.clamp(b.sin(x), y, y)))

    def same_bound(b: Builder, x: Value, low: Value) -> Value:
        s = b.sin(x)
        return b.neg(b.clamp(low, s, s))

    assert not in_place(f"{KILO} f32[]", same_bound)
    assert in_place(KILO, lambda b, x: b.neg(b.add(*[b.sin(x)] * 2)))


def test_other_dtypes_of_the_same_width() -> None:
    assert in_place(KILO, lambda b, x: b.neg(b.cast(b.sin(x), dtype=dtypes.i32)))
    f = function("f", KILO, lambda b, x: b.neg(b.cast(b.sin(x), dtype=dtypes.f64)))
    assert planned(f).arena == 1024 + 2048


def test_unread_results_give_their_place_back() -> None:
    b = Builder("f", share=False)
    x = b.parameter(TensorType(dtypes.f32, (4, 64)))
    sorted_x, _ = b.sort(x, b.neg(x), axis=0)
    f = b.finish([b.exp(b.matmul(sorted_x, sorted_x, lhs_contract=(1,), rhs_contract=(1,)))])
    planned(f)


def test_results_never_lie_in_the_arena() -> None:
    def body(b: Builder, x: Value) -> list[Value]:
        s = b.sin(x)
        return [s, b.exp(s), b.transpose(s, permutation=(1, 0)), x]

    f = function("f", "f32[16,16]", body)
    plan = planned(f)
    assert not plan.slots and plan.arena == 0
    assert plan.outputs == 4 * 1024


def test_empty_and_scalar_values_have_places() -> None:
    f = function("f", "f32[0] f32[]", lambda b, x, y: [b.neg(b.sin(x)), b.neg(b.sin(y))])
    plan = planned(f)
    assert {slot.size for slot in plan.slots.values()} == {ALIGNMENT}


def test_names_of_dimensions_are_refused() -> None:
    f = function("f", "f32[n]", lambda b, x: b.neg(b.sin(x)))
    with pytest.raises(TypeError, match="dimension n is not a number"):
        plan_memory(f)
    assert named("n") in f.parameters[0].shape


# -- donation ----


def test_gradient_descent_writes_into_the_weights() -> None:
    """W - rate * gradient(W): the old weights are read by the product before, then element by element."""

    def body(b: Builder, w: Value, x: Value, rate: Value) -> Value:
        y = b.matmul(x, w)
        gradient = b.matmul(x, y, lhs_contract=(0,), rhs_contract=(0,))
        step = b.mul(gradient, b.broadcast(rate, shape=w.shape, axes=()))
        return b.sub(w, step)

    f = function("f", "f32[16,16] f32[16,16] f32[]", body)
    for g in (f, fuse(f)):
        plan = planned(g, (0,))
        assert plan.donated == {0: 0}
        assert plan.outputs == 0


def test_momentum_writes_into_weights_and_velocity() -> None:
    def body(b: Builder, w: Value, v: Value, g: Value) -> list[Value]:
        half = b.broadcast(b.constant(value=_number(0.5)), shape=w.shape, axes=())
        velocity = b.add(b.mul(v, half), g)
        return [b.sub(w, b.mul(velocity, half)), velocity]

    f = function("f", f"{KILO} {KILO} {KILO}", body)
    for g in (f, fuse(f)):
        plan = planned(g, (0, 1, 2))
        assert plan.donated[0] == 0 and plan.outputs == 0
    assert planned(f, (1,)).outputs == 1024


def _number(value: float) -> object:
    from diptych.ir import Constant

    return Constant(value, dtypes.f32)


def test_a_parameter_that_is_read_later_is_not_taken() -> None:
    f = function("f", f"{KILO} {KILO}", lambda b, w, g: [b.sub(w, g), b.reduce_sum(w, axes=(0,))])
    plan = planned(f, (0,))
    assert plan.donated == {}
    g = function("f", f"{KILO} {KILO}", lambda b, w, g: [b.reduce_sum(w, axes=(0,)), b.sub(w, g)])
    assert planned(g, (0,)).donated == {1: 0}


def test_a_parameter_whose_view_is_read_later_is_not_taken() -> None:
    def body(b: Builder, w: Value, g: Value) -> list[Value]:
        turned = b.reverse(w, axes=(0,))
        return [b.sub(w, g), b.exp(turned)]

    assert 0 not in planned(function("f", f"{KILO} {KILO}", body), (0,)).donated


def test_a_parameter_that_is_a_result_is_not_taken() -> None:
    f = function("f", KILO, lambda b, w: [b.exp(w), w])
    assert planned(f, (0,)).donated == {}
    g = function("f", "f32[16,16]", lambda b, w: [b.exp(w), b.transpose(w, permutation=(1, 0))])
    assert planned(g, (0,)).donated == {}


def test_a_parameter_read_elsewhere_is_not_written_in_place() -> None:
    """w - transpose(w) and matmul(w, w): not element by element."""
    turned = function("f", "f32[16,16]", lambda b, w: b.sub(w, b.transpose(w, permutation=(1, 0))))
    product = function("f", "f32[16,16]", lambda b, w: b.matmul(w, w))
    assert planned(turned, (0,)).donated == {} == planned(product, (0,)).donated


def test_a_parameter_that_was_read_before_is_taken_by_any_result() -> None:
    """And one that is never read at all."""
    f = function("f", "f32[16,16]", lambda b, w: b.matmul(b.exp(w), b.sin(w)))
    assert planned(f, (0,)).donated == {0: 0}
    g = function("f", "f32[16,16] f32[16,16]", lambda b, w, x: b.matmul(x, x))
    assert planned(g, (0,)).donated == {0: 0}


def test_types_must_be_equal() -> None:
    f = function("f", f"{KILO}", lambda b, w: b.cast(w, dtype=dtypes.i32))
    assert planned(f, (0,)).donated == {}


def test_each_buffer_is_taken_once() -> None:
    def body(b: Builder, w: Value, x: Value) -> list[Value]:
        return [b.exp(w), b.sin(w), b.neg(x), b.cos(x)]

    plan = planned(function("f", f"{KILO} {KILO}", body), (0, 1))
    assert sorted(plan.donated.values()) == [0, 1]
    assert set(plan.donated) == {1, 3}


def test_a_result_that_stands_twice_takes_one_buffer() -> None:
    def body(b: Builder, w: Value, x: Value) -> list[Value]:
        y = b.add(w, x)
        return [y, y]

    assert planned(function("f", f"{KILO} {KILO}", body), (0, 1)).donated == {0: 0}


@pytest.mark.parametrize("first, donated", [(0, {0: 0, 1: 1}), (1, {0: 0, 1: 1}), (2, {1: 0}), (4, {1: 0}), (5, {})])
def test_only_equations_from_a_place_on_write_over_parameters(first: int, donated: dict[int, int]) -> None:
    """Of w's new value, made by equation 1, and of v's, made by equation 4."""

    def body(b: Builder, w: Value, v: Value) -> list[Value]:
        new = b.sub(w, b.sin(w))
        return [new, b.add(b.exp(v), b.cos(v))]

    f = function("f", f"{KILO} {KILO}", body)
    plan = plan_memory(f, donate=(0, 1), donate_from=first)
    check_plan(f, plan, donate=(0, 1))
    assert plan.donated == donated and plan.outputs == (2 - len(donated)) * 1024


# -- groups ----


def group(types: str, body: Callable[..., object]) -> Function:
    """A function of one group, whose operands are made before it."""
    inner = function("group", types, body)
    return function("f", types, lambda b, *xs: [b.sin(y) for y in b.fused(*(b.sin(x) for x in xs), body=inner)])


def places_of(f: Function) -> int:
    return planned(f).arena // 1024


def test_groups_write_over_their_operands() -> None:
    assert places_of(group(KILO, lambda b, x: b.exp(b.neg(x)))) == 2  # the group's own temporary is the second


def test_groups_do_not_write_over_what_they_read_again() -> None:
    """x is read by the last equation, after the first result has been written."""

    def body(b: Builder, x: Value, y: Value) -> list[Value]:
        first = b.exp(x)
        return [first, b.mul(b.sin(first), x)]

    planned(group(f"{KILO} {KILO}", body))


def test_groups_do_not_write_over_what_they_read_under_another_name() -> None:
    """The identity shows x, which a later equation reads through it."""

    def body(b: Builder, x: Value) -> list[Value]:
        alias = b.identity(x)
        first = b.exp(x)
        return [first, b.mul(b.sin(first), alias)]

    planned(group(KILO, body))

    def clamped(b: Builder, x: Value, low: Value) -> Value:
        return b.neg(b.clamp(low, x, b.identity(x)))

    planned(group(f"{KILO} {KILO}", clamped))


def test_groups_do_not_write_over_what_they_repeat_or_reduce() -> None:
    def body(b: Builder, x: Value, row: Value) -> list[Value]:
        wide = b.broadcast(row, shape=(16, 16), axes=(1,))
        total = b.reduce_max(x, axes=(1,))
        y = b.sub(b.add(x, wide), b.broadcast(total, shape=(16, 16), axes=(0,)))
        return [y, total, b.neg(total)]

    planned(group("f32[16,16] f32[16]", body))


def test_groups_that_return_parameters_views_and_doubles() -> None:
    def body(b: Builder, x: Value, row: Value) -> list[Value]:
        y = b.exp(x)
        return [x, y, y, b.identity(x), b.broadcast(row, shape=(16, 16), axes=(1,)), b.neg(y)]

    planned(group("f32[16,16] f32[16]", body))


def test_a_parameter_passed_twice_is_not_written_over() -> None:
    inner = function("group", f"{KILO} {KILO}", lambda b, x, y: b.mul(b.exp(x), y))
    f = function("f", KILO, lambda b, x: b.neg(b.fused(*[b.sin(x)] * 2, body=inner)[0]))
    planned(f)


def test_groups_of_many_results_are_planned_in_linear_time() -> None:
    """4,000 results of one group, each donated a buffer that the group reads."""
    count = 4000

    def body(b: Builder, *xs: Value) -> list[Value]:
        return [b.exp(b.neg(x)) for x in xs]

    inner = function("group", " ".join(["f32[4]"] * count), body)
    f = function("f", " ".join(["f32[4]"] * count), lambda b, *xs: b.fused(*xs, body=inner))
    asked: list[Equation] = []  # an answer may need a look at all of the group

    def in_arena(equation: Equation) -> bool:
        asked.append(equation)
        return True

    plan = plan_memory(f, donate=range(count), in_arena=in_arena)
    assert plan.donated == {place: place for place in range(count)}
    assert len(asked) <= 2


# -- random programs ----

UNARY: list[Op] = [ops.sin, ops.exp, ops.neg, ops.identity, ops.stop_gradient]


def _random_function(seed: int) -> Function:
    """Elementwise equations of two dtypes, views of every kind, products, groups with odd results."""
    random = np.random.default_rng(seed)
    b = Builder("random", share=bool(random.integers(2)))
    shape = (16, 16)
    values: dict[DType, list[Value]] = {
        dtype: [b.parameter(TensorType(dtype, shape)) for _ in range(3)] for dtype in (dtypes.f32, dtypes.f64)
    }

    def pick(dtype: DType) -> Value:
        found = values[dtype]
        return found[int(random.integers(max(0, len(found) - 5), len(found)))]

    def some(dtype: DType, b: Builder, x: Value, y: Value) -> Value:
        kind = random.integers(11)
        if kind < 3:
            return b.emit(UNARY[random.integers(len(UNARY))], [x], {})[0]
        if kind < 5:
            return b.add(x, y)
        if kind == 5:
            return b.clamp(y, x, x if random.integers(2) else y)
        if kind == 6:
            return b.select(b.lt(x, y), x, y)
        if kind == 7:
            return b.transpose(x, permutation=(1, 0))
        if kind == 8:
            return b.reverse(x, axes=(0,))
        if kind == 9:
            return b.matmul(x, y)
        return b.broadcast(b.reduce_max(x, axes=(1,)), shape=shape, axes=(0,))

    for _ in range(int(random.integers(3, 40))):
        dtype = (dtypes.f32, dtypes.f64)[random.integers(2)]
        kind = random.integers(5)
        if kind == 0:
            inner = Builder("group", share=bool(random.integers(2)))
            known = [inner.parameter(TensorType(dtype, shape)) for _ in range(3)]
            for _ in range(int(random.integers(0, 6))):
                x, y = (known[random.integers(len(known))] for _ in range(2))
                if random.integers(3):
                    known.append(inner.emit(UNARY[random.integers(len(UNARY))], [x], {})[0])
                else:
                    known.append(inner.clamp(y, x, known[random.integers(len(known))]))
            results = [known[random.integers(len(known))] for _ in range(int(random.integers(1, 4)))]
            values[dtype].extend(b.fused(*(pick(dtype) for _ in range(3)), body=inner.finish(results)))
        elif kind == 1:
            other = dtypes.f64 if dtype is dtypes.f32 else dtypes.f32
            values[other].append(b.cast(pick(dtype), dtype=other))
        else:
            values[dtype].append(some(dtype, b, pick(dtype), pick(dtype)))
    every = [*values[dtypes.f32], *values[dtypes.f64]]
    return b.finish(every[random.integers(len(every))] for _ in range(int(random.integers(1, 5))))


@pytest.mark.parametrize("seed", range(150))
def test_random_functions(seed: int) -> None:
    f = _random_function(seed)
    random = np.random.default_rng(seed)
    donate = tuple(place for place in range(6) if random.integers(2))
    for g in (f, fuse(f)):
        planned(g, donate)


def test_the_model_notices_a_wrong_plan() -> None:
    """Two values that live at once, moved to one place; a plan that writes over a parameter in use."""
    f = function("f", KILO, lambda b, x: b.add(b.sin(x), b.exp(b.exp(x))))
    plan = plan_memory(f)
    wrong = MemoryPlan(dict.fromkeys(plan.slots, Slot(0, 1024)), {}, {}, {}, 1024, 1024)
    with pytest.raises(AssertionError, match="overwritten"):
        check_plan(f, wrong)
    g = function("g", KILO, lambda b, w: [b.exp(w), w])
    with pytest.raises(AssertionError, match="overwritten"):
        check_plan(g, MemoryPlan({}, {}, {}, {0: 0}, 0, 1024), donate=(0,))


def test_pieces_of_the_arena_are_joined_and_the_best_is_taken() -> None:
    free = _FreeList()
    offsets = [free.take(size) for size in (64, 128, 64, 256, 64)]
    assert offsets == [0, 64, 192, 256, 512] and free.size == 576
    free.give(Slot(64, 128))
    free.give(Slot(256, 256))
    assert free.take(128) == 64  # the smallest that fits, not the first large one
    free.give(Slot(64, 128))
    free.give(Slot(192, 64))  # joins both neighbours: 64 to 512
    assert free.by_start == {64: 448}
    assert free.take(320) == 64
    free.give(Slot(512, 64))  # the end joins what is left
    assert free.take(256) == 384 and free.size == 640  # the last piece grows
