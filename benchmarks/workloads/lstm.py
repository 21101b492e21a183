"""W6: an LSTM over 32 steps, batch 32, 64 -> 128, the loss on its last state, SGD."""

import numpy as np

from benchmarks.data import normal, zeros
from benchmarks.step import Step

TITLE = "LSTM, 32 steps, batch 32, 64 -> 128, SGD"
WAIT = "none"
STEPS, BATCH, HIDDEN, INPUT, RATE = 32, 32, 128, 64, 5.0


def data():
    """Gates stand in the order input, forget, candidate, output."""
    random = np.random.default_rng(6)
    x, y = normal(random, STEPS, BATCH, INPUT), normal(random, BATCH, HIDDEN, scale=0.5)
    parameters = {
        "from_input": normal(random, INPUT, 4 * HIDDEN, scale=0.1),
        "from_state": normal(random, HIDDEN, 4 * HIDDEN, scale=0.08),
        "bias": zeros(4 * HIDDEN),
    }
    return {"x": x, "y": y, "parameters": parameters}


def torch(run):
    given, t = data(), run.torch
    p = run.parameters(given["parameters"])

    def loss(x, y):
        h = c = t.zeros(BATCH, HIDDEN)
        for step in range(STEPS):
            gates = t.addmm(t.addmm(p["bias"], x[step], p["from_input"]), h, p["from_state"])
            i, f, g, o = gates.chunk(4, 1)
            c = t.sigmoid(f) * c + t.sigmoid(i) * t.tanh(g)
            h = t.sigmoid(o) * t.tanh(c)
        return ((h - y) ** 2).mean()

    return run.train(loss, t.optim.SGD(p.values(), lr=RATE, **run.fused), given["x"], given["y"])


def tensorflow(run):
    given, tf = data(), run.tf
    x, y, p = run.input(given["x"]), run.input(given["y"]), run.variables(given["parameters"])
    h = c = tf.zeros([BATCH, HIDDEN])
    for step in range(STEPS):
        gates = tf.matmul(x[step], p["from_input"]) + tf.matmul(h, p["from_state"]) + p["bias"]
        i, f, g, o = tf.split(gates, 4, 1)
        c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
        h = tf.sigmoid(o) * tf.tanh(c)
    loss = tf.reduce_mean((h - y) ** 2)
    return run.train(loss, tf.train.GradientDescentOptimizer(RATE).minimize(loss))


def jax(run):
    given, jnp, nn = data(), run.jax.numpy, run.jax.nn

    def loss(p, x, y):
        h = c = jnp.zeros((BATCH, HIDDEN))
        for step in range(STEPS):
            gates = x[step] @ p["from_input"] + h @ p["from_state"] + p["bias"]
            i, f, g, o = jnp.split(gates, 4, 1)
            c = nn.sigmoid(f) * c + nn.sigmoid(i) * jnp.tanh(g)
            h = nn.sigmoid(o) * jnp.tanh(c)
        return ((h - y) ** 2).mean()

    return run.train(loss, given["parameters"], run.sgd(RATE), given["x"], given["y"])


def numpy():
    given = data()
    x, y = given["x"], given["y"]
    from_input, from_state, bias = given["parameters"].values()
    rate, half = np.float32(RATE), np.float32(0.5)

    def run():
        h = c = np.zeros((BATCH, HIDDEN), np.float32)
        projected = (x.reshape(-1, INPUT) @ from_input + bias).reshape(STEPS, BATCH, -1)
        kept = []
        for step in range(STEPS):
            gates = projected[step] + h @ from_state
            i, f, g, o = np.split(gates, 4, 1)
            i, f, o = (np.tanh(gate * half) * half + half for gate in (i, f, o))
            g = np.tanh(g)
            before = c
            c = f * c + i * g
            tanh = np.tanh(c)
            kept.append((h, before, i, f, g, o, tanh))
            h = o * tanh
        error = h - y
        loss = (error * error).mean()
        dh, dc = error * np.float32(2 / error.size), np.zeros_like(c)
        d_gates = np.empty((STEPS, BATCH, 4 * HIDDEN), np.float32)
        for step in reversed(range(STEPS)):
            _, before, i, f, g, o, tanh = kept[step]
            dc = dc + dh * o * (1 - tanh * tanh)
            d = d_gates[step]
            d[:, :HIDDEN] = dc * g * i * (1 - i)
            d[:, HIDDEN : 2 * HIDDEN] = dc * before * f * (1 - f)
            d[:, 2 * HIDDEN : 3 * HIDDEN] = dc * i * (1 - g * g)
            d[:, 3 * HIDDEN :] = dh * tanh * o * (1 - o)
            dc = dc * f
            dh = d @ from_state.T
        flat = d_gates.reshape(STEPS * BATCH, -1)
        states = np.concatenate([each[0] for each in kept])
        np.subtract(from_input, rate * (x.reshape(-1, INPUT).T @ flat), out=from_input)
        np.subtract(from_state, rate * (states.T @ flat), out=from_state)
        np.subtract(bias, rate * flat.sum(0), out=bias)
        return loss

    return Step(run)
