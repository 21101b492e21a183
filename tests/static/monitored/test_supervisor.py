"""Supervisors and what makes their sessions, beside what programs/graph_files.py holds."""

from __future__ import annotations

import time

import diptych.static as tf
import pytest
from diptych.events import read


def _message(call, kind):
    with pytest.raises(kind) as caught:
        call()
    return str(caught.value)


# -- sessions ----


def test_what_a_session_manager_refuses():
    v = tf.Variable(1.0, name="v")
    manager = tf.train.SessionManager(ready_op=tf.report_uninitialized_variables())
    assert _message(manager.prepare_session, RuntimeError) == (
        "Model is not initialized and no init_op or init_fn or local_init_op was given"
    )
    assert _message(lambda: manager.prepare_session(init_op=tf.no_op(name="nothing")), RuntimeError) == (
        "Init operations did not make model ready.  Init op: nothing, init fn: None, local_init_op: None, error: "
        "Variables not initialized: v"
    )
    waiting = tf.report_uninitialized_variables([v])
    other = tf.train.SessionManager(local_init_op=tf.no_op(), ready_for_local_init_op=waiting)
    assert _message(lambda: other.prepare_session(init_op=tf.no_op(name="nothing")), RuntimeError) == (
        "Init operations did not make model ready for local_init.  Init op: nothing_1, init fn: None, error: "
        "Variables not initialized: v"
    )
    assert _message(lambda: tf.train.SessionManager(ready_for_local_init_op=waiting), ValueError).startswith(
        "If you pass a ready_for_local_init_op you must also pass a local_init_op , ready_for_local_init_op ["
    )
    saver = tf.train.Saver()
    both = {"saver": saver, "checkpoint_dir": "a", "checkpoint_filename_with_path": "b"}
    assert _message(lambda: manager.prepare_session("", v.initializer, **both), ValueError) == (
        "Can not provide both checkpoint_dir and checkpoint_filename_with_path."
    )
    assert _message(lambda: tf.train.SessionManager(ready_op=waiting).wait_for_session(max_wait_secs=0),
                    tf.errors.DeadlineExceededError) == "Session was not ready after waiting 0 secs."  # fmt: skip


def test_sessions_are_recovered(tmp_path):
    v = tf.Variable(1.0, name="v")
    saver = tf.train.Saver()
    manager = tf.train.SessionManager(ready_op=tf.report_uninitialized_variables())
    session, is_ready = manager.recover_session("", saver, str(tmp_path))
    assert not is_ready and session.run(tf.report_uninitialized_variables()).tolist() == [b"v"]
    session = manager.prepare_session(
        "", v.initializer, saver, str(tmp_path), init_fn=lambda each: each.run(v.assign(7.0))
    )
    path = saver.save(session, str(tmp_path / "m"))
    for place in ({"checkpoint_dir": str(tmp_path)}, {"checkpoint_filename_with_path": path}):
        session, is_ready = manager.recover_session("", saver, **place)
        assert is_ready and session.run(v) == 7.0
    w = tf.Variable(2.0, name="w")
    later = tf.train.SessionManager(ready_op=tf.report_uninitialized_variables([v, w]))
    assert later.recover_session("", saver, str(tmp_path))[1] is False


# -- supervisors ----


def test_what_a_supervisor_refuses():
    tf.Variable(1.0)
    supervisor = tf.train.Supervisor(is_chief=False)
    assert _message(lambda: supervisor.start_standard_services(None), RuntimeError) == (
        "Only chief supervisor can start standard services. Because only chief supervisors can write events."
    )
    assert _message(lambda: supervisor.summary_computed(None, b""), RuntimeError) == (
        "Writing a summary requires a summary writer."
    )


def test_threads_write_checkpoints_and_summaries(tmp_path):
    step = tf.train.get_or_create_global_step()
    increment = tf.assign_add(step, 1)
    tf.summary.scalar("steps", step)
    supervisor = tf.train.Supervisor(logdir=str(tmp_path), save_model_secs=0.05, save_summaries_secs=0.05)
    with supervisor.managed_session() as session:
        end = time.monotonic() + 10
        while not tf.train.latest_checkpoint(str(tmp_path)) and time.monotonic() < end:
            session.run(increment)
            time.sleep(0.02)
        supervisor.summary_computed(session, tf.Summary(value=[tf.Summary.Value(tag="own", simple_value=1.0)]))
    events = [event for path in tmp_path.glob("events*") for event in read(path)]
    tags = {value.tag for event in events for value in event.summary.value}
    assert {"steps", "own"} <= tags and tf.train.latest_checkpoint(str(tmp_path))
    assert [event.session_log.status for event in events if event.HasField("session_log")] == [1, 2]
    assert any(event.graph_def for event in events) and any(event.meta_graph_def for event in events)
    assert (tmp_path / "graph.pbtxt").read_text().startswith("node {")


def test_errors_of_threads_come_out():
    supervisor = tf.train.Supervisor(init_op=None, summary_op=None)
    tf.get_default_graph()._finalized = False
    tf.no_op()

    def fail() -> None:
        raise KeyError("of a thread")

    with pytest.raises(KeyError, match="of a thread"), supervisor.managed_session():
        supervisor.loop(None, fail)
        while not supervisor.should_stop():
            time.sleep(0.01)


def test_a_step_that_is_no_integer_is_not_counted(caplog):
    tf.Variable(1.0, name="global_step")
    assert tf.train.Supervisor().global_step is None
    assert "Found 'global_step' is not an int type" in caplog.text
