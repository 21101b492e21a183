"""Sessions on the other backends."""

from collections.abc import Iterator

import diptych.static as tf
import numpy as np
import pytest
from diptych.backends import settings


@pytest.fixture(params=["reference", "jax"])
def backend(request: pytest.FixtureRequest) -> Iterator[str]:
    """One of the backends, as the setting of the process."""
    before = settings.settings().backend
    settings.configure(backend=request.param)
    yield request.param
    settings.configure(backend=before)


def _trained():
    tf.reset_default_graph()
    tf.set_random_seed(1)
    x, y = tf.placeholder(tf.float32, [None, 3]), tf.placeholder(tf.int32, [None])
    w = tf.Variable(tf.random_normal([3, 4], seed=2))
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=tf.matmul(x, w)))
    step = tf.train.AdamOptimizer(0.1).minimize(loss)
    fed = {x: np.random.default_rng(0).normal(size=(5, 3)), y: [0, 1, 2, 3, 0]}
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        losses = [session.run([loss, step], fed)[0] for _ in range(5)]
        weights = session.run(w)
        kept = weights.copy()
        session.run(step, fed)
    weights[0, 0] = 9
    assert np.array_equal(weights[1:], kept[1:])
    return np.array(losses), kept


def test_the_same_numbers(backend):
    found = _trained()
    settings.configure(backend="numpy")
    for one, other in zip(found, _trained(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5)


def test_what_is_fed_may_be_written_over_at_once(backend):
    tf.reset_default_graph()
    x = tf.placeholder(tf.float32, [None, None])
    kept = tf.Variable(tf.zeros([1200, 1200]))
    step = tf.assign(kept, tf.matmul(tf.matmul(x, x), x)).op
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for _ in range(2):  # the first run waits for the compiler
            fed = np.ones((1200, 1200), np.float32)
            session.run(step, {x: fed})
            fed[...] = 0
            found = session.run(kept)
            assert found.min() == found.max() == 1200**2
