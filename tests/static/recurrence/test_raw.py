"""Messages of tf.nn.raw_rnn."""

import diptych.static as tf
import pytest


def test_what_is_no_function():
    with pytest.raises(TypeError) as error:
        tf.nn.raw_rnn(tf.nn.rnn_cell.GRUCell(2), 3)
    assert str(error.value) == "loop_fn must be a callable"


def test_a_state_keeps_its_structure():
    def loop(time, output, state, own):
        following = tf.zeros([1, 2]) if output is None else (state, state)
        return tf.constant([True]), tf.zeros([1, 2]), following, output, None

    with pytest.raises(ValueError, match=r"^The two structures don't have the same nested structure: Tensor"):
        tf.nn.raw_rnn(tf.nn.rnn_cell.GRUCell(2), loop)
