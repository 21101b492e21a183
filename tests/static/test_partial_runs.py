"""Runs in parts, beside what programs/graph_files.py holds: words of refusals, and what runs once."""

from __future__ import annotations

import diptych.static as tf
import pytest
from diptych import Unsupported


def _message(call, kind=tf.errors.InvalidArgumentError):
    with pytest.raises(kind) as caught:
        call()
    return caught.value.args[2] if len(caught.value.args) > 2 else str(caught.value)


def test_refusals():
    a, b = tf.placeholder(tf.float32, [], "a"), tf.placeholder(tf.float32, [], "b")
    total, other = tf.add(a, b, "total"), tf.negative(a, "other")
    with tf.Session() as session:
        assert (
            _message(lambda: session.partial_run("gone", total)) == "Must run 'setup' before performing partial runs!"
        )
        assert _message(lambda: session.partial_run_setup([], [a])) == (
            "Must specify at least one target to fetch or execute."
        )
        handle = session.partial_run_setup([total], [a])
        assert _message(lambda: session.partial_run(handle, other, {a: 1})) == (
            "The fetch other:0 was not specified in partial_run_setup."
        )
        assert _message(lambda: session.partial_run(handle, total, {b: 1})) == (
            "The feed b:0 was not specified in partial_run_setup."
        )
        handle = session.partial_run_setup([total, other], [a, b])
        assert _message(lambda: session.partial_run(handle, total, {a: 1})) == (
            "Fetch total:0 can't be computed from the feeds that have been fed so far."
        )
        assert session.partial_run(handle, other, {a: 1}) == -1.0
        assert (
            _message(lambda: session.partial_run(handle, total, {a: 1, b: 2})) == "The feed a:0 had already been fed."
        )
        assert _message(lambda: session.partial_run(handle, other, {b: 2})) == (
            "The fetch other:0 had already been fetched."
        )
        assert session.partial_run(handle, total, {b: 2}) == 3.0


def test_what_one_part_computed_the_next_takes():
    a = tf.placeholder(tf.float32, [], "a")
    drawn = tf.random_uniform([], seed=1)
    first, second = drawn + 0.0, drawn + a
    with tf.Session() as session:
        handle = session.partial_run_setup([first, second], [a])
        value = session.partial_run(handle, first)
        assert session.partial_run(handle, second, {a: 0.0}) == value


def test_what_changes_a_variable_runs_once():
    v = tf.Variable(1.0, name="v")
    changed = tf.assign_add(v, 1.0, name="changed")
    with tf.control_dependencies([changed]):
        first, second = tf.constant(1.0), tf.constant(2.0)
    with tf.Session() as session:
        session.run(v.initializer)
        handle = session.partial_run_setup([first, second])
        assert session.partial_run(handle, first) == 1.0
        message = _message(lambda: session.partial_run(handle, second), Unsupported)
        assert message.startswith("partial_run: changed, which changes a variable, would run again")
        assert session.run(v) == 2.0
