"""What a training step costs that takes its batch from a tf.data.Dataset, here and in TensorFlow.

python benchmarks/datasets.py                  diptych
python benchmarks/datasets.py tensorflow       TensorFlow, where its compat.v1 is installed
"""

from __future__ import annotations

import sys
import time
from typing import Any

import numpy as np

ROUNDS, STEPS, BATCH = 5, 50, 64
IMAGES = np.random.default_rng(0).random((5000, 784), np.float32)
LABELS = np.arange(5000) % 10


def main(framework: str) -> None:
    if framework == "tensorflow":
        import tensorflow.compat.v1 as tf

        tf.disable_v2_behavior()
    else:
        import diptych.static as tf

    rows = tf.data.Dataset.from_tensor_slices((IMAGES, LABELS))
    doubled = lambda images, labels: (images * 2.0, labels)  # noqa: E731
    for label, dataset in {
        "batches in order": rows.repeat().batch(BATCH),
        "shuffled": rows.shuffle(1000).repeat().batch(BATCH),
        "mapped, then batched": rows.map(doubled).repeat().batch(BATCH),
        "batched, then mapped": rows.repeat().batch(BATCH).map(doubled).prefetch(1),
    }.items():
        print(f"{label:24}{1e6 * seconds_of_a_step(tf, dataset):8.0f} us")


def seconds_of_a_step(tf: Any, dataset: Any) -> float:
    """A step of softmax regression on the next batch."""
    images, labels = tf.data.make_one_shot_iterator(dataset).get_next()
    logits = tf.matmul(images, tf.Variable(tf.zeros([784, 10])))
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))
    step = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    best = float("inf")
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for _ in range(ROUNDS):
            begin = time.perf_counter()
            for _ in range(STEPS):
                session.run(step)
            best = min(best, (time.perf_counter() - begin) / STEPS)
    return best


if __name__ == "__main__":
    main(*(sys.argv[1:] or ["diptych"]))
