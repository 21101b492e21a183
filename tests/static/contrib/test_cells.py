"""Cells of tf.contrib.rnn: messages, and what the programs against TensorFlow do not reach."""

import diptych.static as tf
import numpy as np
import pytest

rnn = tf.contrib.rnn
ROWS = np.sin(np.arange(6, dtype=np.float32)).reshape(2, 3)


def _run(cell, state):
    output, following = cell(tf.constant(ROWS), state)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        return session.run([output, following])


MESSAGES = [
    (
        lambda: rnn.AttentionCellWrapper(rnn.BasicLSTMCell(2), 2, state_is_tuple=False),
        "Cell returns tuple of states, but the flag state_is_tuple is not set. State size is: LSTMStateTuple(c=2, h=2)",
    ),
    (lambda: rnn.AttentionCellWrapper(rnn.GRUCell(2), 0), "attn_length should be greater than zero, got 0"),
    (
        lambda: rnn.IntersectionRNNCell(2)(tf.constant(ROWS), tf.zeros([2, 2])),
        "Must have input size == output size for Intersection RNN. To fix, num_in_proj should be set to num_units at "
        "cell init.",
    ),
    (
        lambda: rnn.CoupledInputForgetGateLSTMCell(2, num_unit_shards=9)(
            tf.constant(ROWS), (tf.zeros([2, 2]), tf.zeros([2, 2]))
        ),
        "Too many shards: shape=[5, 6], num_shards=9",
    ),
    (
        lambda: rnn.CoupledInputForgetGateLSTMCell(2)(
            tf.placeholder(tf.float32, [2, None]), (tf.zeros([2, 2]), tf.zeros([2, 2]))
        ),
        "Could not infer input size from inputs.get_shape()[-1]",
    ),
    (lambda: rnn.ConvLSTMCell(2, [3, 4], 2, [2]), "Invalid input_shape [3, 4] for conv_ndims=2."),
    (lambda: rnn.GRUBlockCell(), "Exactly one of num_units or cell_size must be provided."),
    (lambda: rnn.GRUBlockCell(2, 3), "Exactly one of num_units or cell_size must be provided."),
]


@pytest.mark.parametrize(("make", "message"), MESSAGES)
def test_a_message(make, message):
    with pytest.raises(ValueError) as error:
        make()
    assert str(error.value) == message


def test_a_block_cell_is_a_gated_cell():
    cell = rnn.GRUBlockCell(cell_size=2)
    state = np.ones([2, 2], np.float32)
    output, following = cell(tf.constant(ROWS), tf.constant(state))
    variables = tf.trainable_variables()
    assert [each.name for each in variables] == [f"gru_cell/{name}:0" for name in ("w_ru", "b_ru", "w_c", "b_c")]
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        found, again, w_gates, b_gates, w, b = session.run([output, following, *variables])
    gates = 1 / (1 + np.exp(-(np.concatenate([ROWS, state], 1) @ w_gates + b_gates)))
    reset, update = gates[:, :2], gates[:, 2:]
    candidate = np.tanh(np.concatenate([ROWS, reset * state], 1) @ w + b)
    np.testing.assert_allclose(found, update * state + (1 - update) * candidate, rtol=1e-5)
    assert (found == again).all()


def test_normalized_gates_have_gains_and_shifts():
    """With weights of zero every gate is its shift: c = s c0 + (1 - s) tanh(0.5), s = sigmoid(0.5 + 1), normalized to the
    shift again."""
    cell = rnn.CoupledInputForgetGateLSTMCell(2, initializer=None, layer_norm=True, norm_gain=0.0, norm_shift=0.5)
    output, (memory, _) = _run(cell, (tf.ones([2, 2]), tf.zeros([2, 2])))
    np.testing.assert_allclose(memory, np.full([2, 2], 0.5), rtol=1e-5)
    np.testing.assert_allclose(output, np.full([2, 2], np.tanh(0.5) / (1 + np.exp(-0.5))), rtol=1e-5)
    names = {each.name.split("/")[-2] for each in tf.trainable_variables() if each.name.endswith("gamma:0")}
    assert names == {"transform", "forget", "output", "state"}
