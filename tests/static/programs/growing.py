"""Programs whose loops write to arrays that grow."""

from __future__ import annotations

from typing import Any

import numpy as np

from .notes import Note


def fed_rounds(tf: Any, note: Note) -> None:
    rounds, w = tf.placeholder(tf.int32, []), tf.get_variable("w", initializer=[2.0, 0.5])

    def body(i: Any, x: Any, rows: Any) -> Any:
        x = x * w
        return i + 1, x, rows.write(i, x)

    rows = tf.TensorArray(tf.float32, size=0, dynamic_size=True)
    _, last, rows = tf.while_loop(lambda i, *_: i < rounds, body, [0, tf.ones([2]), rows])
    stacked = rows.stack()
    slope = tf.gradients(tf.reduce_sum(stacked), w)[0]
    note("shape", str(stacked.shape))
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for count in (3, 5, 3, 1):
            note("run", session.run([stacked, last, rows.size() if count == 3 else last, slope], {rounds: count}))


def computed_rounds(tf: Any, note: Note) -> None:
    start = tf.placeholder(tf.float32, [])

    def body(x: Any, i: Any, rows: Any, twice: Any) -> Any:
        return x * 0.5, i + 1, rows.write(i, [x, x + 1.0]), twice.write(2 * i + 1, i)

    rows, twice = (
        tf.TensorArray(dtype, size=1, dynamic_size=True, clear_after_read=False) for dtype in (tf.float32, tf.int32)
    )
    twice = twice.write(0, 7)
    last, _, rows, twice = tf.while_loop(lambda x, *_: x > 1.0, body, [start, 0, rows, twice])
    with tf.Session() as session:
        for value in (9.0, 33.0):
            note("run", session.run([last, rows.stack(), rows.concat() if value > 10 else last], {start: value}))
        note("gather", session.run(twice.gather([0, 1, 3]), {start: 9.0}))


def history(tf: Any, note: Note) -> None:
    """What was written so far is read in the rounds."""

    def body(i: Any, x: Any, rows: Any) -> Any:
        rows = rows.write(i, x)
        return i + 1, tf.reduce_sum(rows.stack(), 0) + 1.0, rows

    rows = tf.TensorArray(tf.float32, size=0, dynamic_size=True, clear_after_read=False, element_shape=[2])
    _, x, rows = tf.while_loop(lambda i, *_: i < 4, body, [0, tf.constant([1.0, 2.0]), rows])
    with tf.Session() as session:
        note("run", session.run([x, rows.stack()]))


def previous(tf: Any, note: Note) -> None:
    """Earlier elements are read by number."""
    count = tf.placeholder(tf.int32, [])
    rows = tf.TensorArray(tf.float32, size=2, dynamic_size=True, clear_after_read=False, element_shape=[])
    rows = rows.write(0, 0.0).write(1, 1.0)

    def body(i: Any, rows: Any) -> Any:
        return i + 1, rows.write(i, rows.read(i - 1) + rows.read(i - 2))

    _, rows = tf.while_loop(lambda i, _: i < count, body, [2, rows])
    with tf.Session() as session:
        for number in (10, 4):
            note("run", session.run(rows.stack(), {count: number}))


def chosen(tf: Any, note: Note) -> None:
    """Written to in one branch of a condition alone."""

    def body(i: Any, n: Any, rows: Any) -> Any:
        keep = tf.equal(i % 2, 0)
        rows, n = tf.cond(keep, lambda: (rows.write(n, i * i), n + 1), lambda: (rows, n))
        return i + 1, n, rows

    rows = tf.TensorArray(tf.int32, size=0, dynamic_size=True, element_shape=[])
    _, n, rows = tf.while_loop(lambda i, *_: i < 7, body, [0, 0, rows])
    with tf.Session() as session:
        note("run", session.run([n, rows.stack()]))


def random_rounds(tf: Any, note: Note) -> None:
    """Random numbers decide when it ends."""

    def body(i: Any, x: Any, rows: Any) -> Any:
        x = x + tf.random_uniform([], 0.5, 1.0, seed=3)
        return i + 1, x, rows.write(i, x)

    rows = tf.TensorArray(tf.float32, size=0, dynamic_size=True)
    _, x, rows = tf.while_loop(lambda i, x, _: x < 5.0, body, [0, 0.0, rows])
    stacked = rows.stack()
    with tf.Session() as session:
        seen = [session.run([x, stacked]) for _ in range(4)]
    note("ends", [bool(last == row[-1] and row[-2] < 5.0 <= last) for last, row in seen])
    note("others", len({float(last) for last, _ in seen}))
    note("rises", [bool((np.diff(row) >= 0.5).all()) for _, row in seen])


def _weights(tf: Any, session: Any) -> None:
    session.run(tf.global_variables_initializer())
    for variable in tf.trainable_variables():
        shape = variable.shape.as_list()
        session.run(variable.assign(np.sin(1.7 * np.arange(np.prod(shape), dtype=np.float32)).reshape(shape)))


def chosen_inputs(tf: Any, note: Note) -> None:
    """tf.nn.raw_rnn over sequences that are fed."""
    x, lengths = tf.placeholder(tf.float32, [None, 2, 3]), tf.placeholder(tf.int32, [2])
    cell = tf.nn.rnn_cell.LSTMCell(4)
    inputs = tf.TensorArray(tf.float32, size=tf.shape(x)[0]).unstack(x)

    def choose(time: Any, output: Any, state: Any, own: Any) -> Any:
        following = cell.zero_state(2, tf.float32) if output is None else state
        finished = time >= lengths
        given = tf.cond(tf.reduce_all(finished), lambda: tf.zeros([2, 3]), lambda: inputs.read(time))
        return finished, given, following, output, None

    outputs, state, own = tf.nn.raw_rnn(cell, choose)
    stacked = outputs.stack()
    note("shapes", [str(stacked.shape), str(state.c.shape), own])
    note("names", [variable.name for variable in tf.trainable_variables()])
    slopes = tf.gradients(tf.reduce_sum(stacked) + tf.reduce_sum(state.c), tf.trainable_variables())
    with tf.Session() as session:
        _weights(tf, session)
        for given in ([4, 2], [1, 3]):
            feed = {x: np.cos(np.arange(24)).reshape(4, 2, 3), lengths: given}
            note("run", session.run([stacked, state, slopes], feed))
    note("function", lambda: tf.nn.raw_rnn(cell, None))


def own_outputs(tf: Any, note: Note) -> None:
    """tf.nn.raw_rnn that puts out a nest, and keeps a state of its own."""
    cell = tf.nn.rnn_cell.GRUCell(2)

    def choose(time: Any, output: Any, state: Any, own: Any) -> Any:
        if output is None:
            emitted = (tf.zeros([], tf.int32), tf.zeros([2]))
            return tf.zeros([3], tf.bool), tf.ones([3, 2]), tf.ones([3, 2]), emitted, (tf.constant(1.0), tf.zeros([3]))
        best = tf.cast(tf.argmax(output, 1), tf.int32)
        total = own[1] + tf.reduce_sum(output, 1)
        return total > [1.5, 4.0, 0.5], output * own[0], state, (best, output * 2.0), (own[0] * 0.9, total)

    (best, twice), state, own = tf.nn.raw_rnn(cell, choose, scope="mine")
    with tf.Session() as session:
        _weights(tf, session)
        note("run", session.run([best.stack(), twice.stack(), state, own]))


PROGRAMS = [chosen_inputs, own_outputs, fed_rounds, computed_rounds, history, previous, chosen, random_rounds]
