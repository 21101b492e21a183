"""Monitored sessions and hooks, beside what programs/monitored.py holds."""

import diptych.static as tf
import numpy as np
import pytest
from diptych import Unsupported


def _step():
    w = tf.get_variable("w", initializer=1.0)
    return tf.train.GradientDescentOptimizer(0.1).minimize(w * w, global_step=tf.train.get_or_create_global_step())


@pytest.fixture
def lines(caplog):
    caplog.set_level("INFO", "tensorflow")
    return lambda: [record.getMessage() for record in caplog.records]


def test_tensors_are_logged(lines):
    step = _step()
    loss = tf.identity(2.0, name="loss")
    hooks = [
        tf.train.LoggingTensorHook({"b": loss, "a": "loss"}, every_n_iter=2),
        tf.train.LoggingTensorHook(["loss:0"], at_end=True, formatter=lambda values: f"at the end {values['loss:0']}"),
    ]
    with tf.train.MonitoredSession(hooks=hooks) as session:
        for _ in range(3):
            session.run(step)
    found = [line for line in lines() if "=" in line or "end" in line]
    assert found[0] == "a = 2.0, b = 2.0" and found[1].startswith("a = 2.0, b = 2.0 (") and found[1].endswith(" sec)")
    assert found[2:] == ["at the end 2.0"]


def test_steps_are_counted(lines, tmp_path):
    _step()
    hook = tf.train.StepCounterHook(every_n_steps=1, summary_writer=tf.summary.FileWriter(str(tmp_path)))
    with tf.train.MonitoredSession(hooks=[hook]) as session:
        for _ in range(3):
            session.run("w:0")
    assert sum("It seems that global step" in line for line in lines()) == 2
    tf.reset_default_graph()
    step = _step()
    with tf.train.MonitoredSession(hooks=[tf.train.StepCounterHook(every_n_steps=1)]) as session:
        for _ in range(3):
            session.run(step)
    assert sum(line.startswith("global_step/sec: ") for line in lines()) == 2


def test_checkpoints_have_listeners(lines, tmp_path):
    step, told = _step(), []

    class Listener(tf.train.CheckpointSaverListener):
        def before_save(self, session, global_step_value):
            told.append(("before", int(global_step_value)))

        def after_save(self, session, global_step_value):
            return global_step_value >= 2

        def end(self, session, global_step_value):
            told.append(("end", int(global_step_value)))

    saver = tf.train.Saver()
    hook = tf.train.CheckpointSaverHook(str(tmp_path), save_steps=1, saver=saver, listeners=[Listener()])
    with tf.train.MonitoredSession(hooks=[hook]) as session:
        while not session.should_stop():
            session.run(step)
    assert told == [("before", 0), ("before", 1), ("before", 2), ("end", 2)]
    assert any("requested that training be stopped" in line for line in lines())
    tf.summary.FileWriterCache.clear()


def test_which_saver_a_hook_takes(tmp_path):
    _step()
    hook = tf.train.CheckpointSaverHook(str(tmp_path), save_steps=1)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        hook.begin()
        with pytest.raises(
            RuntimeError, match="^No items in collection savers. Please add a saver to the collection or"
        ):
            hook.after_create_session(session, None)
        for _ in range(2):
            tf.add_to_collection(tf.GraphKeys.SAVERS, tf.train.Saver())
        with pytest.raises(RuntimeError, match="^More than one item in collection savers. Please indicate which one"):
            hook.after_create_session(session, None)
    tf.summary.FileWriterCache.clear()


def test_variables_without_a_value_are_told():
    tf.get_variable("w", initializer=1.0)
    tf.get_variable("v", initializer=1.0)
    names = tf.report_uninitialized_variables()
    none = tf.report_uninitialized_variables([])
    with tf.Session() as session:
        assert session.run(names).tolist() == [b"w", b"v"] and session.run(none).tolist() == []
        session.run("v/Assign")
        assert session.run(names).tolist() == [b"w"]
    scaffold = tf.train.Scaffold(init_op=tf.no_op("nothing"))
    with pytest.raises(RuntimeError) as caught:
        tf.train.MonitoredSession(tf.train.ChiefSessionCreator(scaffold))
    assert str(caught.value) == (
        "Init operations did not make model ready.  Init op: nothing, init fn: None, local_init_op: group_deps, "
        "error: Variables not initialized: w, v"
    )


def test_a_session_starts_anew_from_its_checkpoint(tmp_path):
    step, calls = _step(), []

    def fails():
        calls.append(1)
        if len(calls) == 2:
            raise tf.errors.AbortedError(None, None, "preempted")
        return np.float32(0)

    value = tf.py_func(fails, [], tf.float32)
    with tf.train.MonitoredTrainingSession(checkpoint_dir=str(tmp_path), save_checkpoint_steps=1) as session:
        for _ in range(3):
            session.run([step, value])
        assert session.run("global_step:0") == 3 and len(calls) == 4
    tf.summary.FileWriterCache.clear()


def test_what_a_thread_fails_with_ends_the_session():
    queue = tf.FIFOQueue(1, tf.float32, [])
    bad = tf.py_func(lambda: (_ for _ in ()).throw(ValueError("lost")), [], tf.float32)
    bad.set_shape([])
    tf.train.add_queue_runner(tf.train.QueueRunner(queue, [queue.enqueue(bad)]))
    value = queue.dequeue()
    with pytest.raises(tf.errors.InvalidArgumentError, match="ValueError: lost"):
        with tf.train.MonitoredSession() as session:
            while True:
                session.run(value)


def test_a_session_is_closed_once():
    _step()
    session = tf.train.SingularMonitoredSession()
    session.close()
    assert session.graph is None and session.should_stop()
    for call in (session.close, lambda: session.run("w:0")):
        with pytest.raises(RuntimeError, match=r"^Session is already closed\.$"):
            call()
    with pytest.raises(RuntimeError, match="^Run called even after should_stop requested.$"):
        with tf.train.MonitoredSession(hooks=[tf.train.StopAtStepHook(last_step=0)]) as session:
            for _ in range(2):
                session.run("w:0")


def test_workers_and_waiting():
    step = _step()
    creator = tf.train.WorkerSessionCreator()
    with tf.train.MonitoredSession(creator, [tf.train.GlobalStepWaiterHook(0)]) as session:
        session.run(step)


def test_several_things_in_a_collection():
    for _ in range(2):
        tf.add_to_collection(tf.GraphKeys.INIT_OP, tf.no_op())
    with pytest.raises(
        RuntimeError, match='^More than one item in the collection "init_op". Please indicate which one'
    ):
        tf.train.Scaffold().finalize()


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: tf.train.Server({}), "Server"),
        (tf.train.Server.create_local_server, "Server.create_local_server"),
        (lambda: tf.train.replica_device_setter(2), "replica_device_setter"),
    ],
)
def test_what_needs_several_machines_is_refused(make, name):
    with pytest.raises(Unsupported, match=rf"^tf\.train\.{name} is not supported"):
        make()
    assert tf.train.replica_device_setter() is None
