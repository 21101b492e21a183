"""H5: softmax, columns scaled to mean 0 and variance 1, largest and summed elements of a matrix in double precision."""

import numpy as np

TITLE = "softmax, normalization and reductions of a matrix 1237 x 631 in double precision"
WAIT = "ready"
ROWS, COLUMNS = 1237, 631


def data():
    return np.random.default_rng(25).standard_normal((ROWS, COLUMNS))


def torch(run):
    t = run.torch

    def function(x):
        weights = t.softmax(x * 1.7, 1)
        centred = x - x.mean(0)
        scaled = centred / t.sqrt((centred * centred).mean(0) + 1e-6)
        bell = t.exp(-0.5 * scaled * scaled)
        rows = t.logsumexp(scaled, 1) + t.amax(t.abs(x), 1)
        return (weights * bell).sum() + rows.mean() - t.log1p(bell).mean()

    return run.infer(function, data())


def tensorflow(run):
    tf, x = run.tf, run.input(data())
    weights = tf.nn.softmax(x * 1.7)
    centred = x - tf.reduce_mean(x, 0)
    scaled = centred / tf.sqrt(tf.reduce_mean(centred * centred, 0) + 1e-6)
    bell = tf.exp(-0.5 * scaled * scaled)
    rows = tf.reduce_logsumexp(scaled, 1) + tf.reduce_max(tf.abs(x), 1)
    return run.infer(tf.reduce_sum(weights * bell) + tf.reduce_mean(rows) - tf.reduce_mean(tf.math.log1p(bell)))


def jax(run):
    run.jax.config.update("jax_enable_x64", True)
    jnp, nn = run.jax.numpy, run.jax.nn

    def function(x):
        weights = nn.softmax(x * 1.7, 1)
        centred = x - x.mean(0)
        scaled = centred / jnp.sqrt((centred * centred).mean(0) + 1e-6)
        bell = jnp.exp(-0.5 * scaled * scaled)
        rows = nn.logsumexp(scaled, 1) + jnp.abs(x).max(1)
        return (weights * bell).sum() + rows.mean() - jnp.log1p(bell).mean()

    return run.infer(function, data())
