"""Plans: sizes that a run computes itself are measured first, without a trace in the state."""

import diptych.static as tf
import numpy as np
import pytest
from diptych import Unsupported, backends


@pytest.fixture
def session():
    return tf.Session()


def test_sizes_that_the_run_computes(session):
    x = tf.placeholder(tf.int32, [None])
    n = tf.reduce_max(x)
    steps, zeros, tiled = tf.range(n), tf.zeros([n, 2]), tf.tile([[1]], tf.stack([n, 2]))
    total = tf.reduce_sum(zeros, tf.reduce_min(x))
    for values in ([0, 3, 1], [1, 2], [0, 3, 1]):
        found = session.run([steps, zeros, tiled, total], {x: values})
        size = max(values)
        assert found[0].tolist() == list(range(size)) and found[1].shape == found[2].shape == (size, 2)
        assert found[3].shape == ((2,) if min(values) == 0 else (size,))


def test_sizes_of_sizes(session):
    n = tf.placeholder_with_default(tf.reduce_sum(tf.constant([1, 2])) + 0, [])
    first = tf.range(tf.reduce_prod(tf.cast(tf.ones([n]) * 2, tf.int32)))  # 2 ** n numbers
    second = tf.zeros([tf.reduce_max(first)])
    assert session.run(second).shape == (7,) and session.run(second, {n: 2}).shape == (3,)


def test_a_variable_may_say_the_size(session):
    n = tf.Variable(2)
    session.run(n.initializer)
    zeros = tf.zeros([n])
    more = n.assign_add(1)
    assert session.run(zeros).shape == (2,)
    with tf.control_dependencies([more]):
        late = tf.zeros([n.read_value()])
    assert session.run(late).shape == (3,) and session.run(n) == 3
    assert session.run([late, more])[0].shape == (4,) and session.run(n) == 4


def test_measuring_draws_no_random_numbers(session):
    n = tf.random_uniform([], 1, 1000, tf.int32, seed=1)
    numbers = tf.range(n)
    drawn = [session.run([n, numbers]) for _ in range(3)]
    assert all(numbers.shape == (n,) for n, numbers in drawn) and len({int(n) for n, _ in drawn}) == 3
    assert [n for n, _ in drawn] == [tf.Session().run(n)] + [n for n, _ in drawn[1:]]


def test_gradients_of_measured_programs(session):
    x = tf.placeholder(tf.float32, [])
    n = tf.cast(tf.floor(x), tf.int32)
    y = tf.reduce_sum(tf.cast(tf.range(n), tf.float32) * x)
    assert session.run([y, *tf.gradients(y, x)], {x: 4.5}) == [27, 6]


def test_programs_are_kept_by_what_was_measured(session):
    x = tf.placeholder(tf.int32, [2])
    zeros = tf.zeros([tf.reduce_max(x)])
    for values in ([1, 2], [3, 1]):
        session.run(zeros, {x: values})
    before = backends.cache_statistics().misses
    for values in ([2, 1], [0, 3]):
        assert session.run(zeros, {x: values}).shape == (max(values),)
    assert backends.cache_statistics().misses == before


def test_errors_while_measuring(session):
    x = tf.placeholder(tf.int32, [2], name="x")
    zeros = tf.zeros([tf.reduce_max(x)])
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"^You must feed a value for placeholder tensor 'x'"):
        session.run(zeros)
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"^Dimension -1 must be >= 0"):
        session.run(zeros, {x: [-1, -1]})


def test_a_size_may_be_a_sum_of_many_elements(session):
    x = tf.placeholder(tf.float32, [None])
    count = tf.reduce_sum(tf.cast(x > 0, tf.int32))
    assert session.run(tf.zeros([count]), {x: np.arange(100)}).shape == (99,)


def test_large_tensors_are_no_sizes(session):
    x = tf.placeholder(tf.float32, [2000])
    zeros = tf.zeros(tf.cast(x * 2, tf.int32), name="zeros")
    with pytest.raises(Unsupported) as caught:
        session.run(zeros, {x: np.ones(2000)})
    assert caught.value.message == "zeros (Fill): a size or axis depends on what the run computes"
    assert caught.value.hint == "sizes made of shapes, constants and small tensors of integers"


# -- counts that an operation asks for ----


def test_a_count_of_elements_fed(session):
    x = tf.placeholder(tf.float32, [None])
    picked = tf.boolean_mask(x, x > 0)
    total = tf.reduce_sum(picked**2)
    for values in ([1, -2, 3], [-1, -1, -1], np.arange(5000) - 10):
        values = np.asarray(values, np.float32)
        found = session.run([picked, total, tf.gradients(total, x)[0]], {x: values})
        assert found[0].tolist() == values[values > 0].tolist()
        assert np.isclose(found[1], np.sum(values[values > 0] ** 2)) and np.array_equal(
            found[2], 2 * np.maximum(values, 0)
        )


def test_programs_are_kept_by_the_count(session):
    x = tf.placeholder(tf.float32, [3])
    rows = tf.where(x > 0)
    for values in ([1, 1, -1], [-1, -1, 1]):
        session.run(rows, {x: values})
    before = backends.cache_statistics().misses
    assert session.run(rows, {x: [1, -1, 1]}).tolist() == [[0], [2]] and session.run(
        rows, {x: [1, -1, -1]}
    ).tolist() == [[0]]
    assert backends.cache_statistics().misses == before


def test_counts_of_counts(session):
    x = tf.placeholder(tf.float32, [None])
    for _ in range(8):
        x = tf.boolean_mask(x, x > tf.reduce_min(x))
    first = x.graph.get_operations()[0].outputs[0]
    assert session.run(x, {first: np.arange(10)}).tolist() == [8, 9]
    assert session.run(x, {first: np.arange(20) * 2}).tolist() == list(range(16, 40, 2))


def test_a_count_of_random_numbers_leaves_them_as_they_are(session):
    x = tf.random_uniform([100], seed=1)
    picked = tf.boolean_mask(x, x > 0.5)
    for _ in range(3):
        drawn, found = session.run([x, picked])
        assert found.tolist() == drawn[drawn > 0.5].tolist()


def test_a_count_of_a_variable_that_the_run_changes(session):
    v = tf.Variable([1.0, -1.0])
    session.run(v.initializer)
    with tf.control_dependencies([v.assign_add([0.0, 3.0])]):
        places = tf.where(v.read_value() > 0)
    assert session.run(places).tolist() == [[0], [1]] and session.run(v).tolist() == [1, 2]


def test_a_count_inside_of_a_loop(session):
    x = tf.constant([1.0, -1.0])
    body = lambda i, total: (i + 1, total + tf.reduce_sum(tf.boolean_mask(x * total, x * total > 0)))  # noqa: E731
    loop = tf.while_loop(lambda i, total: i < 2, body, [0, tf.constant(1.0)])
    assert session.run(loop)[1] == 4.0
