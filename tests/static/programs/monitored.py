"""Programs that train in monitored sessions, with hooks."""

from __future__ import annotations

import glob
import os
import tempfile
from typing import Any

import numpy as np

from tests.static.programs.notes import Note


def _model(tf: Any) -> tuple[Any, Any, Any]:
    w = tf.get_variable("w", initializer=np.array([1.0, -2.0], np.float32))
    local = tf.get_variable("seen", initializer=0, collections=[tf.GraphKeys.LOCAL_VARIABLES], trainable=False)
    step = tf.train.get_or_create_global_step()
    loss = tf.reduce_sum(tf.square(w))
    tf.summary.scalar("loss", loss)
    with tf.control_dependencies([local.assign_add(1)]):
        train = tf.train.GradientDescentOptimizer(0.1).minimize(loss, global_step=step)
    return train, loss, step


def _hook(tf: Any, seen: list[Any], feeds: Any = None) -> Any:
    class Told(tf.train.SessionRunHook):
        """Notes what it is told."""

        def begin(self) -> None:
            seen.append("begin")

        def after_create_session(self, session: Any, coord: Any) -> None:
            seen.append(f"made {coord.should_stop()}")

        def before_run(self, run_context: Any) -> Any:
            seen.append(f"before {len(run_context.original_args)}")
            return tf.train.SessionRunArgs({"step": "global_step:0"}, feeds)

        def after_run(self, run_context: Any, run_values: Any) -> None:
            seen.append(sorted(run_values.results))

        def end(self, session: Any) -> None:
            seen.append("end")

    return Told()


def monitored_training(tf: Any, note: Note) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for again in range(2):
            tf.reset_default_graph()
            train, loss, step = _model(tf)
            seen: list[Any] = []
            final = tf.train.FinalOpsHook([loss, step])
            hooks = [tf.train.StopAtStepHook(num_steps=7), tf.train.NanTensorHook(loss), final, _hook(tf, seen)]
            with tf.train.MonitoredTrainingSession(
                checkpoint_dir=folder, hooks=hooks, save_summaries_steps=3, save_checkpoint_steps=4,
                log_step_count_steps=None,
            ) as session:  # fmt: skip
                note("graph", session.graph is tf.get_default_graph())
                note("finalized", tf.get_default_graph().finalized)
                steps = 0
                while not session.should_stop():
                    session.run(train)
                    steps += 1
            note("steps", steps)
            note("final", final.final_ops_values)
            note("told", seen)
            note("still finalized", tf.get_default_graph().finalized)
            note("files", sorted(name for name in os.listdir(folder) if ".index" in name))
            note("checkpoint", tf.train.load_variable(folder, "w"))
            note("names", [name for name, _ in tf.train.list_variables(folder)])
            note("again", again)
        tf.summary.FileWriterCache.clear()
        found = []
        for path in sorted(glob.glob(os.path.join(folder, "events.*"))):
            for event in tf.train.summary_iterator(path):
                found += [[event.step, value.tag] for value in event.summary.value]
        note("summaries", found)


def hooks(tf: Any, note: Note) -> None:
    train, loss, _ = _model(tf)
    x = tf.placeholder_with_default(0.0, [], name="x")
    fed = x * 2
    seen: list[Any] = []
    made = tf.train.SingularMonitoredSession(hooks=[_hook(tf, seen, {x: 3.0})])
    with made as session:
        note("fed", session.run(fed))
        note("fed twice", lambda: session.run(fed, {x: 1.0}))
        note("raw", isinstance(session.raw_session(), tf.Session))
        note("a step", session.run_step_fn(lambda step_context: step_context.session.run(loss)))
        note("no context", lambda: session.run_step_fn(lambda other: other))
        note("should stop", session.should_stop())
        session.run_step_fn(lambda step_context: step_context.request_stop())
        note("never", True)
    note("told", seen)

    tf.reset_default_graph()
    train, loss, _ = _model(tf)
    queue = tf.FIFOQueue(10, tf.float32, [])
    tf.train.add_queue_runner(tf.train.QueueRunner(queue, [queue.enqueue(tf.train.limit_epochs(tf.constant(2.0), 4))]))
    value = queue.dequeue()
    values = []
    scaffold = tf.train.Scaffold(init_fn=lambda scaffold, session: values.append(session.run("w:0").tolist()))
    with tf.train.MonitoredSession(tf.train.ChiefSessionCreator(scaffold)) as session:
        while not session.should_stop():
            values.append(session.run(value))
    note("until the end", [np.asarray(each).tolist() for each in values])

    tf.reset_default_graph()
    train, loss, _ = _model(tf)
    bad = loss / 0.0 - loss / 0.0

    def runs(*given: Any) -> Any:
        with tf.train.MonitoredSession(hooks=list(given)) as session:
            for _ in range(3):
                if session.should_stop():
                    return "stopped"
                session.run(train)
        return "done"

    note("nan", lambda: runs(tf.train.NanTensorHook(bad)))
    note("nan stops", lambda: runs(tf.train.NanTensorHook(bad, fail_on_nan_loss=False)))
    note("fails", lambda: runs(tf.train.FeedFnHook(lambda: {"none:0": 1})))
    timer = tf.train.SecondOrStepTimer(every_steps=3)
    told = []
    for number in range(8):
        told.append(timer.should_trigger_for_step(number))
        if told[-1]:
            timer.update_last_triggered_step(number)
    note("timer", [told, timer.last_triggered_step()])
    for label, call in {
        "logging": lambda: tf.train.LoggingTensorHook(["w:0"]),
        "every": lambda: tf.train.LoggingTensorHook(["w:0"], every_n_iter=0),
        "stop": lambda: tf.train.StopAtStepHook(),
        "stop twice": lambda: tf.train.StopAtStepHook(1, 2),
        "counter": lambda: tf.train.StepCounterHook(1, 2),
        "summary": lambda: tf.train.SummarySaverHook(1),
        "saver": lambda: tf.train.CheckpointSaverHook("x", save_steps=1, saver=1, scaffold=1),
        "no time": lambda: tf.train.SecondOrStepTimer(),
        "two times": lambda: tf.train.SecondOrStepTimer(1, 2),
        "copy": lambda: tf.train.Scaffold(copy_from_scaffold=1),
    }.items():
        note(label, call)


PROGRAMS = [monitored_training, hooks]
