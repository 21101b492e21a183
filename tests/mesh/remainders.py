"""Batches whose rows devices cannot share, in one of several processes that `diptych launch` or TF_CONFIG names: last
ones, parts of other sizes in each process, and small ones."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import diptych
import diptych.static as tf
import numpy as np
from diptych.backends.processes import process_count, process_rank
from strategy_programs import Losses, normalized  # which lies beside this script

WIDTH = 24
_random = np.random.default_rng(0)
X = _random.standard_normal((90, WIDTH)).astype(np.float32)
Y = _random.integers(0, 4, 90)
WORDS = np.array([f"word {number % 5}" for number in range(90)], object)


def part(array: Any, sizes: Sequence[int]) -> Any:
    """This process's rows, of so many in each process; all, where there is one process."""
    if process_count() == 1:
        return array[: sum(sizes)]
    start = sum(sizes[: process_rank()])
    return array[start : start + sizes[process_rank()]]


def _scores(x: Any, *, learns: Any = True) -> Any:
    hidden = tf.layers.dense(x, 16, kernel_initializer=tf.glorot_uniform_initializer(seed=3))
    hidden = tf.nn.relu(tf.layers.batch_normalization(hidden, training=learns))
    return tf.layers.dense(hidden, 4, kernel_initializer=tf.glorot_uniform_initializer(seed=4))


def _minimized(loss: Any) -> Any:
    with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
        return tf.train.MomentumOptimizer(0.05, 0.9).minimize(loss, tf.train.get_or_create_global_step())


def keras(strategy: Any) -> list[float]:
    """Arrays and data sets of 90 examples in batches of 32, and of 33, of which the last one has one."""
    model = normalized(strategy, WIDTH)
    history = model.fit(X, Y, 32, epochs=2, verbose=0, shuffle=False, validation_data=(X[:7], Y[:7])).history
    dataset = tf.data.Dataset.from_tensor_slices((X[:67], Y[:67])).batch(33)
    more = model.fit(dataset, epochs=1, verbose=0).history["loss"]
    numbers = [*history["loss"], *history["val_loss"], *history["acc"], *more, *model.evaluate(dataset, verbose=0)]
    few = model.test_on_batch(X[:2], Y[:2])
    return [*map(float, numbers), *map(float, few), *map(float, model.evaluate(X, Y, 28, verbose=0))]


def dataset(strategy: Any) -> list[float]:
    """A loop over the whole of a data set of batches, twice: the last one has 26, then 2 examples."""
    losses: list[float] = []
    with tf.Graph().as_default(), strategy.scope(), tf.Session() as session:

        def step(given: Any) -> Any:
            x, y = given
            loss = tf.losses.sparse_softmax_cross_entropy(y, _scores(x))
            with tf.control_dependencies([_minimized(loss)]):
                return tf.identity(loss)

        count = tf.placeholder(tf.int64, [])
        made = tf.data.Dataset.from_tensor_slices((X, Y)).take(count).batch(32)
        iterator = strategy.experimental_distribute_dataset(made).make_initializable_iterator()
        loss = strategy.experimental_run_v2(step, (iterator.get_next(),))
        session.run(tf.global_variables_initializer())
        for size in (90, 66):
            session.run(iterator.initializer, {count: size})
            try:
                while True:
                    losses.append(float(session.run(loss)))
            except tf.errors.OutOfRangeError:
                pass
    return losses


def estimator(strategy: Any) -> list[float]:
    """An input function gives each process other numbers of examples."""

    def own(input_context: Any = None) -> Any:
        def batches() -> Any:
            for start, *sizes in ((0, 16, 16), (32, 9, 4), (45, 16, 16), (77, 6, 7)):
                yield part(X[start:], sizes), part(Y[start:], sizes)
            if process_count() > 1 and process_rank() == 0:  # which is not reached, since others have come to an end
                yield X[:5], Y[:5]

        return tf.data.Dataset.from_generator(
            batches, (tf.float32, tf.int64), (tf.TensorShape([None, WIDTH]), tf.TensorShape([None]))
        )

    def model_fn(features: Any, labels: Any, mode: str) -> Any:
        scores = _scores(features, learns=mode == tf.estimator.ModeKeys.TRAIN)
        loss = tf.losses.sparse_softmax_cross_entropy(labels, scores)
        metrics = {"accuracy": tf.metrics.accuracy(labels, tf.argmax(scores, 1))}
        return tf.estimator.EstimatorSpec(mode, loss=loss, train_op=_minimized(loss), eval_metric_ops=metrics)

    hook = Losses()
    with tempfile.TemporaryDirectory() as folder:
        where = Path(os.environ["FOUND_IN"], "estimator") if process_count() > 1 else folder
        config = tf.estimator.RunConfig(str(where), 1, train_distribute=strategy, eval_distribute=strategy)
        made = tf.estimator.Estimator(model_fn, config=config)
        made.train(own, [hook])
        found = made.evaluate(own)
    return [*hook.found, float(found["loss"]), float(found["accuracy"])]


def feeds(strategy: Any) -> list[float]:
    """What a run is fed, in parts of 16 and 16, 7 and 6, 3 and 5, 1 and 0 rows."""
    found: list[float] = []
    with tf.Graph().as_default(), strategy.scope(), tf.Session() as session:
        x, y = tf.placeholder(tf.float32, [None, WIDTH]), tf.placeholder(tf.int64, [None])
        words, rate = tf.placeholder(tf.string, [None]), tf.placeholder(tf.float32, [])
        scores = _scores(x)
        loss = rate * tf.losses.sparse_softmax_cross_entropy(y, scores)
        by_python = tf.py_func(lambda each: each * 2, [scores], tf.float32)
        by_python.set_shape([None, 4])
        fetches = {
            "loss": loss, "train": strategy.extended.call_for_each_replica(_minimized, (loss,)), "rows": tf.shape(x)[0], "python": tf.reduce_sum(by_python),
            "right": tf.reduce_sum(tf.cast(tf.equal(tf.argmax(scores, 1), y), tf.int32)),
            "masked": tf.reduce_sum(tf.boolean_mask(x, x[:, 0] > 0)), "different": tf.size(tf.unique(words)[0]),
            "drawn": tf.reduce_mean(tf.random_uniform([4], seed=7)),
        }  # fmt: skip
        scored = tf.matmul(x, tf.ones([WIDTH, 2]))
        session.run(tf.global_variables_initializer())
        for sizes in ((16, 16), (7, 6), (16, 16), (3, 5), (1, 0), (16, 16), (1, 1)):
            fed = {x: part(X, sizes), y: part(Y, sizes), words: part(WORDS, sizes), rate: 0.5}
            told = session.run(fetches, fed)
            found += [float(told[name]) for name in fetches if name != "train"]
            rows, given = session.run([scored, x], fed)
            assert np.array_equal(given, fed[x]) and rows.shape == (len(given), 2), (sizes, rows.shape, given.shape)
            assert np.allclose(rows[:, 0], given.sum(1), atol=1e-5)
    return found


def refused(strategy: Any) -> list[str]:
    """Parts that are unlike in more than their rows."""
    with tf.Graph().as_default(), strategy.scope(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [None, None])
        total = tf.reduce_sum(x)
        found: list[str] = []
        odd = process_rank() % 2
        for shape in ((16, 24 + odd), (15 + odd, 24 + odd)):
            try:
                session.run(total, {x: np.ones(shape, np.float32)})
            except tf.errors.InvalidArgumentError as error:
                found.append(str(error).splitlines()[0])
        return [*found, str(session.run(total, {x: np.ones((3 + odd, 24), np.float32)}))]


PROGRAMS = {each.__name__: each for each in (keras, dataset, estimator, feeds)}


def main() -> None:
    diptych.configure(backend="jax")
    strategy = tf.distribute.experimental.MultiWorkerMirroredStrategy()
    told: dict[str, Any] = {name: PROGRAMS[name](strategy) for name in sys.argv[1:] or PROGRAMS}
    if process_count() > 1:
        told["refused"] = refused(strategy)
    Path(os.environ["FOUND_IN"], f"{process_rank()}.json").write_text(json.dumps(told))


if __name__ == "__main__":
    main()
