"""What a Session.run costs, here and in TensorFlow: microseconds a run of small graphs, of which little is arithmetic.

python benchmarks/session_run.py                  diptych
python benchmarks/session_run.py tensorflow       TensorFlow, where its compat.v1 is installed
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

ROUNDS, RUNS = 7, 300


def main(framework: str) -> None:
    if framework == "tensorflow":
        import tensorflow.compat.v1 as tf

        tf.disable_v2_behavior()
    else:
        import diptych.static as tf

    for label, make in (("a sum of two feeds", sum_of_feeds), ("a network's output", output), ("a step", step)):
        tf.reset_default_graph()
        call = make(tf)
        for _ in range(20):
            call()
        times = []
        for _ in range(ROUNDS):
            begin = time.perf_counter()
            for _ in range(RUNS):
                call()
            times.append((time.perf_counter() - begin) / RUNS)
        print(f"{label:24}{1e6 * min(times):8.1f} us")


def sum_of_feeds(tf: Any) -> Callable[[], Any]:
    """Two scalars."""
    a, b = tf.placeholder(tf.float32, []), tf.placeholder(tf.float32, [])
    total, session = a + b, tf.Session()
    return lambda: session.run(total, {a: 1.0, b: 2.0})


def _network(tf: Any) -> tuple[Any, Any, Any, Any]:
    x, y = tf.placeholder(tf.float32, [None, 32]), tf.placeholder(tf.int64, [None])
    h = x
    for number, width in enumerate((32, 32, 10)):
        w = tf.Variable(tf.random_normal([32, width], stddev=0.1, seed=number))
        h = tf.matmul(h, w) + tf.Variable(tf.zeros([width]))
        h = tf.nn.relu(h) if number < 2 else h
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=h))
    return x, y, h, loss


def output(tf: Any) -> Callable[[], Any]:
    """Three layers of 32 on 16 rows."""
    x, _, logits, _ = _network(tf)
    session, rows = tf.Session(), np.ones((16, 32), np.float32)
    session.run(tf.global_variables_initializer())
    return lambda: session.run(logits, {x: rows})


def step(tf: Any) -> Callable[[], Any]:
    """A step of Adam over them, and the loss."""
    x, y, _, loss = _network(tf)
    train = tf.train.AdamOptimizer(1e-3).minimize(loss)
    session, rows, labels = tf.Session(), np.ones((16, 32), np.float32), np.arange(16) % 10
    session.run(tf.global_variables_initializer())
    return lambda: session.run([loss, train], {x: rows, y: labels})


if __name__ == "__main__":
    main(*(sys.argv[1:] or ["diptych"]))
