"""W11: a training loop of a network 16-16-1, batch 8, SGD: what calls cost."""

import numpy as np

from benchmarks.data import normal, zeros
from benchmarks.step import Step

TITLE = "tiny training loop 16-16-1, batch 8, SGD"
WAIT = "none"


def data():
    random = np.random.default_rng(11)
    x, y = normal(random, 8, 16), normal(random, 8, 1)
    normal(random, 32)
    parameters = {
        "weight0": normal(random, 16, 16, scale=0.3),
        "bias0": zeros(16),
        "weight1": normal(random, 16, 1, scale=0.3),
        "bias1": zeros(1),
    }
    return {"x": x, "y": y, "rate": 0.01, "parameters": parameters}


def torch(run):
    given, t = data(), run.torch
    p = run.parameters(given["parameters"])

    def loss(x, y):
        hidden = t.relu(t.addmm(p["bias0"], x, p["weight0"]))
        return ((t.addmm(p["bias1"], hidden, p["weight1"]) - y) ** 2).mean()

    optimizer = t.optim.SGD(p.values(), lr=given["rate"], **run.fused)
    return run.train(loss, optimizer, given["x"], given["y"])


def tensorflow(run):
    given, tf = data(), run.tf
    x, y, p = run.input(given["x"]), run.input(given["y"]), run.variables(given["parameters"])
    hidden = tf.nn.relu(tf.matmul(x, p["weight0"]) + p["bias0"])
    loss = tf.reduce_mean((tf.matmul(hidden, p["weight1"]) + p["bias1"] - y) ** 2)
    return run.train(loss, tf.train.GradientDescentOptimizer(given["rate"]).minimize(loss))


def jax(run):
    given, relu = data(), run.jax.nn.relu

    def loss(p, x, y):
        hidden = relu(x @ p["weight0"] + p["bias0"])
        return ((hidden @ p["weight1"] + p["bias1"] - y) ** 2).mean()

    return run.train(loss, given["parameters"], run.sgd(given["rate"]), given["x"], given["y"])


def numpy():
    given = data()
    x, y, rate = given["x"], given["y"], np.float32(given["rate"])
    weight0, bias0, weight1, bias1 = given["parameters"].values()

    def run():
        hidden = np.maximum(x @ weight0 + bias0, 0)
        error = hidden @ weight1 + bias1 - y
        loss = (error * error).mean()
        d_error = error * np.float32(2 / len(x))
        d_hidden = (d_error @ weight1.T) * (hidden > 0)
        np.subtract(weight1, rate * (hidden.T @ d_error), out=weight1)
        np.subtract(bias1, rate * d_error.sum(0), out=bias1)
        np.subtract(weight0, rate * (x.T @ d_hidden), out=weight0)
        np.subtract(bias0, rate * d_hidden.sum(0), out=bias0)
        return loss

    return Step(run)
