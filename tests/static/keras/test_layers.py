"""tf.keras.layers: what they refuse, in which words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import diptych.static as tf
import numpy as np
import pytest
from diptych.ir import Unsupported

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
        (lambda x: LAYERS.Attention()(x), ValueError,
         "Attention layer must be called on a list of inputs, namely [query, value] or [query, value, key]."),
        (lambda x: LAYERS.Attention()([x]), ValueError,
         "Attention layer accepts inputs list of length 2 or 3, namely [query, value] or [query, value, key]. Given "
         "length: 1"),
        (lambda x: LAYERS.AdditiveAttention(False)([x, x], mask=x), ValueError,
         "AdditiveAttention layer mask must be a list, namely [query_mask, value_mask]."),
        (lambda x: LAYERS.AdditiveAttention(False)([x, x], mask=[x]), ValueError,
         "AdditiveAttention layer mask must be a list of length 2, namely [query_mask, value_mask]. Given length: 1"),
        (lambda x: LAYERS.LocallyConnected1D(2, 3, padding="same"), ValueError,
         'Invalid border mode for LocallyConnected1D (only "valid" is supported if implementation is 1): same'),
        (lambda x: LAYERS.LocallyConnected1D(2, 3)(tf.placeholder(tf.float32, [None, None, 4])), ValueError,
         "The spatial dimensions of the inputs to a LocallyConnected1D layer should be fully-defined, but layer received "
         "the inputs shape (?, ?, 4)"),
        (lambda x: LAYERS.ConvLSTM2D(2, 3)(tf.placeholder(tf.float32, [None, 2, None, 5, 3])), ValueError,
         "The spatial dimensions and channels of the inputs to tf.keras.layers.ConvLSTM2D should be defined. Found: "
         "[None, 5, 3]"),
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


def test_locally_connected_layers_have_one_implementation() -> None:
    with pytest.raises(Unsupported) as caught:
        LAYERS.LocallyConnected2D(2, 3, implementation=2)
    lines = str(caught.value).splitlines()
    assert lines[0] == "tf.keras.layers.LocallyConnected2D: implementation is 2 but must be 1"
    assert lines[-1] == "  try: implementation=1, whose variables have other shapes"


def drawn(layer: Any, x: Any) -> Any:
    """What a layer gives while it learns."""
    tf.reset_default_graph()
    with tf.Session() as session:
        return session.run(layer(tf.constant(x), training=True))


def test_gaussian_dropout_has_the_variance_of_dropout() -> None:
    found = drawn(LAYERS.GaussianDropout(0.2), np.full((100, 100), 2.0, np.float32))
    assert abs(found.mean() - 2) < 0.05
    assert abs(found.std() - 2 * 0.5) < 0.05


def test_alpha_dropout_keeps_mean_and_variance() -> None:
    x = np.random.RandomState(0).randn(100, 100).astype(np.float32)
    found = drawn(LAYERS.AlphaDropout(0.3, seed=1), x)
    assert abs(found.mean()) < 0.05
    assert abs(found.std() - 1) < 0.05
    lowest = -1.6732632423543772 * 1.0507009873554805
    factor = (0.7 * (1 + 0.3 * lowest**2)) ** -0.5
    dropped = np.isclose(found, factor * lowest * 0.7, atol=1e-5)
    assert abs(dropped.mean() - 0.3) < 0.03
    assert np.allclose(found[~dropped], (factor * (x - lowest * 0.3))[~dropped], atol=1e-5)


def test_alpha_dropout_takes_a_shape_of_noise() -> None:
    found = drawn(LAYERS.AlphaDropout(0.5, noise_shape=(None, 1)), np.ones((50, 3), np.float32))
    assert (found == found[:, :1]).all()
    assert len(np.unique(found)) == 2


def test_the_films_of_a_model_learn() -> None:
    tf.reset_default_graph()
    tf.keras.backend.clear_session()
    tf.set_random_seed(1)
    random = np.random.RandomState(0)
    films, targets = random.randn(16, 3, 6, 6, 1).astype(np.float32), random.randn(16, 4, 4, 2).astype(np.float32)
    model = tf.keras.Sequential([LAYERS.ConvLSTM2D(2, 3, input_shape=(3, 6, 6, 1), dropout=0.1, recurrent_dropout=0.1)])
    assert model.layers[0].name == "conv_lst_m2d"
    model.compile(tf.keras.optimizers.Adam(0.05), "mse")
    losses = model.fit(films, targets, epochs=10, verbose=0).history["loss"]
    assert losses[-1] < 0.99 * losses[0]
