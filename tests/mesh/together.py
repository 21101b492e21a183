"""Programs of TensorFlow 1 in several processes, which TF_CONFIG or `diptych launch` names, as their users wrote them:
those that the arguments name, by default all."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import diptych
import diptych.static as tf
import numpy as np
from diptych.backends.processes import process_count, process_rank
from strategy_programs import Losses, normalized  # which lies beside this script

BATCH, WIDTH = 32, 24
FOLDER = Path(os.environ["FOUND_IN"])
_random = np.random.default_rng(0)
X = _random.standard_normal((96, WIDTH)).astype(np.float32)
Y = _random.integers(0, 4, 96)
SUM, MEAN = tf.distribute.ReduceOp.SUM, tf.distribute.ReduceOp.MEAN


def part(array: Any) -> Any:
    """This process's rows."""
    size = len(array) // process_count()
    return array[process_rank() * size : (process_rank() + 1) * size]


def said(run: Callable[[], Any]) -> str:
    """The first line of the error that it raises."""
    try:
        run()
    except (diptych.ir.DiptychError, RuntimeError) as error:
        return str(error).splitlines()[0]
    return "nothing"


def files(folder: Path) -> dict[str, int]:
    """How many event files each folder in it has, in the first process; the others write none."""
    found = [each.parent for each in folder.rglob("events.out.tfevents.*")]
    return {str(each.relative_to(folder)): found.count(each) for each in found}


# -- an estimator ----


def _model_fn(features: Any, labels: Any, mode: str, config: Any) -> Any:
    learns = mode == tf.estimator.ModeKeys.TRAIN
    hidden = tf.layers.dense(features["x"], 16, kernel_initializer=tf.glorot_uniform_initializer(seed=3))
    hidden = tf.nn.relu(tf.layers.batch_normalization(hidden, training=learns))
    scores = tf.layers.dense(hidden, 4, kernel_initializer=tf.glorot_uniform_initializer(seed=4))
    shares = tf.nn.softmax(scores)
    if mode == tf.estimator.ModeKeys.PREDICT:
        return tf.estimator.EstimatorSpec(mode, predictions={"shares": shares})
    loss = tf.losses.sparse_softmax_cross_entropy(labels, scores)
    tf.summary.histogram("hidden", hidden)
    metrics = {"accuracy": tf.metrics.accuracy(labels, tf.argmax(scores, 1))}
    step = tf.train.get_or_create_global_step()
    rate = tf.train.exponential_decay(0.05, step, 4, 0.9)
    with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
        train = tf.train.MomentumOptimizer(rate, 0.9).minimize(loss, step)
    doubled = tf.summary.scalar("doubled", loss * 2)
    return tf.estimator.EstimatorSpec(
        mode, loss=loss, train_op=train, eval_metric_ops=metrics,
        training_hooks=[tf.train.LoggingTensorHook({"loss": loss}, every_n_secs=1e-3)],
        training_chief_hooks=[
            tf.train.SummarySaverHook(save_secs=2e-3, output_dir=f"{config.model_dir}/chief", summary_op=doubled)
        ],
    )  # fmt: skip


def _parts(input_context: Any) -> Any:
    """This process's rows of 5 batches; the first of several has one more, which is not reached."""
    count, rank = input_context.num_input_pipelines, input_context.input_pipeline_id
    size = input_context.get_per_replica_batch_size(BATCH)

    def own(x: Any, y: Any) -> Any:
        place = rank * size
        return {"x": x[place : place + size] / 2}, y[place : place + size]

    whole = tf.data.Dataset.from_tensor_slices((X, Y)).batch(BATCH).map(own).repeat()
    return whole.take(6 if count > 1 and rank == 0 else 5)


def estimator(strategy: Any) -> dict[str, Any]:
    """An estimator that trains, goes on from its checkpoint to the end of its input, evaluates and predicts."""
    folder, hook = FOLDER / "estimator", Losses()
    config = tf.estimator.RunConfig(
        folder, 1, 2, save_checkpoints_steps=3, log_step_count_steps=2, train_distribute=strategy,
        eval_distribute=strategy,
    )  # fmt: skip
    made = tf.estimator.Estimator(_model_fn, config=config)
    made.train(_parts, [hook], steps=2)
    made.train(_parts, [hook])
    found = made.evaluate(_parts)
    shares = [each["shares"] for each in made.predict(lambda: tf.data.Dataset.from_tensor_slices({"x": X}).batch(31))]
    spec = tf.estimator.TrainSpec(_parts, 9, [hook]), tf.estimator.EvalSpec(_parts, throttle_secs=0)
    evaluated = tf.estimator.train_and_evaluate(made, *spec)
    return {
        "role": [config.task_type, config.task_id, config.is_chief, config.num_worker_replicas,
                 config.global_id_in_cluster],
        "numbers": [*hook.found, float(found["loss"]), float(found["accuracy"]), float(np.sum(shares, axis=0)[0])],
        "evaluated": evaluated is not None, "steps": int(found["global_step"]),
        "last": str(Path(made.latest_checkpoint()).relative_to(folder)), "files": files(folder),
    }  # fmt: skip


# -- a monitored session ----


def monitored(strategy: Any) -> dict[str, Any]:
    """A loop of a replica's function with dropout, in a monitored session that writes files, and one that goes on."""
    folder = FOLDER / "monitored"

    def step(x: Any, y: Any) -> Any:
        context = tf.distribute.get_replica_context()
        hidden = tf.layers.dropout(tf.layers.dense(x, 32, tf.nn.relu), 0.5, training=True)
        scores = tf.layers.dense(hidden, 4)
        loss = tf.losses.sparse_softmax_cross_entropy(y, scores)
        pairs = (optimizer := tf.train.RMSPropOptimizer(0.01)).compute_gradients(loss)
        gradients, norm = tf.clip_by_global_norm([gradient for gradient, _ in pairs], 1.0)
        applied = optimizer.apply_gradients(
            zip(gradients, [variable for _, variable in pairs], strict=True), tf.train.get_or_create_global_step()
        )
        tf.summary.scalar("norm", norm)
        right = context.all_reduce(MEAN, tf.reduce_mean(tf.cast(tf.equal(tf.argmax(scores, 1), y), tf.float32)))
        told = context.merge_call(lambda merged, each: merged.reduce(SUM, each, axis=None), (loss,))
        with tf.control_dependencies([applied]):
            return tf.identity(told), right

    losses: list[float] = []
    with tf.Graph().as_default(), strategy.scope():
        tf.set_random_seed(7)
        dataset = tf.data.Dataset.from_tensor_slices((X, Y)).shuffle(96, seed=3).repeat().batch(BATCH).prefetch(1)
        iterator = strategy.make_dataset_iterator(dataset)
        loss, right = strategy.extended.call_for_each_replica(step, iterator.get_next())
        begin = iterator.initialize()
        hooks = [tf.train.NanTensorHook(loss), tf.train.LoggingTensorHook([loss], every_n_iter=2)]
        chief_only = [
            tf.train.SummarySaverHook(2, output_dir=f"{folder}/chief", summary_op=tf.summary.scalar("r", right))
        ]
        for steps, more in ((4, {"save_checkpoint_steps": 3, "save_summaries_secs": 1e-3}), (2, {})):
            with tf.train.MonitoredTrainingSession(
                is_chief=process_rank() == 0, checkpoint_dir=str(folder), log_step_count_steps=2,
                hooks=[*hooks, tf.train.StopAtStepHook(steps)], chief_only_hooks=chief_only, **more,
            ) as session:  # fmt: skip
                session.run_step_fn(lambda step_context: step_context.session.run(begin))
                while not session.should_stop():
                    losses.append(float(session.run([loss, right])[0]))
    return {"numbers": losses, "files": files(folder)}


# -- keras ----


def keras(strategy: Any) -> dict[str, Any]:
    """A model that writes its weights, predicts batches that do not divide, and reads the weights again."""
    model = normalized(strategy, WIDTH)
    folder = FOLDER / "keras"
    dataset = tf.data.Dataset.from_tensor_slices((X, Y)).map(lambda x, y: (x / 2, y)).batch(BATCH)
    saved = tf.keras.callbacks.ModelCheckpoint(f"{folder}/weights", save_weights_only=True)
    callbacks = [saved, tf.keras.callbacks.TensorBoard(str(folder))]
    history = model.fit(dataset, epochs=2, verbose=0, callbacks=callbacks, validation_data=(X[:64], Y[:64])).history
    rows = model.predict(X[:13], 8)
    one = model.train_on_batch(X[:16], Y[:16])
    model.load_weights(f"{folder}/weights")
    again = model.predict_on_batch(X[:13])
    assert rows.shape == again.shape == (13, 4) and len(model.predict(dataset.map(lambda x, _: x))) == 96
    numbers = [*history["loss"], *history["val_loss"], *one, *model.evaluate(dataset, verbose=0)]
    return {"numbers": [*map(float, numbers), *rows[:, 0].tolist(), *again[:, 0].tolist()], "files": files(folder)}


# -- single runs ----


def runs(strategy: Any) -> dict[str, Any]:
    """What is made of whole batches, of which each process has a part."""
    with tf.Graph().as_default(), strategy.scope(), tf.Session() as session:
        x, few = tf.placeholder(tf.float32, [None, WIDTH]), tf.placeholder(tf.int32, [None])
        words = tf.placeholder(tf.string, [None])
        fed = {x: part(X[:64]), few: part(np.arange(64, dtype=np.int32) % 7), words: part(_words())}
        mean = tf.reduce_mean(x)
        made_by_python = tf.py_func(lambda each: each + 1, [x], tf.float32)
        made_by_python.set_shape([None, WIDTH])
        with tf.control_dependencies([tf.Assert(mean < 1, ["too large"]), tf.print("the mean is", mean)]):
            checked = tf.identity(mean)
        tensors = (
            checked, tf.cond(mean > 0, lambda: 2 * mean, lambda: 3 * mean), tf.reduce_mean(made_by_python),
            tf.reduce_sum(tf.repeat(tf.range(tf.size(few)), few)), tf.size(tf.unique(words)[0]),
            tf.reduce_sum(tf.cast(tf.equal(words, "b"), tf.int32)),
            tf.reduce_sum(tf.sequence_mask(few, dtype=tf.float32)), tf.shape(tf.boolean_mask(x, x[:, 0] > 0))[0],
        )  # fmt: skip
        found = [float(session.run(tensor, fed)) for tensor in tensors]
        too_large = said(lambda: session.run(checked, {x: part(9 * np.ones((64, WIDTH), np.float32))}))
    return {"numbers": found, "asserted": too_large}


def _words() -> Any:
    """Words that the processes meet in other orders."""
    return np.array([*["m", "z"] * 16, *["z", "b", "q", "b"] * 8], object)


def variables(strategy: Any) -> dict[str, Any]:
    """Variables that one process writes into a checkpoint, and all read; and some that are given whole."""
    if process_rank() == 0:  # which has drawn more random numbers then than the others
        with tf.Graph().as_default(), tf.Session() as session:
            session.run(tf.random_normal([]))
    with tf.Graph().as_default(), strategy.scope(), tf.Session() as session:
        kernel, bias = tf.get_variable("kernel", [WIDTH, 8]), tf.get_variable("bias", [32])
        whole, saver = tf.placeholder(tf.float32, [WIDTH, 8]), tf.train.Saver()
        assign, total = kernel.assign(whole), tf.reduce_sum(kernel)
        session.run(tf.global_variables_initializer())
        before = [float(each.sum()) for each in session.run([kernel, bias])]
        path = str(FOLDER / "variables")
        if process_rank() == 0:
            saver.save(session, path)
        while not Path(f"{path}.index").exists():
            time.sleep(0.05)
        session.run(assign, {whole: np.ones((WIDTH, 8), np.float32)})
        ones = float(session.run(total))
        saver.restore(session, path)
        after = [float(each.sum()) for each in session.run([kernel, bias])]
        bias.load(np.full(32, 2, np.float32), session)
        return {"before": before, "after": after, "numbers": [ones, float(session.run(bias).sum())]}


def ends(strategy: Any) -> dict[str, Any]:
    """Processes that do not all do the same: one stops, one has less input, each runs something else."""
    rank, count, read = process_rank(), process_count(), []
    with tf.Graph().as_default(), strategy.scope():
        x = tf.placeholder(tf.float32, [None, WIDTH])
        kernel = tf.get_variable("kernel", [WIDTH, 1], initializer=tf.ones_initializer())
        mean, grown, fed = tf.reduce_mean(tf.matmul(x, kernel)), kernel.assign_add(kernel), {x: part(X[:64])}
        largest = tf.reduce_max(tf.matmul(x, kernel))
        with tf.train.MonitoredTrainingSession(hooks=[_Stop(3)] if rank == count - 1 else []) as session:
            steps = 0
            while not session.should_stop():
                session.run(mean, fed)
                steps += 1
        with tf.Session() as session:
            session.run(kernel.initializer)
            for _ in range(3):
                session.run([mean, grown], fed)
                if rank == 0:
                    read.append(float(session.run(kernel)[0, 0]))  # which needs no other
            other = said(lambda: session.run((mean, largest)[min(rank, 1)], fed))
            after = float(session.run(mean, fed))
    return {"read": read, "other": other, "numbers": [after, steps]}


class _Stop(tf.train.SessionRunHook):
    def __init__(self, after: int) -> None:
        self._left = after

    def after_run(self, run_context: Any, run_values: Any) -> None:
        self._left -= 1
        if not self._left:
            run_context.request_stop()


def refused(strategy: Any) -> list[str]:
    """What is said of what several processes cannot do."""
    devices = dict(strategy.extended.mesh().axes)["data"]
    with tf.Graph().as_default(), strategy.scope():
        own = strategy.experimental_distribute_datasets_from_function(
            lambda _: tf.data.Dataset.from_tensor_slices((X[:7], Y[:7])).batch(7)
        )
        model = tf.keras.Sequential([tf.keras.layers.Dense(4, input_shape=(WIDTH,))])
        model.compile("sgd", "mse")
        found = [said(lambda: model.fit(own))]
    with tf.Graph().as_default(), diptych.mesh({"kernel": ("data", None)}, data=devices), tf.Session() as session:
        kernel = tf.get_variable("kernel", [WIDTH, 8])
        saver, manager = tf.train.Saver(), tf.train.SessionManager()
        session.run(kernel.initializer)
        return [
            *found,
            said(lambda: diptych.mesh(data=2)),
            said(lambda: saver.save(session, str(FOLDER / f"split{process_rank()}"))),
            said(manager.wait_for_session),
            said(tf.train.Supervisor().prepare_or_wait_for_session),
            said(tf.estimator.RunConfig),
            said(lambda: tf.estimator.RunConfig(train_distribute=tf.distribute.OneDeviceStrategy("/cpu:0"))),
        ]


PROGRAMS = {
    each.__name__: each for each in (estimator, monitored, keras, runs, variables, ends)
}  # fmt: skip


def main() -> None:
    diptych.configure(backend="jax")
    strategy = tf.distribute.experimental.MultiWorkerMirroredStrategy()
    told: dict[str, Any] = {name: PROGRAMS[name](strategy) for name in sys.argv[1:] or PROGRAMS}
    if process_count() > 1:
        told["refused"] = refused(strategy)
    (FOLDER / f"{process_rank()}.json").write_text(json.dumps(told))


if __name__ == "__main__":
    main()
