"""Programs of tf.distribute: a loop of a session, an estimator, a model of keras. Each trains under a strategy, or
without one, and says its losses; `python -m tests.mesh.strategy_programs` runs all of them both ways."""

from __future__ import annotations

import json
import re
import sys
import tempfile
from contextlib import nullcontext
from typing import Any

import diptych
import diptych.static as tf
import numpy as np
from diptych.backends import captured

STEPS, BATCH, WIDTH = 12, 32, 24
_random = np.random.default_rng(0)
X = _random.standard_normal((96, WIDTH)).astype(np.float32)
Y = _random.integers(0, 4, 96)


def _scores(x: Any) -> Any:
    hidden = tf.layers.dense(x, 32, tf.nn.relu, name="hidden", kernel_initializer=tf.glorot_uniform_initializer(seed=3))
    return tf.layers.dense(hidden, 4, name="scores", kernel_initializer=tf.glorot_uniform_initializer(seed=4))


def _batches() -> Any:
    return tf.data.Dataset.from_tensor_slices((X, Y)).repeat().batch(BATCH, drop_remainder=True)


def loop(strategy: Any) -> list[float]:
    """A loop of a program's own, whose session is behind the scope."""

    def step(given: Any) -> Any:
        x, y = given
        each = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=_scores(x))
        loss = tf.reduce_sum(each) / BATCH
        with tf.control_dependencies([tf.train.AdamOptimizer(0.01).minimize(loss)]):
            return tf.identity(loss)

    with tf.Graph().as_default() as graph:
        if strategy is None:
            iterator = _batches().make_initializable_iterator()
            loss = step(iterator.get_next())
        else:
            with strategy.scope():
                iterator = strategy.experimental_distribute_dataset(_batches()).make_initializable_iterator()
                losses = strategy.experimental_run_v2(step, (iterator.get_next(),))
                loss = strategy.reduce(tf.distribute.ReduceOp.SUM, losses, axis=None)
        with tf.Session(graph=graph) as session:
            session.run([tf.global_variables_initializer(), iterator.initializer])
            return [float(session.run(loss)) for _ in range(STEPS)]


class Losses(tf.train.SessionRunHook):
    """The loss of each run."""

    def __init__(self) -> None:
        self.found: list[float] = []

    def before_run(self, run_context: Any) -> Any:
        return tf.train.SessionRunArgs(tf.get_collection(tf.GraphKeys.LOSSES)[0])

    def after_run(self, run_context: Any, run_values: Any) -> None:
        self.found.append(float(run_values.results))


def _model_fn(features: Any, labels: Any, mode: str) -> Any:
    scores = _scores(features)
    loss = tf.losses.sparse_softmax_cross_entropy(labels, scores)
    step = tf.train.get_or_create_global_step()
    return tf.estimator.EstimatorSpec(
        mode, loss=loss, train_op=tf.train.AdamOptimizer(0.01).minimize(loss, step),
        eval_metric_ops={"accuracy": tf.metrics.accuracy(labels, tf.argmax(scores, 1))},
    )  # fmt: skip


def estimator(strategy: Any) -> list[float]:
    """An estimator that trains and evaluates under the strategy."""
    hook = Losses()
    with tempfile.TemporaryDirectory() as folder:
        config = tf.estimator.RunConfig(folder, 1, train_distribute=strategy, eval_distribute=strategy)
        made = tf.estimator.Estimator(_model_fn, config=config)
        made.train(_batches, [hook], STEPS)
        found = made.evaluate(lambda: tf.data.Dataset.from_tensor_slices((X, Y)).batch(BATCH))
    return [*hook.found, float(found["loss"]), float(found["accuracy"])]


def keras(strategy: Any) -> list[float]:
    """A model that is made and compiled in the scope, and trained behind it."""
    tf.keras.backend.clear_session()
    with nullcontext() if strategy is None else strategy.scope():
        model = tf.keras.Sequential([
            tf.keras.layers.Dense(
                32, "relu", input_shape=(WIDTH,), kernel_initializer=tf.keras.initializers.glorot_uniform(3)
            ),
            tf.keras.layers.Dense(4, "softmax", kernel_initializer=tf.keras.initializers.glorot_uniform(4)),
        ])  # fmt: skip
        model.compile(tf.keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(X, Y, BATCH, epochs=4, verbose=0, shuffle=False).history
    history = {name: [float(each) for each in values] for name, values in history.items()}
    return [*history["loss"], *history["acc"], *map(float, model.evaluate(X, Y, BATCH, verbose=0))]


def normalized(strategy: Any, width: int) -> Any:
    """A model that looks at whole batches, made in the scope."""
    tf.keras.backend.clear_session()
    made = tf.keras.initializers.glorot_uniform
    with strategy.scope():
        model = tf.keras.Sequential([
            tf.keras.layers.Dense(16, input_shape=(width,), kernel_initializer=made(3)),
            tf.keras.layers.BatchNormalization(),
            tf.keras.layers.Dense(4, "softmax", kernel_initializer=made(4)),
        ])  # fmt: skip
        model.compile(tf.keras.optimizers.SGD(0.05, 0.9), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def canned(strategy: Any) -> list[float]:
    """A classifier that comes with TensorFlow: it asserts what labels are."""
    columns = [tf.feature_column.numeric_column("x", (WIDTH,))]
    with tempfile.TemporaryDirectory() as folder:
        config = tf.estimator.RunConfig(folder, 1, train_distribute=strategy, eval_distribute=strategy)
        made = tf.estimator.LinearClassifier(columns, n_classes=4, config=config, optimizer="Adagrad")

        def rows() -> Any:
            return tf.data.Dataset.from_tensor_slices(({"x": X}, Y)).repeat(4).batch(BATCH)

        made.train(rows, steps=STEPS)
        found = made.evaluate(rows, steps=3)
    return [float(found["average_loss"]), float(found["accuracy"])]


def assertion(strategy: Any) -> list[float]:
    """One device says what does not hold; the variable is what it was before."""
    with tf.Graph().as_default(), nullcontext() if strategy is None else strategy.scope():
        x, told = tf.placeholder(tf.float32, [None, WIDTH]), tf.get_variable("told", initializer=0.0)
        with tf.control_dependencies([tf.Assert(tf.reduce_all(x < 9), ["too large"])]):
            total = told.assign_add(tf.reduce_sum(tf.identity(x)))
        with tf.Session() as session:
            session.run(told.initializer)
            found = [float(session.run(total, {x: X[:BATCH]}))]
            try:
                session.run(total, {x: 10 + X[:BATCH]})
            except tf.errors.InvalidArgumentError as error:
                found.append(float("assertion failed: [too large]" in str(error)))
            return [*found, float(session.run(told)), float(session.run(total, {x: X[:BATCH]}))]


PROGRAMS = {"loop": loop, "estimator": estimator, "keras": keras, "canned": canned, "assertion": assertion}


def parts(program: Any) -> list[int]:
    """How many rows each device is given of the batches that a program takes."""
    found = re.findall(rf"f32\[(\d+),{WIDTH}\]\S* parameter\(", program.runner.hlo())
    return sorted({int(each) for each in found} - {WIDTH})


def main() -> None:
    diptych.configure(backend="jax")
    told: dict[str, Any] = {}
    for name, train in PROGRAMS.items():
        for strategy in (None, tf.distribute.MirroredStrategy()):
            with captured() as programs:
                losses = train(strategy)
            rows = sorted({each for program in programs for each in parts(program)})
            told[f"{name} {'alone' if strategy is None else 'shared'}"] = {"losses": losses, "rows": rows}
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
