"""W8: a chain of tiny operations on 16 elements."""

from itertools import cycle, islice

import numpy as np

from benchmarks.data import normal
from benchmarks.step import Step

TITLE = "a chain of {count:,} operations on 16 elements"
WAIT = "ready"


def _names(count):
    return list(islice(cycle(("mul", "add", "mul", "relu")), count))


def torch(run, count):
    relu = run.torch.relu

    def chain(x):
        for name in _names(count):
            x = x * 1.0001 if name == "mul" else x + 0.5 if name == "add" else relu(x)
        return x

    return run.infer(chain, normal(np.random.default_rng(8), 16), value=lambda x: x.sum())


def tensorflow(run, count):
    tf, x = run.tf, run.input(normal(np.random.default_rng(8), 16))
    for name in _names(count):
        x = x * 1.0001 if name == "mul" else x + 0.5 if name == "add" else tf.nn.relu(x)
    return run.infer(x, value=lambda x: float(x.sum()))


def jax(run, count):
    jnp = run.jax.numpy

    def chain(x):
        for name in _names(count):
            x = x * 1.0001 if name == "mul" else x + 0.5 if name == "add" else jnp.maximum(x, 0)
        return x

    return run.infer(chain, normal(np.random.default_rng(8), 16), value=lambda x: float(x.sum()))


def numpy(count):
    x = normal(np.random.default_rng(8), 16)
    factor, term, zero = np.float32(1.0001), np.float32(0.5), np.float32(0)
    calls = {"mul": (np.multiply, factor), "add": (np.add, term), "relu": (np.maximum, zero)}
    chain = [calls[name] for name in _names(count)]

    def run():
        y = x.copy()
        for function, number in chain:
            function(y, number, out=y)
        return y

    return Step(run, value=lambda y: float(y.sum()))
