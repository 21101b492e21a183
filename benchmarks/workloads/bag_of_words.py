"""H6: a classifier of the mean of 20 words' rows of a table of 50,000, batch 64, Adagrad: few rows change in a step."""

import numpy as np

from benchmarks.data import normal, zeros

TITLE = "bag of 20 words of 50,000, 32 wide, batch 64, 20 classes, Adagrad"
WAIT = "none"
WORDS, WIDTH, BATCH, LENGTH, CLASSES, RATE, INITIAL = 50_000, 32, 64, 20, 20, 0.5, 0.1


def data():
    random = np.random.default_rng(26)
    p = {
        "words": normal(random, WORDS, WIDTH, scale=0.1),
        "weight": normal(random, WIDTH, CLASSES, scale=0.2),
        "bias": zeros(CLASSES),
    }
    x = (WORDS * random.random((BATCH, LENGTH)) ** 6).astype(np.int64)  # a few are frequent
    return {"x": x, "y": random.integers(0, CLASSES, BATCH), "parameters": p}


def torch(run):
    given, F = data(), run.torch.nn.functional
    p = run.parameters(given["parameters"])
    optimizer = run.torch.optim.Adagrad(p.values(), lr=RATE, initial_accumulator_value=INITIAL, **run.fused)

    def loss(x, y):
        return F.cross_entropy(F.embedding(x, p["words"]).mean(1) @ p["weight"] + p["bias"], y)

    return run.train(loss, optimizer, given["x"], given["y"])


def tensorflow(run):
    given, tf = data(), run.tf
    x, y, p = run.input(given["x"]), run.input(given["y"]), run.variables(given["parameters"])
    mean = tf.reduce_mean(tf.nn.embedding_lookup(p["words"], x), 1)
    logits = tf.matmul(mean, p["weight"]) + p["bias"]
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits))
    return run.train(loss, tf.train.AdagradOptimizer(RATE, INITIAL).minimize(loss))


def jax(run):
    given = data()

    def loss(p, x, y):
        return run.cross_entropy(p["words"][x].mean(1) @ p["weight"] + p["bias"], y)

    optimizer = run.adagrad(given["parameters"], RATE, INITIAL)
    return run.train(loss, given["parameters"], optimizer, given["x"], given["y"])
