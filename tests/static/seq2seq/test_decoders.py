"""Messages of decoders, helpers and attention, and what the programs against TensorFlow do not reach."""

import diptych.static as tf
import numpy as np
import pytest

seq2seq = tf.contrib.seq2seq
MEMORY = np.ones([2, 3, 4], np.float32)


def _cell(units=4):
    return tf.nn.rnn_cell.GRUCell(units)


def _beams(start=(1, 2), state=None, **given):
    state = tf.ones([4, 4]) if state is None else state
    return seq2seq.BeamSearchDecoder(_cell(), tf.ones([5, 2]), start, 0, state, 2, **given)


def _wrapped(**given):
    return seq2seq.AttentionWrapper(_cell(), seq2seq.LuongAttention(4, MEMORY), **given)


MESSAGES = [
    (
        lambda: seq2seq.dynamic_decode(_cell), TypeError,
        "Expected decoder to be type Decoder, but saw: <class 'function'>",
    ),
    (
        lambda: seq2seq.dynamic_decode(_beams(), maximum_iterations=[1]), ValueError,
        "maximum_iterations must be a scalar",
    ),
    (
        lambda: seq2seq.CustomHelper(None, None, None).batch_size, ValueError,
        "batch_size accessed before initialize was called",
    ),
    (
        lambda: seq2seq.TrainingHelper(MEMORY, 2), ValueError,
        "Expected sequence_length to be a vector, but received shape: ()",
    ),
    (
        lambda: seq2seq.GreedyEmbeddingHelper(tf.ones([5, 2]), [1], 0).sample(0, [1.0], None), TypeError,
        "Expected outputs to be a single Tensor, got: <class 'list'>",
    ),
    (lambda: seq2seq.GreedyEmbeddingHelper(tf.ones([5, 2]), 1, 0), ValueError, "start_tokens must be a vector"),
    (lambda: seq2seq.GreedyEmbeddingHelper(tf.ones([5, 2]), [1], [0]), ValueError, "end_token must be a scalar"),
    (lambda: _beams(1), ValueError, "start_tokens must be a vector"),
    (
        lambda: _beams(state=tf.ones([4, 3])), ValueError,
        "Unexpected behavior when reshaping between beam width and batch size.  The reshaped tensor has shape: "
        "(2, 2, 3).  We expected it to have shape (batch_size, beam_width, depth) == (2, 2, 4).  Perhaps you forgot to "
        "create a zero_state with batch_size=encoder_batch_size * beam_width?",
    ),
    (
        lambda: seq2seq.dynamic_decode(_beams(coverage_penalty_weight=0.5)), ValueError,
        "coverage_penalty_weight must be 0.0 if no cell is attentional.",
    ),
    (lambda: _beams(output_layer=3), TypeError, "output_layer must be a Layer, received: <class 'int'>"),
    (
        lambda: seq2seq.BasicDecoder(_cell(), 3, None), TypeError,
        "helper must be a Helper, received: <class 'int'>",
    ),
    (
        lambda: seq2seq.tile_batch(tf.placeholder(tf.float32), 2), ValueError,
        "t must have statically known rank",
    ),
    (
        lambda: seq2seq.ScheduledOutputTrainingHelper(MEMORY, [3, 3], [[1.0]]), ValueError,
        "sampling_probability must be either a scalar or a vector. saw shape: (1, 1)",
    ),
    (
        lambda: seq2seq.LuongAttention(4, tf.placeholder(tf.float32, [2, 3, None], name="m")), ValueError,
        "Expected memory m:0 to have fully defined inner dims, but saw shape: (2, 3, ?)",
    ),
    (
        lambda: seq2seq.monotonic_attention(MEMORY[0], MEMORY[0], "other"), ValueError,
        "mode must be 'recursive', 'parallel', or 'hard'.",
    ),
    (
        lambda: seq2seq.AttentionWrapper(_cell(), _cell()), TypeError,
        "attention_mechanism must be an AttentionMechanism or list of multiple AttentionMechanism instances, saw type: "
        "GRUCell",
    ),
    (
        lambda: _wrapped(cell_input_fn=3), TypeError, "cell_input_fn must be callable, saw type: int",
    ),
    (
        lambda: _wrapped(attention_layer_size=3, attention_layer=tf.layers.Dense(3)), ValueError,
        "Only one of attention_layer_size and attention_layer should be set",
    ),
    (
        lambda: _wrapped(attention_layer_size=[3, 3]), ValueError,
        "If provided, attention_layer_size must contain exactly one integer per attention_mechanism, saw: 2 vs 1",
    ),
    (
        lambda: _wrapped(attention_layer=[tf.layers.Dense(3), tf.layers.Dense(3)]), ValueError,
        "If provided, attention_layer must contain exactly one layer per attention_mechanism, saw: 2 vs 1",
    ),
    (
        lambda: _wrapped()(tf.ones([2, 4]), tf.ones([2, 4])), TypeError,
        "Expected state to be instance of AttentionWrapperState. Received type "
        "<class 'diptych.static.graphs.tensor.Tensor'> instead.",
    ),
    (
        lambda: _wrapped().zero_state(2, tf.float32).clone(cell_state=tf.ones([3, 4])), ValueError,
        "The shape of the AttentionWrapperState is expected to be same as the one to clone. self.shape: (2, 4), "
        "input.shape: (3, 4)",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("make", "kind", "message"), MESSAGES, ids=[message[:40] for *_, message in MESSAGES])
def test_a_message(make, kind, message):
    with pytest.raises(kind) as error:
        make()
    assert str(error.value) == message


def test_keys_must_fit_queries():
    with pytest.raises(ValueError, match=r"^Incompatible or unknown inner dimensions between query and keys\.  Query"):
        seq2seq.LuongAttention(5, MEMORY)(tf.ones([2, 4]), None)


def test_a_memory_of_another_batch_is_told():
    size = tf.placeholder(tf.int32, [])
    state = _wrapped().zero_state(size, tf.float32)
    with tf.Session() as session, pytest.raises(tf.errors.InvalidArgumentError) as error:
        session.run(state.cell_state, {size: 3})
    assert "Non-matching batch sizes between the memory (encoder output) and the requested batch size." in str(
        error.value
    )
