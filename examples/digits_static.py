"""Digits the TensorFlow-1 way: build a graph, then run it in a session.

python examples/digits_static.py
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import diptych.static as tf
import numpy as np
from digits import Digits, batches, load

BATCH, EPOCHS = 100, 25
Steps = Callable[[Iterable[Digits]], Iterable[Digits]]  # a progress bar around the steps


def softmax_logits(x: tf.Tensor) -> tf.Tensor:
    """784-10, from zeros."""
    W = tf.Variable(tf.zeros([784, 10]), name="W")
    b = tf.Variable(tf.zeros([10]), name="b")
    return tf.matmul(x, W) + b


def network_logits(x: tf.Tensor) -> tf.Tensor:
    """784-256-10."""
    W1 = tf.Variable(tf.truncated_normal([784, 256], stddev=0.05, seed=1), name="W1")
    b1 = tf.Variable(tf.zeros([256]), name="b1")
    W2 = tf.Variable(tf.truncated_normal([256, 10], stddev=0.05, seed=2), name="W2")
    b2 = tf.Variable(tf.zeros([10]), name="b2")
    return tf.matmul(tf.nn.relu(tf.matmul(x, W1) + b1), W2) + b2


def train(model: Callable[[tf.Tensor], tf.Tensor], rate: float, steps: Steps = iter) -> float:
    """The test accuracy, from 0 to 1, after EPOCHS epochs of gradient descent."""
    training, test = load()
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, shape=[None, 784], name="x")
        labels = tf.placeholder(tf.int64, shape=[None], name="labels")
        logits = model(x)
        loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))
        update = tf.train.GradientDescentOptimizer(rate).minimize(loss)
        accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(logits, 1), labels), tf.float32))

        session.run(tf.global_variables_initializer())
        for batch in steps(list(batches(training, BATCH, EPOCHS))):
            session.run([loss, update], {x: batch.images, labels: batch.labels})
        return float(np.asarray(session.run(accuracy, {x: test.images, labels: test.labels})))


if __name__ == "__main__":
    print(f"softmax regression  {train(softmax_logits, 0.2):.3f}")
    print(f"network             {train(network_logits, 0.2):.3f}")
