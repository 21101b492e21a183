"""Makes files/ with the real framework: run it where tensorflow-cpu 2.15 is installed, from the repository's root.

python -m tests.static.serialization.make_files

Graphs with checkpoints, a saved model, a frozen graph, and numbers.json: what is fed, what comes out, what comes out
after one step of training more.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow.compat.v1 as tf

FOLDER = Path(__file__).parent / "files"


def dense() -> Any:
    """Layers over resource variables, trained by Adam on clipped gradients at a rate that decays."""
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    labels = tf.placeholder(tf.int32, [None], name="labels")
    with tf.variable_scope("net", use_resource=True):
        w, b = tf.get_variable("w", [3, 4]), tf.get_variable("b", [4], initializer=tf.zeros_initializer())
        embedding = tf.get_variable("embedding", [5, 4])
        second = tf.get_variable("second", [4, 2])
    hidden = tf.nn.relu(tf.nn.xw_plus_b(x, w, b)) + tf.nn.embedding_lookup(embedding, labels)
    hidden = tf.concat([tf.sigmoid(hidden[:, 1:3]), tf.tanh(hidden[:, :2]) / 2.0], 1)
    logits = tf.matmul(hidden, second, name="logits")
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))
    loss = tf.identity(loss + 0.01 * tf.nn.l2_loss(w), name="loss")
    step = tf.train.get_or_create_global_step()
    optimizer = tf.train.AdamOptimizer(tf.train.exponential_decay(0.1, step, 1, 0.9))
    gradients, variables = zip(*optimizer.compute_gradients(loss), strict=True)
    clipped, _ = tf.clip_by_global_norm(gradients, 0.5)
    train = optimizer.apply_gradients(zip(clipped, variables, strict=True), step, name="train")
    tf.add_to_collection("notes", "a note")
    tf.add_to_collection("outputs", logits)
    return {x: _numbers(4, 3), labels: np.array([0, 1, 1, 0], np.int32)}, [loss, logits], train


def images() -> Any:
    """Convolution, normalization by a condition, pooling, trained by momentum."""
    x = tf.placeholder(tf.float32, [None, 6, 6, 1], name="x")
    labels = tf.placeholder(tf.float32, [None, 2], name="labels")
    training = tf.placeholder_with_default(False, [], name="training")
    hidden = tf.nn.conv2d(x, tf.get_variable("kernel", [3, 3, 1, 3]), [1, 1, 1, 1], "SAME")
    ones, zeros = tf.ones_initializer(), tf.zeros_initializer()
    scale, offset = tf.get_variable("scale", [3], initializer=ones), tf.get_variable("offset", [3], initializer=zeros)
    mean = tf.get_variable("mean", [3], initializer=zeros, trainable=False)
    variance = tf.get_variable("variance", [3], initializer=ones, trainable=False)

    def of_batch() -> Any:
        y, batch_mean, batch_variance = tf.nn.fused_batch_norm(hidden, scale, offset)
        moved = [
            tf.assign(mean, 0.9 * mean + 0.1 * batch_mean),
            tf.assign(variance, 0.9 * variance + 0.1 * batch_variance),
        ]
        with tf.control_dependencies(moved):
            return tf.identity(y)

    def of_all() -> Any:
        return tf.nn.fused_batch_norm(hidden, scale, offset, mean, variance, is_training=False)[0]

    hidden = tf.nn.max_pool(tf.nn.elu(tf.cond(training, of_batch, of_all)), [1, 2, 2, 1], [1, 2, 2, 1], "SAME")
    hidden = tf.reshape(tf.nn.avg_pool(hidden, [1, 3, 3, 1], [1, 3, 3, 1], "VALID"), [-1, 3])
    logits = tf.matmul(hidden, tf.get_variable("weights", [3, 2]), name="logits")
    loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits_v2(labels=labels, logits=logits), name="loss")
    train = tf.train.MomentumOptimizer(0.1, 0.9).minimize(loss, name="train")
    feeds = {x: _numbers(3, 6, 6, 1), labels: np.eye(2, dtype=np.float32)[[0, 1, 1]], training: np.array(True)}
    return feeds, [loss, logits], train


def loops() -> Any:
    """A loop over arrays, a loop with a condition in it, and a row that grows."""
    x = tf.placeholder(tf.float32, [None, 4, 2], name="x")
    w = tf.get_variable("w", [5, 3])
    inputs = tf.TensorArray(tf.float32, 4).unstack(tf.transpose(x, [1, 0, 2]))
    outputs = tf.TensorArray(tf.float32, 4)

    def step(time: Any, state: Any, written: Any) -> Any:
        state = tf.tanh(tf.matmul(tf.concat([inputs.read(time), state], 1), w))
        return time + 1, state, written.write(time, state)

    first = [0, tf.zeros([tf.shape(x)[0], 3]), outputs]
    _, state, written = tf.while_loop(lambda time, *_: time < 4, step, first)
    stacked = tf.transpose(written.stack(), [1, 0, 2], name="stacked")
    mapped = tf.map_fn(lambda row: tf.reduce_sum(row) * 2, stacked)
    turned = tf.while_loop(
        lambda i, _: i < 3, lambda i, v: (i + 1, tf.cond(i > 0, lambda: v * 2, lambda: v + 1)), [0, state]
    )[1]
    grown = tf.while_loop(
        lambda i, _: i < 2, lambda i, v: (i + 1, tf.concat([v, v], 0)), [0, state],
        shape_invariants=[tf.TensorShape([]), tf.TensorShape([None, 3])],
    )[1]  # fmt: skip
    return {x: _numbers(2, 4, 2)}, [stacked, mapped, turned, grown], None


def normalized() -> Any:
    """A layer that normalizes while it is trained, its averages moved before the step."""
    x = tf.placeholder(tf.float32, [None, 3, 3, 2], name="x")
    training = tf.placeholder_with_default(False, [], name="training")
    hidden = tf.nn.relu(tf.layers.batch_normalization(x, training=training, momentum=0.5, name="norm"))
    hidden = tf.layers.batch_normalization(hidden, training=training, momentum=0.5, scale=False, name="second")
    loss = tf.reduce_mean(tf.square(hidden - 1.5), name="loss")
    with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
        train = tf.train.MomentumOptimizer(0.1, 0.9).minimize(loss, name="train")
    return {x: _numbers(4, 3, 3, 2), training: np.array(True)}, [loss, hidden], train


def recurrent() -> Any:
    """A loop that was trained: the gradients of loops are not read, all else is."""
    x = tf.placeholder(tf.float32, [None, 4, 2], name="x")
    w = tf.get_variable("w", [5, 3])
    state = tf.while_loop(
        lambda time, _: time < 4,
        lambda time, state: (time + 1, tf.tanh(tf.matmul(tf.concat([x[:, time], state], 1), w))),
        [0, tf.zeros([tf.shape(x)[0], 3])],
    )[1]
    state = tf.identity(state, name="state")
    tf.train.GradientDescentOptimizer(0.1).minimize(
        tf.reduce_sum(state), tf.train.get_or_create_global_step(), name="train"
    )
    return {x: _numbers(2, 4, 2)}, [state], None


def _numbers(*shape: int) -> np.ndarray:
    return np.sin(np.arange(np.prod(shape), dtype=np.float32) * 1.7).reshape(shape).astype(np.float32)


def write(build: Callable[[], Any]) -> dict[str, Any]:
    """Writes the files of a graph; its numbers."""
    tf.reset_default_graph()
    tf.set_random_seed(1)
    feeds, fetches, train = build()
    name = build.__name__
    saver = tf.train.Saver()
    found: dict[str, Any] = {"fetches": [tensor.name for tensor in fetches]}
    found["feeds"] = {tensor.name: [str(array.dtype), array.tolist()] for tensor, array in feeds.items()}
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        if train is not None:
            session.run(train, feeds)
        saver.save(session, str(FOLDER / name), write_state=False)
        if name == "dense":
            tf.saved_model.simple_save(session, str(FOLDER / "model"), {"x": next(iter(feeds))}, {"y": fetches[1]})
            frozen = tf.graph_util.convert_variables_to_constants(session, session.graph_def, ["logits"])
            tf.io.write_graph(frozen, str(FOLDER), "frozen.pb", as_text=False)
        if name == "loops":
            tf.io.write_graph(session.graph_def, str(FOLDER), "loops.pbtxt")
        found["values"] = [value.tolist() for value in session.run(fetches, feeds)]
        if train is not None:
            session.run(train, feeds)
            found["trained"] = [value.tolist() for value in session.run(fetches, feeds)]
    return found


if __name__ == "__main__":
    tf.disable_v2_behavior()
    shutil.rmtree(FOLDER, ignore_errors=True)
    os.makedirs(FOLDER)
    numbers = {build.__name__: write(build) for build in (dense, images, loops, normalized, recurrent)}
    (FOLDER / "numbers.json").write_text(json.dumps(numbers) + "\n")
