"""Programs with recurrent cells: over sequences of any length, over lists, in both directions."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from tests.static.programs.notes import Note

X = np.sin(np.arange(24, dtype=np.float32).reshape(2, 4, 3))
LENGTHS = np.array([3, 4])


def _noted(tf: Any, note: Note, label: str, outputs: Any, state: Any, fed: dict[Any, Any]) -> None:
    """Variables, shapes, values and gradients of a network."""
    first = outputs[-1] if isinstance(outputs, list) else outputs
    variables = tf.trainable_variables()
    note(f"{label} variables", [[variable.name, variable.shape.as_list()] for variable in variables])
    note(f"{label} shapes", str(first.shape))
    found = tf.gradients(tf.reduce_sum(first * first), variables)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        note(label, session.run([outputs, state, found], fed))


def _cells(tf: Any) -> dict[str, Any]:
    rnn = tf.nn.rnn_cell
    return {
        "basic": lambda: rnn.BasicRNNCell(2),
        "relu": lambda: rnn.BasicRNNCell(2, activation=tf.nn.relu, name="named"),
        "gru": lambda: rnn.GRUCell(2),
        "lstm": lambda: rnn.BasicLSTMCell(2, forget_bias=0.5),
        "lstm of one state": lambda: rnn.BasicLSTMCell(2, state_is_tuple=False),
        "peepholes": lambda: rnn.LSTMCell(3, use_peepholes=True, num_proj=2, cell_clip=0.2, proj_clip=0.1),
        "several": lambda: rnn.MultiRNNCell([rnn.BasicLSTMCell(2), rnn.GRUCell(3)]),
        "several of one state": lambda: rnn.MultiRNNCell([rnn.GRUCell(2), rnn.GRUCell(3)], state_is_tuple=False),
        "residual": lambda: rnn.ResidualWrapper(rnn.BasicRNNCell(3)),
        "kept": lambda: rnn.DropoutWrapper(rnn.GRUCell(2), 1.0, output_keep_prob=1.0),
        "device": lambda: rnn.DeviceWrapper(rnn.BasicRNNCell(2), "/cpu:0"),
    }


def cells_over_sequences(tf: Any, note: Note) -> None:
    for label in _cells(tf):
        tf.reset_default_graph()
        x = tf.placeholder(tf.float32, [None, None, 3])
        with tf.variable_scope("net", initializer=tf.constant_initializer(0.1)):
            outputs, state = tf.nn.dynamic_rnn(_cells(tf)[label](), x, dtype=tf.float32)
        _noted(tf, note, label, outputs, state, {x: X})


def sequences_of_different_lengths(tf: Any, note: Note) -> None:
    for label in ("basic", "lstm", "several"):
        for time_major in (False, True):
            tf.reset_default_graph()
            x = tf.placeholder(tf.float32, [4, 2, 3] if time_major else [2, 4, 3])
            lengths = tf.placeholder(tf.int32, [None])
            with tf.variable_scope("net", initializer=tf.constant_initializer(0.1)):
                cell = _cells(tf)[label]()
                first = cell.zero_state(2, tf.float32)
                outputs, state = tf.nn.dynamic_rnn(
                    cell, x, lengths, initial_state=first, time_major=time_major, scope="own"
                )
            fed = {x: X.transpose(1, 0, 2) if time_major else X, lengths: LENGTHS}
            _noted(tf, note, f"{label} {time_major}", outputs, state, fed)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        note("wrong number of lengths", lambda: session.run(outputs, {**fed, lengths: [1, 2, 3]}))


def lists_of_tensors(tf: Any, note: Note) -> None:
    for label in ("basic", "lstm", "several"):
        for lengths in (None, LENGTHS):
            tf.reset_default_graph()
            x = tf.placeholder(tf.float32, [2, 4, 3])
            with tf.variable_scope("net", initializer=tf.constant_initializer(0.1)):
                outputs, state = tf.nn.static_rnn(
                    _cells(tf)[label](), tf.unstack(x, axis=1), dtype=tf.float32, sequence_length=lengths
                )
            _noted(tf, note, f"{label} {lengths is None}", outputs, state, {x: X})


def both_directions(tf: Any, note: Note) -> None:
    for lengths in (None, LENGTHS):
        tf.reset_default_graph()
        x = tf.placeholder(tf.float32, [2, 4, 3])
        with tf.variable_scope("net", initializer=tf.constant_initializer(0.1)):
            cells = _cells(tf)["gru"](), _cells(tf)["lstm"]()
            outputs, state = tf.nn.bidirectional_dynamic_rnn(*cells, x, lengths, dtype=tf.float32)
        _noted(tf, note, f"dynamic {lengths is None}", tf.concat(outputs, 2), state, {x: X})
        tf.reset_default_graph()
        x = tf.placeholder(tf.float32, [2, 4, 3])
        with tf.variable_scope("net", initializer=tf.constant_initializer(0.1)):
            cells = _cells(tf)["gru"](), _cells(tf)["basic"]()
            outputs, *states = tf.nn.static_bidirectional_rnn(
                *cells, tf.unstack(x, axis=1), dtype=tf.float32, sequence_length=lengths
            )
        _noted(tf, note, f"static {lengths is None}", outputs, states, {x: X})


def cells_by_hand(tf: Any, note: Note) -> None:
    x = tf.placeholder(tf.float32, [None, 3])
    cell = tf.nn.rnn_cell.BasicLSTMCell(2)
    note("sizes", [cell.state_size, cell.output_size, cell.built])
    first = cell.zero_state(tf.shape(x)[0], tf.float32)
    note("zero state", [str(each.shape) for each in first])
    output, state = cell(x, first)
    output, state = cell(x, state)
    note("variables", [variable.name for variable in cell.trainable_variables])
    note("trainable", [variable.name for variable in tf.trainable_variables()])
    with tf.variable_scope("again"):
        other = copy.deepcopy(tf.nn.rnn_cell.GRUCell(2))
        other(x, other.zero_state(2, tf.float32))
    reused = tf.nn.rnn_cell.BasicLSTMCell(2, reuse=True)
    reused(x, first)
    note("reused", [variable.name for variable in tf.trainable_variables()])
    note("once more", lambda: str(tf.nn.rnn_cell.BasicLSTMCell(2, name="basic_lstm_cell")(x, first)[0].shape))
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        note("shapes", [list(each.shape) for each in session.run([output, *state], {x: np.ones((5, 3))})])

    class Doubling(tf.nn.rnn_cell.RNNCell):
        @property
        def state_size(self) -> int:
            return 1

        @property
        def output_size(self) -> int:
            return 3

        def call(self, inputs: Any, state: Any) -> Any:
            scale = tf.get_variable("scale", [], initializer=tf.ones_initializer())
            return inputs * 2 * scale, state + 1

    own = Doubling()
    outputs, last = tf.nn.dynamic_rnn(own, tf.constant(X), dtype=tf.float32)
    note("own variables", [variable.name for variable in own.variables])
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        note("own", session.run([outputs, last]))


def what_is_refused(tf: Any, note: Note) -> None:
    rnn, x = tf.nn.rnn_cell, tf.placeholder(tf.float32, [2, 4, 3])
    note("no cell", lambda: tf.nn.dynamic_rnn(3, x, dtype=tf.float32))
    note("no dtype", lambda: tf.nn.dynamic_rnn(rnn.GRUCell(2), x))
    note(
        "no depth",
        lambda: tf.nn.dynamic_rnn(rnn.GRUCell(2), tf.placeholder(tf.float32, [2, 4, None]), dtype=tf.float32),
    )
    note("rank", lambda: tf.nn.dynamic_rnn(rnn.GRUCell(2), tf.placeholder(tf.float32, [2, 4]), dtype=tf.float32))
    note("lengths", lambda: tf.nn.dynamic_rnn(rnn.GRUCell(2), x, [[1, 2]], dtype=tf.float32))
    note("no list", lambda: tf.nn.static_rnn(rnn.GRUCell(2), x, dtype=tf.float32))
    note("empty list", lambda: tf.nn.static_rnn(rnn.GRUCell(2), [], dtype=tf.float32))
    note("no cells", lambda: rnn.MultiRNNCell([]))
    note("states", lambda: rnn.MultiRNNCell([rnn.BasicLSTMCell(2)], state_is_tuple=False))
    note("probability", lambda: rnn.DropoutWrapper(rnn.GRUCell(2), 1.5))
    note("integers", lambda: rnn.GRUCell(2)(tf.zeros([2, 3], tf.int32), tf.zeros([2, 2], tf.int32)))


PROGRAMS = [
    cells_over_sequences,
    sequences_of_different_lengths,
    lists_of_tensors,
    both_directions,
    cells_by_hand,
    what_is_refused,
]
