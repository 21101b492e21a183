"""Random operations: streams, seeds, shapes."""

import diptych.static as tf
import numpy as np
import pytest


def _twice(*tensors):
    with tf.Session() as session:
        return session.run(list(tensors)), session.run(list(tensors))


def _build(graph_seed, op_seed):
    tf.reset_default_graph()
    if graph_seed is not None:
        tf.set_random_seed(graph_seed)
    return [tf.random_normal([4], seed=op_seed), tf.random_uniform([4], seed=op_seed)]


def test_each_run_goes_on():
    (first,), (second,) = _twice(tf.random_normal([100]))
    assert np.intersect1d(first, second).size == 0


@pytest.mark.parametrize(("graph_seed", "op_seed"), [(1, None), (None, 2), (1, 2), (0, 0)])
def test_seeds_repeat(graph_seed, op_seed):
    runs = [_twice(*_build(graph_seed, op_seed)) for _ in range(2)]
    for one, other in zip(runs[0], runs[1], strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_without_seeds_sessions_differ():
    x = tf.random_normal([4])
    assert not np.array_equal(tf.Session().run(x), tf.Session().run(x))


def test_operations_differ():
    tf.set_random_seed(1)
    a, b = tf.random_normal([4]), tf.random_normal([4])
    (x, y), _ = _twice(a, b)
    assert not np.array_equal(x, y)
    c, d = tf.random_normal([4], seed=5), tf.random_normal([4], seed=5)
    (x, y), _ = _twice(c, d)
    assert np.array_equal(x, y)


def test_seeds_of_the_graph_and_the_operation():
    assert tf.get_seed(None) == (None, None) and tf.get_seed(3) == (87654321, 3)
    most = 2**31 - 1  # seeds are taken modulo this
    assert tf.get_seed(-1) == (87654321, most - 1) and tf.get_seed(most) == (87654321, 0)
    assert tf.get_seed(2**40) == (87654321, 512)
    tf.set_random_seed(0)
    tf.no_op()
    assert tf.get_seed(None) == (0, 1) and tf.get_seed(0) == (0, 2**31 - 1)


def test_one_draw_a_run():
    x = tf.random_uniform([3])
    same = x + 0.0, x + 0.0
    (a, b), _ = _twice(*same)
    assert np.array_equal(a, b)


def test_distributions():
    normal = tf.random_normal([5000], mean=2.0, stddev=3.0)
    cut = tf.truncated_normal([5000], mean=2.0, stddev=3.0)
    uniform = tf.random_uniform([5000], -1.0, 3.0)
    whole = tf.random_uniform([5000], 2, 5, tf.int32)
    wide = tf.random_normal([5000], dtype=tf.float64)
    (a, b, c, d, e), _ = _twice(normal, cut, uniform, whole, wide)
    assert abs(a.mean() - 2) < 0.2 and abs(a.std() - 3) < 0.15
    assert np.abs(b - 2).max() <= 6 and b.std() < a.std()
    assert -1 <= c.min() < -0.95 and 2.95 < c.max() < 3
    assert set(d.tolist()) == {2, 3, 4} and d.dtype == np.int32 and e.dtype == np.float64


def test_shapes_may_be_tensors():
    x = tf.placeholder(tf.float32, [None, 3])
    noise = tf.random_normal(tf.shape(x))
    assert noise.shape.as_list() == [None, 3]
    with tf.Session() as session:
        assert session.run(noise, {x: np.zeros((5, 3))}).shape == (5, 3)


def test_refusals():
    with pytest.raises(ValueError, match=r"^Must specify maxval for integer dtype tf.int32$"):
        tf.random_uniform([2], dtype=tf.int32)
    with pytest.raises(TypeError, match=r"^seed is 'a' but must be an integer or None$"):
        tf.random_normal([2], seed="a")


def test_classes():
    logits = tf.log([[0.1, 0.2, 0.7], [0.5, 0.5, 0.0]])
    drawn, chosen = tf.multinomial(logits, 4000), tf.random.categorical(logits, 1, dtype=tf.int32, seed=3)
    assert (drawn.name, drawn.dtype, drawn.shape.as_list()) == ("multinomial/Multinomial:0", tf.int64, [2, 4000])
    assert (chosen.name, chosen.dtype) == ("categorical/Multinomial:0", tf.int32)
    (a, _), (again, _) = _twice(drawn, chosen)
    shares = [np.bincount(row, minlength=3) / 4000 for row in a]
    np.testing.assert_allclose(shares, [[0.1, 0.2, 0.7], [0.5, 0.5, 0]], atol=0.04)
    assert not np.array_equal(a, again)
    assert tf.multinomial(tf.placeholder(tf.float32, [None, 3]), 1).shape.as_list() == [None, 1]


def test_orders_and_crops():
    order = tf.random_shuffle(tf.range(50))
    crop = tf.random_crop(
        np.arange(64).reshape(8, 8), [3, 2], seed=5
    )  # one of 42 places: without a seed, twice the same
    x = tf.constant([1.0, 2.0])
    slope = tf.gradients(tf.random_shuffle(x) * 3, x)[0]
    (a, b, c), (again, other, _) = _twice(order, crop, slope)
    assert sorted(a) == list(range(50)) and not np.array_equal(a, again) and not np.array_equal(b, other)
    assert np.array_equal(b - b[0, 0], np.arange(3)[:, None] * 8 + np.arange(2)) and c.tolist() == [3, 3]


def test_gamma_and_poisson():
    gamma = tf.random_gamma([4000], [2.0, 5.0], beta=[1.0, 2.0])
    poisson = tf.random_poisson([1.0, 30.0], [4000], dtype=tf.int32)
    assert gamma.shape.as_list() == poisson.shape.as_list() == [4000, 2] and poisson.dtype is tf.int32
    (a, b), _ = _twice(gamma, poisson)
    np.testing.assert_allclose(a.mean(0), [2, 2.5], rtol=0.1)
    np.testing.assert_allclose(b.mean(0), [1, 30], rtol=0.1)
    assert tf.gradients(gamma, tf.constant(1.0)) == [None]


def test_stateless_numbers():
    made = [
        tf.random.stateless_uniform([100], [1, 2]),
        tf.random.stateless_normal([100], [1, -2], mean=5.0),
        tf.random.stateless_truncated_normal([100], [1, 2]),
        tf.random.stateless_uniform([100], [1, 2], 3, 6, tf.int32),
        tf.random.stateless_categorical(tf.log([[0.5, 0.5]]), 100, [1, 2]),
    ]
    first, second = _twice(*made)
    assert all(map(np.array_equal, first, second))
    assert first[0].min() >= 0 and 4 < first[1].mean() < 6 and abs(first[2]).max() <= 2
    assert set(first[3]) == {3, 4, 5} and set(first[4][0]) == {0, 1}
    other = tf.Session().run(tf.random.stateless_uniform([100], [2, 2]))
    assert not np.array_equal(first[0], other)


def test_small_integers_are_sizes():
    count = np.max(np.array([1, 2], np.uint8)) + 1
    assert tf.Session().run(tf.truncated_normal([4, count])).shape == (4, 3)
