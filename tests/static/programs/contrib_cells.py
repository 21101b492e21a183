"""Programs with cells of tf.contrib.rnn. What TensorFlow 1.15 shows of them was noted with its own `contrib/rnn` over the
operations of 2.15, which has no tf.contrib."""

from __future__ import annotations

from typing import Any

import numpy as np

from .notes import Note

INPUTS = np.sin(0.7 * np.arange(3 * 4 * 5, dtype=np.float32)).reshape(3, 4, 5)  # batch, time, size
ROWS = np.cos(0.3 * np.arange(2 * 3 * 4 * 2, dtype=np.float32)).reshape(2, 3, 4, 2)


def _known_weights(tf: Any, session: Any) -> None:
    """Variables that are the same wherever the program runs."""
    for number, variable in enumerate(tf.global_variables()):
        count = int(np.prod(variable.shape.as_list()))
        values = 0.4 * np.sin(np.arange(count, dtype=np.float32) + number)
        variable.load(values.reshape(variable.shape.as_list()), session)


def cells(tf: Any, note: Note) -> None:
    rnn = tf.contrib.rnn
    made = {
        "sru": rnn.SRUCell(6),
        "independent": rnn.IndRNNCell(6),
        "indy gru": rnn.IndyGRUCell(6),
        "indy lstm": rnn.IndyLSTMCell(6, forget_bias=0.5),
        "coupled": rnn.CoupledInputForgetGateLSTMCell(6),
        "peepholes": rnn.CoupledInputForgetGateLSTMCell(6, True, num_proj=3, proj_clip=0.1, num_unit_shards=2),
        "flat": rnn.CoupledInputForgetGateLSTMCell(6, state_is_tuple=False),
        "intersection": rnn.IntersectionRNNCell(6, num_in_proj=6),
        "intersecting": rnn.IntersectionRNNCell(5),
        "attention": rnn.AttentionCellWrapper(tf.nn.rnn_cell.GRUCell(4), 3),
        "attentions": rnn.AttentionCellWrapper(tf.nn.rnn_cell.BasicLSTMCell(4), 2, attn_size=3, attn_vec_size=2),
        "highway": rnn.HighwayWrapper(tf.nn.rnn_cell.GRUCell(5)),
        "highways": rnn.HighwayWrapper(tf.nn.rnn_cell.BasicRNNCell(5), couple_carry_transform_gates=False),
    }
    found: dict[str, Any] = {}
    for name, cell in made.items():
        note(f"{name} sizes", [str(cell.state_size), str(cell.output_size)])
        with tf.variable_scope(name.replace(" ", "_")) as scope:
            outputs, state = tf.nn.dynamic_rnn(cell, tf.constant(INPUTS), [4, 2, 3], dtype=tf.float32)
            variables = tf.global_variables(scope.name)
            note(f"{name} variables", [[each.name.split("/rnn/")[1], str(each.shape)] for each in variables])
            slopes = [tf.reduce_sum(tf.square(each)) for each in tf.gradients(tf.reduce_sum(outputs), variables)]
            found[name] = [outputs, state, slopes]
    with tf.Session() as session:
        _known_weights(tf, session)
        for name, tensors in found.items():
            note(name, session.run(tensors))
    note("size", lambda: rnn.IntersectionRNNCell(6)(tf.constant(INPUTS[:, 0]), tf.zeros([3, 6])))
    note("length", lambda: rnn.AttentionCellWrapper(tf.nn.rnn_cell.GRUCell(4), 0))
    lstm = tf.nn.rnn_cell.BasicLSTMCell(4)
    note("states", lambda: rnn.AttentionCellWrapper(lstm, 2, state_is_tuple=False))
    shards = rnn.CoupledInputForgetGateLSTMCell(2, num_unit_shards=20)
    note("shards", lambda: shards(tf.constant(INPUTS[:, 0]), shards.zero_state(3, tf.float32)))
    shapes = rnn.HighwayWrapper(tf.nn.rnn_cell.GRUCell(4))
    note("highway", lambda: shapes(tf.constant(INPUTS[:, 0]), tf.zeros([3, 4])))


def convolutional(tf: Any, note: Note) -> None:
    rnn = tf.contrib.rnn
    made = {
        "row": (rnn.Conv1DLSTMCell(input_shape=[4, 2], output_channels=3, kernel_shape=[3]), ROWS[:, None, 0]),
        "picture": (
            rnn.Conv2DLSTMCell(input_shape=[3, 4, 2], output_channels=2, kernel_shape=[2, 3], forget_bias=0.5),
            ROWS[:, None],
        ),
        "plain": (
            rnn.ConvLSTMCell(2, [3, 4, 2], 2, [2, 3], use_bias=False, name="own"),
            ROWS[:, None],
        ),
        "block": (
            rnn.Conv3DLSTMCell(input_shape=[3, 4, 2, 1], output_channels=1, kernel_shape=[2, 2, 1]),
            ROWS[:, None, ..., None],
        ),
    }
    found = {}
    for name, (cell, inputs) in made.items():
        note(f"{name} sizes", [str(cell.state_size), str(cell.output_size)])
        with tf.variable_scope(name) as scope:
            inputs = np.concatenate([inputs, 0.5 * inputs], 1)
            found[name] = tf.nn.dynamic_rnn(cell, tf.constant(inputs), dtype=tf.float32)
            variables = tf.global_variables(scope.name)
            note(f"{name} variables", [[each.name.split("/rnn/")[1], str(each.shape)] for each in variables])
    with tf.variable_scope("skip"):
        cell = rnn.Conv1DLSTMCell(input_shape=[4, 2], output_channels=3, kernel_shape=[3], skip_connection=True)
        zero = tf.zeros([2, 4, 3])
        found["skip"] = cell(tf.constant(ROWS[:, 0]), (zero, zero))
        note("skip sizes", str(cell.output_size))
    with tf.Session() as session:
        _known_weights(tf, session)
        for name, tensors in found.items():
            note(name, session.run(tensors))
    note("shape", lambda: rnn.ConvLSTMCell(2, [3, 4], 2, [2]))


def fused(tf: Any, note: Note) -> None:
    rnn = tf.contrib.rnn
    inputs = tf.constant(INPUTS.transpose(1, 0, 2))
    found: dict[str, Any] = {}
    for name, dynamic in (("dynamic", True), ("static", False)):
        with tf.variable_scope(name):
            forward = rnn.FusedRNNCellAdaptor(tf.nn.rnn_cell.BasicRNNCell(3), use_dynamic_rnn=dynamic)
            back = rnn.TimeReversedFusedRNN(forward)
            found[name] = [forward(inputs, dtype=tf.float32)]
            tf.get_variable_scope().reuse_variables()
            found[name].append(back(inputs, dtype=tf.float32))
            found[name].append(back(inputs, dtype=tf.float32, sequence_length=[4, 2, 3]))
            found[name].append(back(tf.unstack(inputs), initial_state=tf.ones([3, 3])))
    with tf.Session() as session:
        _known_weights(tf, session)
        for name, tensors in found.items():
            note(name, session.run(tensors))


PROGRAMS = [cells, convolutional, fused]
