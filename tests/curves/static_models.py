"""Three models and three optimizers as TensorFlow-1 code, run by diptych and by the real framework alike: `tf` is either."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.curves.problem import STEPS, digits, initial, places


def optimizer(tf: Any, name: str) -> Any:
    """One of the three optimizers."""
    return {
        "descent": lambda: tf.train.GradientDescentOptimizer(0.1),
        "momentum": lambda: tf.train.MomentumOptimizer(0.05, 0.9),
        "adam": lambda: tf.train.AdamOptimizer(0.003),
    }[name]()


def curve(tf: Any, model: str, optimizer_name: str) -> np.ndarray:
    """The losses of 50 steps, float32 [50]."""
    images, labels = digits()
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [None, 784])
        t = tf.placeholder(tf.int64, [None])
        activation = tf.tanh if model.startswith("tanh") else tf.nn.relu
        weights = [tf.Variable(array) for array in initial(model)]
        h = x
        for layer in range(0, len(weights), 2):
            h = tf.matmul(h if not layer else activation(h), weights[layer]) + weights[layer + 1]
        loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=t, logits=h))
        update = optimizer(tf, optimizer_name).minimize(loss)
        session.run(tf.global_variables_initializer())
        losses = []
        for step in range(STEPS):
            feeds = {x: images[places(step)], t: labels[places(step)]}
            # the loss of the weights before the step: fetched alone, since the order in one run is not fixed
            losses.append(session.run(loss, feeds))
            session.run(update, feeds)
    return np.array(losses, np.float32)
