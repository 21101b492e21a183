"""Elements of values known before a run: numbers, and named dimensions."""

import numpy as np
from diptych.ir import Builder, Constant, TensorType, dtypes, named
from diptych.static.graphs.knowledge import Knowledge, is_symbolic


def _constant(b, *numbers):
    return b.constant(value=Constant(np.array(numbers, np.int32)))


def _knowledge(b, **options):
    return Knowledge(b, lambda parameter: None, **options)


def test_numbers_are_computed():
    b = Builder(share=False)
    x, y = _constant(b, 6, 7), _constant(b, 4, 2)
    found = _knowledge(b).of(b.floor_div(b.mul(x, y), b.max(x, y)))
    assert found.tolist() == [4, 2] and not is_symbolic(found)


def test_sizes_are_names():
    b, batch = Builder(share=False), named("batch")
    size = b.reshape(b.dimension(size=batch, dtype=dtypes.i32), shape=(1,))
    vector = b.concatenate(size, _constant(b, 3), axis=0)
    doubled = b.add(vector, b.mul(vector, _constant(b, 2, 2)))
    knowledge = _knowledge(b)
    assert knowledge.of(doubled).tolist() == [batch * 3, 9]
    assert knowledge.of(b.reduce_prod(vector, axes=(0,))).item() == batch * 3
    assert knowledge.of(b.reverse(vector, axes=(0,))).tolist() == [3, batch]
    rest = knowledge.of(b.slice(doubled, start=(1,), limit=(2,), stride=(1,)))
    assert rest.tolist() == [9] and not is_symbolic(rest)


def test_differences_of_unknown_numbers():
    b = Builder(share=False)
    n = b.parameter(TensorType(dtypes.i32))
    three = b.constant(value=Constant(3, dtypes.i32))
    knowledge = _knowledge(b)
    assert knowledge.of(b.sub(b.add(n, three), n)).item() == 3
    assert is_symbolic(knowledge.of(n)) and is_symbolic(knowledge.of(b.max(n, three)))
    assert _knowledge(b, symbolic=False).of(n) is None


def test_numbers_are_compared_where_names_do_not_matter():
    b = Builder(share=False)
    n = b.parameter(TensorType(dtypes.i32))
    more = b.add(n, b.constant(value=Constant(2, dtypes.i32)))
    knowledge = _knowledge(b)
    assert [knowledge.of(found).item() for found in (b.lt(n, more), b.gt(n, more), b.le(n, n), b.ge(n, more))] == [
        True, False, True, False,
    ]  # fmt: skip
    assert knowledge.of(b.sub(b.max(n, more), b.min(more, n))).item() == 2
    assert knowledge.of(b.sub(b.select(b.lt(more, n), more, n), n)).item() == 0
    zero = b.constant(value=Constant(0, dtypes.i32))
    assert knowledge.of(b.lt(zero, n)) is None  # n may be negative


def test_large_values_and_floats_are_not_looked_at():
    b = Builder(share=False)
    x = b.parameter(TensorType(dtypes.f32, (1000, 1000)))
    assert _knowledge(b).of(b.exp(x)) is None
    assert is_symbolic(_knowledge(b).of(b.argmax(b.exp(x), axis=0, dtype=dtypes.i32)))


def test_a_chain_20_000_long():
    b = Builder(share=False)
    b.find_location = False
    n = b.parameter(TensorType(dtypes.i32))
    one = b.constant(value=Constant(1, dtypes.i32))
    total = n
    for _ in range(20_000):
        total = b.add(total, one)
    assert _knowledge(b).of(b.sub(total, n)).item() == 20_000


def test_parameters_that_a_value_depends_on():
    b = Builder(share=False)
    n, m = (b.parameter(TensorType(dtypes.i32)) for _ in range(2))
    knowledge = Knowledge(b, lambda parameter: np.int32(4), symbolic=False)
    total = b.add(n, n)
    b.add(total, m)
    assert knowledge.of(total) == 8 and knowledge.parameters_of(total) == {n}
