"""Slices of as many elements in every run, which begin where the run says."""

import diptych.static as tf
import numpy as np
import pytest
from diptych.backends import settings


def _taken(slice_, starts):
    x, start = tf.placeholder(tf.float32, [None]), tf.placeholder(tf.int32, [])
    taken = slice_(x, start)
    gradient = tf.gradients(taken, x)[0]
    assert taken.shape.as_list() == [None]
    with tf.Session() as session:
        found = [session.run([taken, gradient], {x: np.arange(10), start: number}) for number in starts]
    for rows, slope in found:
        assert np.flatnonzero(slope).tolist() == rows.tolist()
    return [rows.tolist() for rows, _ in found]


@pytest.mark.parametrize("backend", ["numpy", "jax"])
def test_the_last_batch_is_smaller(backend):
    before = settings.settings().backend
    settings.configure(backend=backend)
    try:
        found = _taken(lambda x, batch: x[batch * 4 : (batch + 1) * 4], [0, 1, 2, 3, 1])
    finally:
        settings.configure(backend=before)
    assert found == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9], [], [4, 5, 6, 7]]


def test_bounds_counted_from_the_end():
    assert _taken(lambda x, start: x[start - 4 : start - 1], [0, 1, 3, 4, 12]) == [[6, 7, 8], [], [], [0, 1, 2], [8, 9]]


def test_batches_numbered_by_a_variable():
    rows = tf.constant([[0.0], [1.0], [2.0]])
    batch = tf.Variable(0)
    following = batch.assign_add(1)
    taken = rows[batch * 2 : batch * 2 + 2]
    with tf.Session() as session:
        session.run(batch.initializer)
        sizes = []
        for _ in range(3):
            sizes.append(len(session.run(taken)))
            session.run(following)
    assert sizes == [2, 1, 0]
