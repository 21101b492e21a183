"""H1: a perceptron 301-187-93-11 with batch normalization and dropout, batch 37, SGD with momentum.

What dropout keeps is decided by numbers that are given, so that all frameworks drop the same.
"""

import numpy as np

from benchmarks.data import normal, ones, zeros

TITLE = "perceptron 301-187-93-11, batch norm, dropout, batch 37, momentum"
WAIT = "none"
SIZES, BATCH, RATE, MOMENTUM, KEPT = (301, 187, 93, 11), 37, 0.05, 0.9, 0.75


def data():
    random = np.random.default_rng(21)
    p = {}
    for layer in range(3):
        fan_in, fan_out = SIZES[layer], SIZES[layer + 1]
        p[f"weight{layer}"], p[f"bias{layer}"] = normal(random, fan_in, fan_out, scale=fan_in**-0.5), zeros(fan_out)
        if layer < 2:
            p[f"norm{layer}"], p[f"shift{layer}"] = ones(fan_out), zeros(fan_out)
    noise = [random.random((BATCH, size), np.float32) for size in SIZES[1:3]]
    return {"x": normal(random, BATCH, 301), "y": random.integers(0, 11, BATCH), "noise": noise, "parameters": p}


def torch(run):
    given, F = data(), run.torch.nn.functional
    p = run.parameters(given["parameters"], [f"weight{layer}" for layer in range(3)])
    optimizer = run.torch.optim.SGD(p.values(), lr=RATE, momentum=MOMENTUM, **run.fused)

    def loss(x, y, *noise):
        h = x
        for layer in range(2):
            h = F.linear(h, p[f"weight{layer}"], p[f"bias{layer}"])
            h = F.relu(F.batch_norm(h, None, None, p[f"norm{layer}"], p[f"shift{layer}"], training=True, eps=1e-5))
            h = h * (noise[layer] < KEPT) / KEPT
        return F.cross_entropy(F.linear(h, p["weight2"], p["bias2"]), y)

    return run.train(loss, optimizer, given["x"], given["y"], *given["noise"])


def tensorflow(run):
    given, tf = data(), run.tf
    h, y, p = run.input(given["x"]), run.input(given["y"]), run.variables(given["parameters"])
    for layer in range(2):
        h = tf.matmul(h, p[f"weight{layer}"]) + p[f"bias{layer}"]
        mean, variance = tf.nn.moments(h, [0])
        h = tf.nn.relu(tf.nn.batch_normalization(h, mean, variance, p[f"shift{layer}"], p[f"norm{layer}"], 1e-5))
        h = h * tf.cast(run.input(given["noise"][layer]) < KEPT, tf.float32) / KEPT
    logits = tf.matmul(h, p["weight2"]) + p["bias2"]
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits))
    return run.train(loss, tf.train.MomentumOptimizer(RATE, MOMENTUM).minimize(loss))


def jax(run):
    given, lax, relu = data(), run.jax.lax, run.jax.nn.relu

    def loss(p, x, y, *noise):
        h = x
        for layer in range(2):
            h = h @ p[f"weight{layer}"] + p[f"bias{layer}"]
            centred = h - h.mean(0)
            h = centred * lax.rsqrt((centred * centred).mean(0) + 1e-5) * p[f"norm{layer}"] + p[f"shift{layer}"]
            h = relu(h) * (noise[layer] < KEPT) / KEPT
        return run.cross_entropy(h @ p["weight2"] + p["bias2"], y)

    optimizer = run.momentum(given["parameters"], RATE, MOMENTUM)
    return run.train(loss, given["parameters"], optimizer, given["x"], given["y"], *given["noise"])
