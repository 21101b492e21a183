"""tf.keras.layers: what they refuse, in which words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import diptych.static as tf
import pytest

LAYERS = tf.keras.layers


class Silent(LAYERS.Layer):
    """A layer that gives nothing."""

    def call(self, inputs: Any) -> None:
        return None


@pytest.mark.parametrize(
    ("wrong", "kind", "words"),
    [
        (lambda x: LAYERS.Dense(2, "wrong"), ValueError, "Unknown activation function:wrong"),
        (lambda x: LAYERS.Activation("wrong"), ValueError, "Unknown activation function:wrong"),
        (lambda x: LAYERS.Dense(2, kernel_initializer="wrong"), ValueError, "Unknown initializer: wrong"),
        (lambda x: LAYERS.Dense(2, kernel_regularizer="wrong"), ValueError, "Unknown regularizer: wrong"),
        (lambda x: LAYERS.Dense(2, kernel_constraint="wrong"), ValueError, "Unknown constraint: wrong"),
        (lambda x: LAYERS.Dense(2, colour=1), TypeError, "Keyword argument not understood: colour"),
        (lambda x: LAYERS.Dense(2).output, AttributeError, "Layer dense has no inbound nodes."),
        (lambda x: LAYERS.Dense(2, name="d").set_weights([1.0]), ValueError,
         'You called `set_weights(weights)` on layer "d" with a  weight list of length 1, but the layer was expecting 0 '
         "weights. Provided weights: [1.0]..."),
        (lambda x: LAYERS.Permute((1, 3)), ValueError,
         "Invalid permutation `dims` for Permute Layer: (1, 3). The set of indices in `dims` must be consecutive and "
         "start from 1."),
        (lambda x: LAYERS.Reshape((5,))(x), ValueError, "total size of new array must be unchanged"),
        (lambda x: LAYERS.Reshape((5, -1))(x), ValueError, "total size of new array must be unchanged"),
        (lambda x: LAYERS.Add()([x]), ValueError,
         "A merge layer should be called on a list of at least 2 inputs. Got 1 inputs."),
        (lambda x: LAYERS.Input(), ValueError,
         "Please provide to Input either a `shape` or a `tensor` argument. Note that `shape` does not include the batch "
         "dimension."),
        (lambda x: Silent(name="s")(x), ValueError,
         "A layer's `call` method should return a Tensor or a list of Tensors, not None (layer: s)."),
        (lambda x: LAYERS.UpSampling2D(interpolation="wrong"), ValueError,
         '`interpolation` argument should be one of `"nearest"` or `"bilinear"`.'),
        (lambda x: LAYERS.Bidirectional(LAYERS.LSTM(2), "wrong"), ValueError,
         'Invalid merge mode. Merge mode should be one of {"sum", "mul", "ave", "concat", None}'),
        (lambda x: LAYERS.LSTM(2)(tf.zeros([1, 2, 3]), initial_state=[x]), ValueError,
         "Layer has 2 states but was passed 1 initial states."),
        (lambda x: LAYERS.RNN(3), ValueError, "`cell` should have a `call` method. received cells: 3"),
        (lambda x: tf.keras.activations.softmax(tf.zeros([2])), ValueError,
         "Cannot apply softmax to a tensor that is 1D. Received input: Tensor(\"zeros:0\", shape=(2,), dtype=float32)"),
    ],
)  # fmt: skip
def test_what_layers_refuse(wrong: Callable[[Any], Any], kind: type[Exception], words: str) -> None:
    tf.reset_default_graph()
    x = tf.placeholder(tf.float32, [None, 4], name="x")
    with pytest.raises(kind) as caught:
        wrong(x)
    assert str(caught.value) == words


def test_steps_that_are_not_known_are_not_unrolled() -> None:
    tf.reset_default_graph()
    with pytest.raises(ValueError, match="^Cannot unroll a RNN if the time dimension is undefined. \n- If using a"):
        LAYERS.LSTM(2, unroll=True)(tf.placeholder(tf.float32, [None, None, 3]))


@pytest.mark.parametrize(
    ("wrong", "words", "hint"),
    [
        (lambda: LAYERS.Embedding(3, 2, mask_zero=True),
         "tf.keras.layers.Embedding: mask_zero is True but must be False", "tf.sequence_mask"),
        (lambda: LAYERS.LSTM(2, stateful=True), "tf.keras.layers.RNN: stateful is True but must be False",
         "return_state=True and initial_state"),
        (lambda: LAYERS.RNN(tf.nn.rnn_cell.LSTMCell(2)),
         "tf.keras.layers.RNN: cell is LSTMCell but must be a tf.keras.layers.Layer", "tf.nn.dynamic_rnn"),
        (lambda: LAYERS.StackedRNNCells([LAYERS.LSTMCell(2, dropout=0.5)]),
         "tf.keras.layers.StackedRNNCells: dropout of a cell is not supported", "a tf.keras.layers.LSTM for each"),
    ],
)  # fmt: skip
def test_what_is_not_supported(wrong: Callable[[], Any], words: str, hint: str) -> None:
    tf.reset_default_graph()
    with pytest.raises(NotImplementedError) as caught:
        wrong()
    lines = str(caught.value).splitlines()
    assert (lines[0], lines[-1]) == (words, f"  try: {hint}")


def test_dropout_goes_with_the_learning_phase() -> None:
    tf.reset_default_graph()
    y = LAYERS.Dropout(0.5)(tf.ones([4, 100]))
    with tf.Session() as session:
        assert session.run(y).min() == 1
        learning = session.run(y, {tf.keras.backend.learning_phase(): True})
        assert set(learning.flat) == {0.0, 2.0}


def test_a_recurrent_layer_drops_the_same_features_in_all_steps() -> None:
    tf.reset_default_graph()
    layer = LAYERS.SimpleRNN(50, activation="linear", use_bias=False, kernel_initializer="identity",
                             recurrent_initializer="zeros", dropout=0.5, return_sequences=True)  # fmt: skip
    y = layer(tf.ones([1, 3, 50]), training=True)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        first, second, third = session.run(y)[0]
    assert set(first) == {0.0, 2.0}
    assert (first == second).all() and (second == third).all()


def test_a_layer_says_how_it_is_made() -> None:
    class Scaled(LAYERS.Layer):
        def __init__(self, by: float, **options: Any) -> None:
            super().__init__(**options)
            self.by = by

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "by": self.by}

    again = Scaled.from_config(Scaled(2.0, name="s").get_config())
    assert (again.name, again.by, again.trainable) == ("s", 2.0, True)
    with pytest.raises(NotImplementedError, match=r"^Layers with arguments in `__init__` must override `get_config`.$"):
        LAYERS.Dense(2).get_config()
