"""Programs that train by each optimizer: curves, slots and rows that are gathered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.static.programs.notes import Note, described


def _makers(tf: Any) -> dict[str, Callable[[], Any]]:
    train = tf.train
    return {
        "descent": lambda: train.GradientDescentOptimizer(0.1),
        "momentum": lambda: train.MomentumOptimizer(0.1, 0.9),
        "nesterov": lambda: train.MomentumOptimizer(0.1, 0.9, use_nesterov=True),
        "adam": lambda: train.AdamOptimizer(0.1),
        "rms": lambda: train.RMSPropOptimizer(0.05),
        "rms with momentum": lambda: train.RMSPropOptimizer(0.05, decay=0.8, momentum=0.5, epsilon=1e-3),
        "centered": lambda: train.RMSPropOptimizer(0.05, momentum=0.3, centered=True),
        "adagrad": lambda: train.AdagradOptimizer(0.3),
        "adadelta": lambda: train.AdadeltaOptimizer(1.0, rho=0.9, epsilon=1e-3),
        "ftrl": lambda: train.FtrlOptimizer(0.3),
        "ftrl with penalties": lambda: train.FtrlOptimizer(
            0.3, learning_rate_power=-0.6, l1_regularization_strength=0.1, l2_regularization_strength=0.05
        ),
        "ftrl with shrinkage": lambda: train.FtrlOptimizer(0.3, l2_shrinkage_regularization_strength=0.1),
        "proximal": lambda: train.ProximalGradientDescentOptimizer(
            0.1, l1_regularization_strength=0.2, l2_regularization_strength=0.1
        ),
        "proximal adagrad": lambda: train.ProximalAdagradOptimizer(
            0.3, l1_regularization_strength=0.1, l2_regularization_strength=0.1
        ),
    }


def curves(tf: Any, note: Note) -> None:
    """The loss over 25 steps, and the slots."""
    random = np.random.RandomState(0)
    inputs, targets = random.randn(6, 3).astype(np.float32), random.randn(6, 2).astype(np.float32)
    for label, make in _makers(tf).items():
        tf.reset_default_graph()
        w = tf.Variable(np.linspace(-1, 1, 6, dtype=np.float32).reshape(3, 2), name="w")
        b = tf.get_variable("b", [2], initializer=tf.zeros_initializer())
        loss = tf.reduce_mean(tf.square(tf.matmul(inputs, w) + b - targets))
        optimizer = make()
        step = optimizer.minimize(loss)
        note(f"{label}: variables", [v.name for v in tf.global_variables()])
        note(f"{label}: slots", [optimizer.get_slot_names(), [v.name for v in optimizer.variables()]])
        note(f"{label}: steps", [op.type for op in step.control_inputs])
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            note(f"{label}: start", session.run(optimizer.variables()))
            curve = []
            for _ in range(25):
                curve.append(session.run(loss))
                session.run(step)
            note(f"{label}: curve", np.array(curve))
            note(f"{label}: after", session.run([w, b, *optimizer.variables()]))


def dual_averaging(tf: Any, note: Note) -> None:
    count = tf.Variable(0, dtype=tf.int64, trainable=False, name="count")
    w = tf.Variable([1.0, -2.0, 0.5], name="w")
    optimizer = tf.train.AdagradDAOptimizer(
        0.5, count, l1_regularization_strength=0.05, l2_regularization_strength=0.01
    )
    loss = tf.reduce_sum(tf.square(w - [0.3, 0.0, -1.0]))
    step = optimizer.minimize(loss, global_step=count)
    note("variables", [v.name for v in tf.global_variables()])
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        curve = []
        for _ in range(25):
            session.run(step)
            curve.append(session.run(w).tolist())
        note("curve", np.array(curve))


def rows(tf: Any, note: Note) -> None:
    """Variables that are only gathered from: which rows change, and repeated rows."""
    for label, make in _makers(tf).items():
        tf.reset_default_graph()
        table = tf.Variable(np.linspace(-1, 1, 10, dtype=np.float32).reshape(5, 2), name="table")
        places = tf.placeholder(tf.int32, [None], name="places")
        rows = tf.gather(table, places)
        loss = tf.reduce_sum(tf.square(rows - 0.25)) + tf.reduce_sum(tf.gather(table, [[0, 1], [1, 1]]))
        optimizer = make()
        step = optimizer.minimize(loss)
        if label not in ("descent", "adam"):
            note(f"{label}: steps", [op.type for op in step.control_inputs if op.type.startswith("SparseApply")])
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            curve = []
            for number in range(20):
                curve.append(session.run(loss, {places: [number % 5, 3, 3]}))
                session.run(step, {places: [number % 5, 3, 3]})
                if number == 0:
                    note(f"{label}: one step", session.run([table, *optimizer.variables()]))
            note(f"{label}: curve", np.array(curve))
            note(f"{label}: after", session.run([table, *optimizer.variables()]))


def slices(tf: Any, note: Note) -> None:
    """tf.IndexedSlices of tf.gradients."""
    table = tf.Variable(np.arange(12, dtype=np.float32).reshape(4, 3), name="table")
    places = tf.placeholder(tf.int64, [None], name="places")
    one, two = tf.gather(table, places), tf.gather(table, [[0, 1], [1, 2]])
    (single,) = tf.gradients(tf.reduce_sum(one * one), table)
    (both,) = tf.gradients(tf.reduce_sum(two * two) + tf.reduce_sum(tf.gather(table, [3, 3])), table)
    (dense,) = tf.gradients(tf.reduce_sum(one) + tf.reduce_sum(table), table)
    (second,) = tf.gradients(tf.reduce_sum(tf.square(single.values)), table)
    along = tf.gradients(tf.reduce_sum(tf.gather(table, [0], axis=1)), table)[0]
    note("kinds", [isinstance(each, tf.IndexedSlices) for each in (single, both, second, dense)])
    note("single", described(single.values, single.indices, single.dense_shape))
    note("both", described(both.values, both.indices, both.dense_shape))
    note("parts", [single.name, single.op.type, repr(single.dtype), single.graph is tf.get_default_graph()])
    note("converted", described(tf.convert_to_tensor(single))[0][1:])
    feed = {places: [2, 2, 0]}
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        note("values", session.run([single, both, dense, along], feed))
        note("tensors", session.run([tf.convert_to_tensor(single), tf.convert_to_tensor(both)], feed))
        note("second", session.run(tf.convert_to_tensor(second), feed))
        note("negative", session.run(-single, feed))
    bare = tf.IndexedSlices(one, places)
    note("no shape", lambda: tf.convert_to_tensor(bare))
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        note("bare", session.run(bare, feed))
    bound = tf.get_variable("bound", [2, 2], constraint=tf.nn.relu)
    note("constraint", lambda: tf.train.GradientDescentOptimizer(0.1).minimize(tf.gather(bound, [0])))


def refusals(tf: Any, note: Note) -> None:
    for label, make in {
        "adagrad": lambda: tf.train.AdagradOptimizer(0.1, initial_accumulator_value=0.0),
        "dual": lambda: tf.train.AdagradDAOptimizer(0.1, None, initial_gradient_squared_accumulator_value=-1.0),
        "ftrl": lambda: tf.train.FtrlOptimizer(0.1, learning_rate_power=0.5),
        "ftrl l1": lambda: tf.train.FtrlOptimizer(0.1, l1_regularization_strength=-1.0),
        "proximal": lambda: tf.train.ProximalAdagradOptimizer(0.1, initial_accumulator_value=0.0),
    }.items():
        note(label, make)


PROGRAMS = [curves, dual_averaging, rows, slices, refusals]
