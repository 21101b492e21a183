"""What single calls of the front ends cost: operations of a graph, runs of a session, tensors of lists, events.

python benchmarks/overheads.py
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from time import perf_counter
from typing import Any

import diptych.eager as torch
import diptych.static as tf
import numpy as np
from diptych.eager.utils.tensorboard import SummaryWriter
from diptych.events.checksums import crc32c


def seconds(function: Callable[[], Any], count: int, rounds: int = 5) -> float:
    """The time of a call, the best of a few rounds of `count` calls."""
    best = float("inf")
    for _ in range(rounds):
        start = perf_counter()
        for _ in range(count):
            function()
        best = min(best, (perf_counter() - start) / count)
    return best


def session() -> tuple[float, float]:
    """A run that changes a variable, and the program in it alone."""
    x, v = tf.placeholder(tf.float32, [None, 4]), tf.Variable(tf.zeros([4]))
    step = v.assign_add(tf.reduce_sum(x, 0)).op
    fed = {x: np.ones((2, 4), np.float32)}
    with tf.Session() as run:
        run.run(v.initializer)
        run.run(step, fed)
        plan = next(plan for plan in run._plans.values() if plan.feeds.feeds)
        program = next(iter(plan.stages.program._variants.values())).programs[None]
        arrays = [fed[x], run._state.arrays["variable", v.op]]
        own = seconds(lambda: program._execute(*arrays), 300)
        return seconds(lambda: run.run(step, fed), 300), own


def operation() -> float:
    """One operation of a graph, its shape included."""
    x = tf.placeholder(tf.float32, [None, 64])
    weights, bias = tf.zeros([64, 64]), tf.zeros([64])
    return seconds(lambda: tf.nn.relu(tf.matmul(x, weights) + bias), 200) / 3


def main() -> None:
    whole, own = session()
    numbers = [0.5] * 300_000
    data = bytes(1 << 22)
    with tempfile.TemporaryDirectory() as folder, SummaryWriter(folder) as writer:
        scalar = seconds(lambda: writer.add_scalar("loss", 0.5, 1), 500)
    for what, took, unit in (
        ("operation of a graph", operation() * 1e6, "us"),
        ("run of a session", whole * 1e6, "us"),
        ("  beside its program", (whole - own) * 1e6, "us"),
        ("tensor of 300,000 numbers in a list", seconds(lambda: torch.tensor(numbers), 1) * 1e3, "ms"),
        ("scalar of a SummaryWriter", scalar * 1e6, "us"),
        ("checksum of 4 MiB", seconds(lambda: crc32c(data), 1) * 1e3, "ms"),
    ):
        print(f"{what:36} {took:8.1f} {unit}")


if __name__ == "__main__":
    main()
