"""The program of softmax regression that must run as it is written."""

import diptych.static as tf
import numpy as np


def _digits(count, seed=0):
    """Ten noisy patterns of 784 pixels, and their classes."""
    rng = np.random.default_rng(seed)
    patterns = (np.random.default_rng(1).random((10, 784)) < 0.2).astype(np.float32)
    labels = rng.integers(0, 10, count)
    return patterns[labels] * rng.random((count, 784)).astype(np.float32), np.eye(10, dtype=np.float32)[labels]


def test_it_runs_and_learns():
    x_train, y_train = _digits(400)
    tf.set_random_seed(1)
    x = tf.placeholder(tf.float32, shape=[None, 28*28])  # fmt: skip
    W = tf.Variable(tf.random_normal([28*28, 10]))  # fmt: skip
    b = tf.Variable(tf.zeros([10]))
    y = tf.matmul(x, W) + b
    y_train_placeholder = tf.placeholder(tf.float32, shape=[None, 10])
    loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels=y_train_placeholder, logits=y))
    optimizer = tf.train.GradientDescentOptimizer(learning_rate=0.01).minimize(loss)
    init = tf.global_variables_initializer()
    sess = tf.Session()
    sess.run(init)
    before = sess.run(loss, feed_dict={x: x_train, y_train_placeholder: y_train})
    for _ in range(1000):
        sess.run(optimizer, feed_dict={x: x_train, y_train_placeholder: y_train})
    accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(y, 1), tf.argmax(y_train, 1)), tf.float32))
    assert sess.run(loss, feed_dict={x: x_train, y_train_placeholder: y_train}) < before / 10
    assert accuracy.eval({x: x_train}, session=sess) > 0.8


def test_its_steps_are_those_of_plain_numpy():
    x_train, y_train = _digits(50)
    x, target = tf.placeholder(tf.float32, [None, 784]), tf.placeholder(tf.float32, [None, 10])
    w = tf.Variable(tf.random_normal([784, 10], seed=3))
    b = tf.Variable(tf.zeros([10]))
    logits = tf.matmul(x, w) + b
    loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels=target, logits=logits))
    step = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        weights, bias = (value.astype(np.float64) for value in session.run([w, b]))
        for _ in range(20):
            session.run(step, {x: x_train, target: y_train})
            scores = x_train @ weights + bias
            p = np.exp(scores - scores.max(1, keepdims=True))
            slope = (p / p.sum(1, keepdims=True) - y_train) / 50
            weights, bias = weights - 0.5 * x_train.T @ slope, bias - 0.5 * slope.sum(0)
        found = session.run([w, b])
    np.testing.assert_allclose(found[0], weights, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found[1], bias, rtol=1e-4, atol=1e-5)
