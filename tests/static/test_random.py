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
