"""W1: softmax regression 784-10, batch 128, SGD."""

import numpy as np

from benchmarks.data import normal, zeros
from benchmarks.peers.numpy_steps import cross_entropy
from benchmarks.step import Step

TITLE = "softmax regression 784-10, batch 128, SGD"
WAIT = "value"


def data():
    random = np.random.default_rng(1)
    x, y = normal(random, 128, 784), random.integers(0, 10, 128)
    parameters = {"weight": normal(random, 784, 10, scale=0.01), "bias": zeros(10)}
    return {"x": x, "y": y, "rate": 0.01, "parameters": parameters}


def torch(run):
    given, F = data(), run.torch.nn.functional
    p = run.parameters(given["parameters"], ["weight"])
    optimizer = run.torch.optim.SGD(p.values(), lr=given["rate"])
    return run.train(
        lambda x, y: F.cross_entropy(F.linear(x, p["weight"], p["bias"]), y), optimizer, given["x"], given["y"]
    )


def tensorflow(run):
    given, tf = data(), run.tf
    x, y, p = run.input(given["x"]), run.input(given["y"]), run.variables(given["parameters"])
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=tf.matmul(x, p["weight"]) + p["bias"])
    loss = tf.reduce_mean(losses)
    return run.train(loss, tf.train.GradientDescentOptimizer(given["rate"]).minimize(loss))


def jax(run):
    given = data()

    def loss(p, x, y):
        return run.cross_entropy(x @ p["weight"] + p["bias"], y)

    return run.train(loss, given["parameters"], run.sgd(given["rate"]), given["x"], given["y"])


def numpy():
    given = data()
    x, y, rate = given["x"], given["y"], np.float32(given["rate"])
    weight, bias = given["parameters"].values()

    def run():
        logits = x @ weight + bias
        loss, d_logits = cross_entropy(logits, y)
        np.subtract(weight, rate * (x.T @ d_logits), out=weight)
        np.subtract(bias, rate * d_logits.sum(0), out=bias)
        return loss

    return Step(run)
