"""Three models and three optimizers as TensorFlow-1 code, run by diptych and by the real framework alike: `tf` is either.

Data: batches of 32 of the first 256 training digits, in order, again and again.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np

STEPS, BATCH, COUNT = 50, 32, 256
SIZES = {"softmax": (784, 10), "relu network": (784, 64, 10), "tanh network": (784, 64, 32, 10)}
DIGITS = Path(__file__).parent.parent.parent / "examples" / "data" / "mnist_5k.npz"


def digits() -> tuple[np.ndarray, np.ndarray]:
    """(images [256, 784] in [0, 1], labels [256])."""
    with np.load(DIGITS, allow_pickle=False) as data:
        images = data["images"][:COUNT].reshape(COUNT, 784).astype(np.float32) / np.float32(255)
        return images, data["labels"][:COUNT].astype(np.int64)


def initial(model: str) -> list[np.ndarray]:
    """Weights and biases, layer by layer, from a fixed seed."""
    random = np.random.default_rng(7)
    found: list[np.ndarray] = []
    sizes = SIZES[model]
    for inputs, outputs in itertools.pairwise(sizes):
        found.append((random.standard_normal((inputs, outputs)) / np.sqrt(inputs)).astype(np.float32))
        found.append((random.standard_normal(outputs) * 0.1).astype(np.float32))
    return found


def optimizer(tf: Any, name: str) -> Any:
    """One of the three optimizers."""
    return {
        "descent": lambda: tf.train.GradientDescentOptimizer(0.1),
        "momentum": lambda: tf.train.MomentumOptimizer(0.05, 0.9),
        "adam": lambda: tf.train.AdamOptimizer(0.003),
    }[name]()


OPTIMIZERS = ("descent", "momentum", "adam")


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
            places = np.arange(step * BATCH, (step + 1) * BATCH) % COUNT
            # the loss of the weights before the step: fetched alone, since the order in one run is not fixed
            losses.append(session.run(loss, {x: images[places], t: labels[places]}))
            session.run(update, {x: images[places], t: labels[places]})
    return np.array(losses, np.float32)
