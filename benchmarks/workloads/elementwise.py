"""W5: an elementwise chain of 11 operations with a sum at its end."""

import numpy as np

from benchmarks.data import normal
from benchmarks.step import Step

TITLE = "tanh(a x + b) sigmoid(x) + relu(x - c), summed, {size:,} elements"
WAIT = "ready"
A, B, C = 1.3, 0.1, 0.2


def data(size):
    return normal(np.random.default_rng(5), size)


def torch(run, size):
    t = run.torch
    return run.infer(lambda x: (t.tanh(x * A + B) * t.sigmoid(x) + t.relu(x - C)).sum(), data(size))


def tensorflow(run, size):
    tf, x = run.tf, run.input(data(size))
    return run.infer(tf.reduce_sum(tf.tanh(x * A + B) * tf.sigmoid(x) + tf.nn.relu(x - C)))


def jax(run, size):
    jnp, nn = run.jax.numpy, run.jax.nn
    return run.infer(lambda x: (jnp.tanh(x * A + B) * nn.sigmoid(x) + nn.relu(x - C)).sum(), data(size))


def numpy(size):
    x = data(size)
    a, b, c, half = (np.float32(value) for value in (A, B, C, 0.5))

    def run():
        sigmoid = np.tanh(x * half) * half + half
        return (np.tanh(x * a + b) * sigmoid + np.maximum(x - c, 0)).sum()

    return Step(run)
