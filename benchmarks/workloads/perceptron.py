"""W2: a multi-layer perceptron 784-512-512-10, batch 128, Adam."""

import numpy as np

from benchmarks.data import normal, zeros
from benchmarks.peers.numpy_steps import Adam, cross_entropy
from benchmarks.step import Step

TITLE = "perceptron 784-512-512-10, batch 128, Adam"
WAIT = "none"
SIZES = (784, 512, 512, 10)
ADAM = {"rate": 1e-4, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}


def data():
    random = np.random.default_rng(2)
    parameters = {}
    for layer in range(3):
        fan_in, fan_out = SIZES[layer], SIZES[layer + 1]
        parameters[f"weight{layer}"] = normal(random, fan_in, fan_out, scale=(2 / fan_in) ** 0.5)
        parameters[f"bias{layer}"] = zeros(fan_out)
    return {"x": normal(random, 128, 784), "y": random.integers(0, 10, 128), "parameters": parameters, **ADAM}


def torch(run):
    given, F = data(), run.torch.nn.functional
    p = run.parameters(given["parameters"], [f"weight{layer}" for layer in range(3)])
    betas = given["beta1"], given["beta2"]
    optimizer = run.torch.optim.Adam(p.values(), lr=given["rate"], betas=betas, eps=given["epsilon"], **run.fused)

    def loss(x, y):
        hidden = F.relu(F.linear(x, p["weight0"], p["bias0"]))
        hidden = F.relu(F.linear(hidden, p["weight1"], p["bias1"]))
        return F.cross_entropy(F.linear(hidden, p["weight2"], p["bias2"]), y)

    return run.train(loss, optimizer, given["x"], given["y"])


def tensorflow(run):
    given, tf = data(), run.tf
    x, y, p = run.input(given["x"]), run.input(given["y"]), run.variables(given["parameters"])
    hidden = tf.nn.relu(tf.matmul(x, p["weight0"]) + p["bias0"])
    hidden = tf.nn.relu(tf.matmul(hidden, p["weight1"]) + p["bias1"])
    logits = tf.matmul(hidden, p["weight2"]) + p["bias2"]
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits))
    optimizer = tf.train.AdamOptimizer(given["rate"], given["beta1"], given["beta2"], given["epsilon"])
    return run.train(loss, optimizer.minimize(loss))


def jax(run):
    given, relu = data(), run.jax.nn.relu

    def loss(p, x, y):
        hidden = relu(x @ p["weight0"] + p["bias0"])
        hidden = relu(hidden @ p["weight1"] + p["bias1"])
        return run.cross_entropy(hidden @ p["weight2"] + p["bias2"], y)

    return run.train(loss, given["parameters"], run.adam(given), given["x"], given["y"])


def numpy():
    given = data()
    x, y, p = given["x"], given["y"], given["parameters"]
    adam = Adam(p, given)

    def run():
        first = np.maximum(x @ p["weight0"] + p["bias0"], 0)
        second = np.maximum(first @ p["weight1"] + p["bias1"], 0)
        logits = second @ p["weight2"] + p["bias2"]
        loss, d_logits = cross_entropy(logits, y)
        d_second = d_logits @ p["weight2"].T * (second > 0)
        d_first = d_second @ p["weight1"].T * (first > 0)
        gradients = {"weight0": x.T @ d_first, "bias0": d_first.sum(0), "weight1": first.T @ d_second,
                     "bias1": d_second.sum(0), "weight2": second.T @ d_logits, "bias2": d_logits.sum(0)}  # fmt: skip
        adam.update(gradients)
        return loss

    return Step(run)
