"""Programs with decoders and attention of tf.contrib.seq2seq. What TensorFlow 1.15 shows of them was noted with its own
`contrib/seq2seq` over the operations of 2.15, which has no tf.contrib."""

from __future__ import annotations

from typing import Any

import numpy as np

from .notes import Note

IDS = np.array([[3, 1, 4, 1, 5], [2, 6, 5, 3, 0], [6, 2, 0, 1, 4]], np.int32)
MEMORY = np.sin(np.arange(60, dtype=np.float32)).reshape(3, 4, 5)
CLASSES, DEPTH, UNITS = 7, 4, 6


def _known_weights(tf: Any, session: Any, scale: float = 1.0) -> None:
    """Gives each variable numbers that do not depend on a random stream."""
    session.run(tf.global_variables_initializer())
    for number, variable in enumerate(tf.trainable_variables()):
        shape = variable.shape.as_list()
        count = int(np.prod(shape))
        session.run(
            variable.assign((scale * np.sin(number + 1.7 * np.arange(count))).reshape(shape).astype(np.float32))
        )


def _table(tf: Any) -> Any:
    return tf.get_variable("table", [CLASSES, DEPTH])


def training(tf: Any, note: Note) -> None:
    seq2seq = tf.contrib.seq2seq
    ids, lengths = tf.placeholder(tf.int32, [None, None]), tf.placeholder(tf.int32, [None])
    helper = seq2seq.TrainingHelper(tf.nn.embedding_lookup(_table(tf), ids), lengths)
    cell = tf.nn.rnn_cell.GRUCell(UNITS)
    decoder = seq2seq.BasicDecoder(
        cell, helper, cell.zero_state(tf.shape(ids)[0], tf.float32), tf.layers.Dense(CLASSES)
    )
    outputs, state, reached = seq2seq.dynamic_decode(decoder, impute_finished=True)
    note("shapes", [str(x.shape) for x in (outputs.rnn_output, outputs.sample_id, state, reached)])
    note("names", [variable.name for variable in tf.trainable_variables()])
    weights = tf.sequence_mask(lengths, dtype=tf.float32)
    loss = seq2seq.sequence_loss(outputs.rnn_output, ids[:, : tf.reduce_max(lengths)], weights)
    slopes = [tf.convert_to_tensor(slope) for slope in tf.gradients(loss, tf.trainable_variables())]
    with tf.Session() as session:
        _known_weights(tf, session)
        for given in ([5, 3, 4], [2, 4, 1]):
            feed = {ids: IDS, lengths: given}
            note("run", session.run([outputs, state, reached, loss], feed))
            note("slopes", session.run(slopes, feed))


def time_major(tf: Any, note: Note) -> None:
    seq2seq = tf.contrib.seq2seq
    inputs = tf.constant(np.cos(np.arange(24, dtype=np.float32)).reshape(4, 2, 3))
    helper = seq2seq.TrainingHelper(inputs, [2, 4], time_major=True)
    cell = tf.nn.rnn_cell.BasicRNNCell(2)
    decoder = seq2seq.BasicDecoder(cell, helper, tf.ones([2, 2]))
    outputs, state, reached = seq2seq.dynamic_decode(decoder, output_time_major=True, maximum_iterations=3)
    note("shapes", [str(x.shape) for x in (outputs.rnn_output, outputs.sample_id, state, reached)])
    with tf.Session() as session:
        _known_weights(tf, session)
        note("run", session.run([outputs, state, reached]))
    note("lengths", lambda: seq2seq.TrainingHelper(inputs, [[2, 4]]))
    note("helper", lambda: seq2seq.BasicDecoder(cell, None, tf.ones([2, 2])))
    note("decoder", lambda: seq2seq.dynamic_decode(cell))
    note("many", lambda: seq2seq.dynamic_decode(decoder, maximum_iterations=[3]))


def attention(tf: Any, note: Note) -> None:
    seq2seq = tf.contrib.seq2seq
    made = {
        "additive": lambda: seq2seq.BahdanauAttention(UNITS, MEMORY, [4, 2, 3]),
        "normalized": lambda: seq2seq.BahdanauAttention(UNITS, MEMORY, [4, 2, 3], normalize=True),
        "product": lambda: seq2seq.LuongAttention(UNITS, MEMORY, [4, 2, 3]),
        "scaled": lambda: seq2seq.LuongAttention(UNITS, MEMORY, scale=True, probability_fn=seq2seq.hardmax),
        "monotonic": lambda: seq2seq.BahdanauMonotonicAttention(UNITS, MEMORY, [4, 2, 3], score_bias_init=0.5),
        "recursive": lambda: seq2seq.LuongMonotonicAttention(UNITS, MEMORY, [4, 2, 3], mode="recursive"),
        "hard": lambda: seq2seq.LuongMonotonicAttention(UNITS, MEMORY, [4, 2, 3], mode="hard", scale=True),
    }
    inputs = tf.constant(np.cos(np.arange(60, dtype=np.float32)).reshape(3, 5, 4))
    found = {}
    for name, make in made.items():
        with tf.variable_scope(name):
            cell = seq2seq.AttentionWrapper(
                tf.nn.rnn_cell.GRUCell(UNITS), make(), None if name == "hard" else 3, alignment_history=True,
                output_attention=name != "scaled",
            )  # fmt: skip
            helper = seq2seq.TrainingHelper(inputs, [5, 3, 4])
            decoder = seq2seq.BasicDecoder(cell, helper, cell.zero_state(3, tf.float32))
            outputs, state, _ = seq2seq.dynamic_decode(decoder)
            found[name] = (outputs.rnn_output, state.alignments, state.alignment_history.stack(), state.time)
            variables = tf.trainable_variables(name)
            note(f"{name} variables", [variable.name for variable in variables])
            if name not in ("scaled", "hard"):  # whose choices have no gradient
                found[f"{name} slopes"] = tf.gradients(tf.reduce_sum(outputs.rnn_output), variables)
    with tf.Session() as session:
        _known_weights(tf, session, 0.5)
        for name, tensors in found.items():
            note(name, session.run(tensors))


def several(tf: Any, note: Note) -> None:
    """Several mechanisms, and a state that is cloned."""
    seq2seq = tf.contrib.seq2seq
    mechanisms = [seq2seq.LuongAttention(UNITS, MEMORY), seq2seq.BahdanauAttention(3, MEMORY[:, :2], name="other")]
    cell = tf.nn.rnn_cell.MultiRNNCell([tf.nn.rnn_cell.BasicLSTMCell(UNITS), tf.nn.rnn_cell.GRUCell(UNITS)])
    wrapped = seq2seq.AttentionWrapper(cell, mechanisms, [3, 2])
    state = wrapped.zero_state(3, tf.float32)
    first = (tf.nn.rnn_cell.LSTMStateTuple(tf.ones([3, UNITS]), tf.zeros([3, UNITS])), tf.ones([3, UNITS]))
    state = state.clone(cell_state=first)
    output, following = wrapped(tf.ones([3, 2]), state)
    note("sizes", [wrapped.output_size, str(wrapped.state_size)])
    with tf.Session() as session:
        _known_weights(tf, session, 0.5)
        note("run", session.run([output, following]))
    note("sizes of layers", lambda: seq2seq.AttentionWrapper(cell, mechanisms, 3))
    note("mechanism", lambda: seq2seq.AttentionWrapper(cell, cell))
    note("units", lambda: seq2seq.LuongAttention(5, MEMORY)(tf.ones([3, 4]), None))


def greedy(tf: Any, note: Note) -> None:
    seq2seq = tf.contrib.seq2seq
    table, layer = _table(tf), tf.layers.Dense(CLASSES, use_bias=False)
    cell = tf.nn.rnn_cell.GRUCell(UNITS)
    start = tf.placeholder(tf.int32, [None])
    helper = seq2seq.GreedyEmbeddingHelper(table, start, 0)
    decoder = seq2seq.BasicDecoder(cell, helper, cell.zero_state(tf.size(start), tf.float32), layer)
    outputs, state, lengths = seq2seq.dynamic_decode(decoder, maximum_iterations=8)
    with tf.variable_scope("own"):
        own = seq2seq.InferenceHelper(
            lambda x: x * 0.5, [UNITS], tf.float32, tf.ones([2, UNITS]), lambda x: tf.reduce_sum(x, 1) > 0.4
        )
        decoder = seq2seq.BasicDecoder(tf.nn.rnn_cell.BasicRNNCell(UNITS), own, tf.zeros([2, UNITS]))
        drawn, _, ends = seq2seq.dynamic_decode(decoder, maximum_iterations=5)
    with tf.Session() as session:
        _known_weights(tf, session, 1.5)
        for tokens in ([1, 2, 3], [4, 5, 6]):
            note("run", session.run([outputs, state, lengths], {start: tokens}))
        note("own", session.run([drawn, ends]))
    note("end", lambda: seq2seq.GreedyEmbeddingHelper(table, start, [0]))
    note("start", lambda: seq2seq.GreedyEmbeddingHelper(table, 1, 0))


def scheduled(tf: Any, note: Note) -> None:
    """Sampling that is sure to happen, or not to: of one class in the first case."""
    seq2seq = tf.contrib.seq2seq
    inputs = tf.constant(np.cos(np.arange(60, dtype=np.float32)).reshape(3, 5, 4))
    cell = tf.nn.rnn_cell.BasicRNNCell(4)
    sure = lambda ids: tf.fill([tf.size(ids), 4], 0.25)  # noqa: E731
    helpers = {
        "never": seq2seq.ScheduledEmbeddingTrainingHelper(inputs, [5, 3, 4], sure, 0.0),
        "outputs": seq2seq.ScheduledOutputTrainingHelper(inputs, [5, 3, 4], 1.0),
        "changed": seq2seq.ScheduledOutputTrainingHelper(inputs, [5, 3, 4], 1.0, next_inputs_fn=lambda x: x * 2.0),
        "inputs": seq2seq.ScheduledOutputTrainingHelper(inputs, [5, 3, 4], 0.0),
    }
    always = seq2seq.ScheduledEmbeddingTrainingHelper(inputs, [5, 3, 4], sure, 1.0)
    found = {}
    for name, helper in {**helpers, "always": always}.items():
        with tf.variable_scope("all", reuse=tf.AUTO_REUSE):
            outputs, _, _ = seq2seq.dynamic_decode(seq2seq.BasicDecoder(cell, helper, tf.zeros([3, 4])))
            slope = tf.gradients(tf.reduce_sum(outputs.rnn_output), tf.trainable_variables())
            found[name] = [outputs.rnn_output if name == "always" else outputs, slope]
    with tf.Session() as session:
        _known_weights(tf, session, 0.7)
        for name, tensors in found.items():
            note(name, session.run(tensors))
    note("matrix", lambda: seq2seq.ScheduledOutputTrainingHelper(inputs, [5, 3, 4], [[1.0]]))


def beams(tf: Any, note: Note) -> None:
    seq2seq = tf.contrib.seq2seq
    table, layer = _table(tf), tf.layers.Dense(CLASSES, use_bias=False)
    start = tf.placeholder(tf.int32, [None])
    cell = tf.nn.rnn_cell.GRUCell(UNITS)
    first = seq2seq.tile_batch(tf.sin(tf.reshape(tf.range(18.0), [3, 6])), 3)
    options = {"plain": {}, "penalized": {"length_penalty_weight": 1.2}}
    found = {}
    for name, given in options.items():
        with tf.variable_scope("all", reuse=tf.AUTO_REUSE):
            decoder = seq2seq.BeamSearchDecoder(cell, table, start, 0, first, 3, layer, **given)
            found[name] = seq2seq.dynamic_decode(decoder, maximum_iterations=6)
    note("shapes", [str(x.shape) for x in (*found["plain"][0][1], found["plain"][0].predicted_ids, found["plain"][2])])
    with tf.variable_scope("attending"):
        memory = seq2seq.tile_batch(tf.constant(MEMORY), 2)
        wrapped = seq2seq.AttentionWrapper(
            tf.nn.rnn_cell.GRUCell(UNITS), seq2seq.LuongAttention(UNITS, memory), 4, alignment_history=True
        )
        decoder = seq2seq.BeamSearchDecoder(
            wrapped, table, start, 0, wrapped.zero_state(6, tf.float32), 2, tf.layers.Dense(CLASSES),
            coverage_penalty_weight=0.4,
        )  # fmt: skip
        outputs, state, lengths = seq2seq.dynamic_decode(decoder, maximum_iterations=5, output_time_major=True)
    with tf.Session() as session:
        _known_weights(tf, session, 1.5)
        for name, (outs, last, ends) in found.items():
            note(name, session.run([outs.predicted_ids, *outs[1], *last[1:4], ends], {start: [1, 2, 3]}))
        history = state.cell_state.alignment_history
        found = session.run([outputs.predicted_ids, history, lengths, *state[1:]], {start: [1, 2, 3]})
        note("attending", found)
        tree = seq2seq.gather_tree(
            [[[1, 2, 3]], [[4, 5, 6]], [[7, 8, 9]]], [[[0, 0, 0]], [[0, 1, 1]], [[2, 1, 2]]], [3], 10
        )
        note("tree", session.run(tree))
        tree = seq2seq.gather_tree(
            [[[1, 2], [3, 4]], [[5, 9], [6, 7]], [[1, 8], [2, 3]]],
            [[[0, 0], [0, 0]], [[1, 0], [0, 0]], [[0, 1], [1, 0]]], [3, 2], 9,
        )  # fmt: skip
        note("ended tree", session.run(tree))
    note("start", lambda: seq2seq.BeamSearchDecoder(cell, table, 1, 0, first, 3, layer))
    note("size", lambda: seq2seq.BeamSearchDecoder(cell, table, [1, 2], 0, tf.ones([5, 6]), 3, layer))


PROGRAMS = [training, time_major, attention, several, greedy, scheduled, beams]
