"""Programs of tf.keras.layers: layers used as functions in graphs, their variables' names, and layers of one's own."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from tests.static.programs.notes import Note

DRAWN = np.random.RandomState(3)
ROWS = DRAWN.randn(2, 6).astype(np.float32)
STEPS = DRAWN.randn(2, 3, 4).astype(np.float32)
PICTURES = DRAWN.randn(2, 6, 6, 2).astype(np.float32)
BOXES = DRAWN.randn(2, 4, 4, 4, 2).astype(np.float32)


def start(variable: Any) -> Any:
    """Numbers that differ from place to place, and are the same in both frameworks."""
    size = int(np.prod(variable.shape.as_list()))
    return (np.arange(size) % 7 / 7 - 0.4).reshape(variable.shape.as_list()).astype(np.float32)


def named(variable: Any) -> str:
    """The name as TensorFlow 1.15 makes it, without the scope of a recurrent layer's cell and without numbers there."""
    return re.sub(r"/(stacked_rnn_cells|(lstm|gru|simple_rnn)_cell)(_\d+)?(?=/)|_\d+(?=:)", "", variable.name)


def shown(tf: Any, note: Note, label: str, make: Any, value: Any) -> None:
    """Notes names, shapes and values of a layer's variables and results."""
    x = [tf.constant(each) for each in value] if isinstance(value, list) else tf.constant(value)
    layer = make()
    y = layer(x)
    note(f"{label}: variables", [[named(each), str(each.shape), each.dtype.base_dtype.name] for each in layer.weights])
    note(f"{label}: trained", len(layer.trainable_weights))
    several = y if isinstance(y, list) else [y]
    note(f"{label}: shapes", [str(each.shape) for each in several])
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for variable in layer.trainable_weights:
            variable.load(start(variable), session)
        note(f"{label}: values", session.run(several))


def rows(tf: Any, note: Note) -> None:
    k = tf.keras.layers
    for label, make in {
        "dense": lambda: k.Dense(3, activation="relu"), "dense 2": lambda: k.Dense(2, use_bias=False, name="mine"),
        "dense 3": lambda: k.Dense(2, "tanh", kernel_initializer="he_normal", kernel_regularizer="l2"),
        "flatten": lambda: k.Flatten(), "activation": lambda: k.Activation("softmax"),
        "reshape": lambda: k.Reshape((2, -1)), "repeat": lambda: k.RepeatVector(3),
        "lambda": lambda: k.Lambda(lambda x: x * 2), "relu": lambda: k.ReLU(1.0, 0.1, 0.2),
        "leaky": lambda: k.LeakyReLU(0.2), "elu": lambda: k.ELU(0.5), "prelu": lambda: k.PReLU(),
        "thresholded": lambda: k.ThresholdedReLU(0.5), "softmax": lambda: k.Softmax(),
        "dropout": lambda: k.Dropout(0.5), "noise": lambda: k.GaussianNoise(0.5),
        "normalization": lambda: k.BatchNormalization(), "layer normalization": lambda: k.LayerNormalization(),
    }.items():  # fmt: skip
        shown(tf, note, label, make, ROWS)
    pair = [ROWS, ROWS[::-1].copy()]
    for label, make in {
        "add": lambda: k.Add(), "multiply": lambda: k.Multiply(), "average": lambda: k.Average(),
        "maximum": lambda: k.Maximum(), "minimum": lambda: k.Minimum(), "subtract": lambda: k.Subtract(),
        "concatenate": lambda: k.Concatenate(), "dot": lambda: k.Dot(1), "cosine": lambda: k.Dot(-1, normalize=True),
    }.items():  # fmt: skip
        shown(tf, note, label, make, pair)
    tensors = [tf.constant(each) for each in pair]
    note("functions", [each.name for each in (k.add(tensors), k.concatenate(tensors, axis=0), k.maximum(tensors))])


def pictures(tf: Any, note: Note) -> None:
    k = tf.keras.layers
    for label, make in {
        "conv": lambda: k.Conv2D(3, 3, activation="relu"), "strided": lambda: k.Conv2D(2, (3, 2), 2, padding="same"),
        "dilated": lambda: k.Conv2D(2, 2, dilation_rate=2, bias_initializer="ones"),
        "transposed": lambda: k.Conv2DTranspose(2, 3, strides=2), "separable": lambda: k.SeparableConv2D(3, 3),
        "depthwise": lambda: k.DepthwiseConv2D(3, depth_multiplier=2), "max": lambda: k.MaxPool2D(),
        "average": lambda: k.AveragePooling2D(3, 2, "same"), "global max": lambda: k.GlobalMaxPooling2D(),
        "global average": lambda: k.GlobalAveragePooling2D(), "pad": lambda: k.ZeroPadding2D(((1, 0), (2, 1))),
        "crop": lambda: k.Cropping2D((1, 2)), "up": lambda: k.UpSampling2D((2, 1)), "permute": lambda: k.Permute((3, 1, 2)),
        "bilinear": lambda: k.UpSampling2D(2, interpolation="bilinear"), "channels": lambda: k.SpatialDropout2D(0.5),
        "normalization": lambda: k.BatchNormalization(axis=-1, momentum=0.9),
    }.items():  # fmt: skip
        shown(tf, note, label, make, PICTURES)
    shown(tf, note, "boxes", lambda: k.Conv3D(2, 2), BOXES)
    shown(tf, note, "box pooling", lambda: k.MaxPooling3D(), BOXES)


def sequences(tf: Any, note: Note) -> None:
    k = tf.keras.layers
    for label, make in {
        "conv": lambda: k.Conv1D(3, 2), "causal": lambda: k.Conv1D(3, 2, padding="causal"),
        "max": lambda: k.MaxPooling1D(2), "global": lambda: k.GlobalAveragePooling1D(),
        "simple": lambda: k.SimpleRNN(3), "simple steps": lambda: k.SimpleRNN(3, return_sequences=True),
        "lstm": lambda: k.LSTM(3), "lstm states": lambda: k.LSTM(2, return_sequences=True, return_state=True),
        "lstm sigmoid": lambda: k.LSTM(2, recurrent_activation="sigmoid", unit_forget_bias=False),
        "lstm unrolled": lambda: k.LSTM(2, unroll=True, go_backwards=True), "gru": lambda: k.GRU(3),
        "gru after": lambda: k.GRU(2, reset_after=True, return_sequences=True),
        "both ways": lambda: k.Bidirectional(k.LSTM(2, return_sequences=True)),
        "both summed": lambda: k.Bidirectional(k.GRU(2), merge_mode="sum"),
        "distributed": lambda: k.TimeDistributed(k.Dense(2)), "cell": lambda: k.RNN(k.LSTMCell(2)),
        "cells": lambda: k.RNN([k.GRUCell(2), k.SimpleRNNCell(3)], return_sequences=True),
    }.items():  # fmt: skip
        shown(tf, note, label, make, STEPS)
    shown(tf, note, "embedding", lambda: k.Embedding(5, 3), np.array([[1, 4], [0, 2]], np.int32))
    known = k.LSTM(2)(tf.constant(STEPS), initial_state=[tf.ones([2, 2]), tf.zeros([2, 2])])
    note("initial state", str(known.shape))


def own(tf: Any, note: Note) -> None:
    class Scaled(tf.keras.layers.Layer):
        def __init__(self, units: int, **options: Any) -> None:
            super().__init__(**options)
            self.units = units
            self.inner = tf.keras.layers.Dense(2, name="inside")

        def build(self, input_shape: Any) -> None:
            self.scale = self.add_weight(name="scale", shape=(int(input_shape[-1]), self.units), initializer="ones")
            self.count = self.add_weight("count", shape=[], initializer="zeros", trainable=False)
            super().build(input_shape)

        def call(self, inputs: Any) -> Any:
            self.add_loss(tf.reduce_sum(self.scale) * 0.1)
            return self.inner(tf.matmul(inputs, self.scale))

        def compute_output_shape(self, input_shape: Any) -> Any:
            return (input_shape[0], 2)

    shown(tf, note, "own", lambda: Scaled(3), ROWS)
    layer = Scaled(3, name="named")
    with tf.name_scope("outer"):
        y = layer(tf.constant(ROWS))
    layer(tf.constant(ROWS))
    note("in a scope", [y.name, *(each.name for each in layer.weights)])
    note("losses", len(layer.losses))
    note("built", layer.built)
    with tf.variable_scope("scope"):
        dense = tf.keras.layers.Dense(2)
        note("in a variable scope", [dense(tf.constant(ROWS)).name, *(each.name for each in dense.weights)])
    note("collections", sorted(each.op.name for each in tf.trainable_variables()))
    note("configuration", tf.keras.layers.Dense(2, name="d").name)
    layer.trainable = False
    note("frozen", [len(layer.trainable_weights), len(layer.non_trainable_weights)])


def refused(tf: Any, note: Note) -> None:
    k = tf.keras.layers
    x = tf.constant(ROWS)
    for label, wrong in {
        "rank": lambda: k.Conv2D(2, 3)(x), "option": lambda: k.Dense(2, colour=1), "activation": lambda: k.Dense(2, "wrong"),
        "initializer": lambda: k.Dense(2, kernel_initializer="wrong"), "regularizer": lambda: k.Dense(2, kernel_regularizer="wrong"),
        "axes": lambda: k.Permute((1, 3)), "size": lambda: k.Reshape((4,))(x),
        "mode": lambda: k.Bidirectional(k.LSTM(2), merge_mode="wrong"), "unused": lambda: k.Dense(2).output,
        "weights": lambda: k.Dense(2).set_weights([1]),
        "last axis": lambda: k.Dense(2)(tf.placeholder(tf.float32, [None, None])),
    }.items():  # fmt: skip
        note(label, wrong)


def attention(tf: Any, note: Note) -> None:
    k = tf.keras.layers
    values = np.cos(np.arange(40, dtype=np.float32)).reshape(2, 5, 4)
    pair, triple = [STEPS, values], [STEPS, values, values[::-1].copy()]
    for label, make in {
        "products": lambda: k.Attention(), "scaled": lambda: k.Attention(use_scale=True, name="scaled"),
        "causal": lambda: k.Attention(causal=True), "sums": lambda: k.AdditiveAttention(),
        "plain sums": lambda: k.AdditiveAttention(use_scale=False, causal=True),
    }.items():  # fmt: skip
        shown(tf, note, label, make, pair)
        shown(tf, note, f"{label}, with keys", make, triple)
    masks = [
        tf.constant([[True, True, False], [True, False, True]]),
        tf.constant([[True] * 4 + [False], [True, False] * 2 + [True]]),
    ]
    tensors = [tf.constant(each) for each in pair]
    with tf.Session() as session:
        note("masks", session.run(k.Attention()(tensors, mask=masks)))
        note("mask of values", session.run(k.Attention(causal=True)(tensors, mask=[None, masks[1]])))
        note("mask of queries", session.run(k.AdditiveAttention(False)(tensors, mask=[masks[0], None])))
        note("dot", session.run(k.dot(tensors, axes=2)))
        note("cosine", session.run(k.dot([tensors[0], tensors[0]], axes=(1, 1), normalize=True)))


def dropouts(tf: Any, note: Note) -> None:
    k = tf.keras.layers
    for label, make in {"gaussian": lambda: k.GaussianDropout(0.5), "alpha": lambda: k.AlphaDropout(0.5)}.items():
        shown(tf, note, label, make, ROWS)
    with tf.Session() as session:
        note(
            "none",
            session.run(
                [
                    k.GaussianDropout(0.0)(tf.constant(ROWS), training=True),
                    k.AlphaDropout(0.0)(tf.constant(ROWS), training=True),
                ]
            ),
        )


def local_connections(tf: Any, note: Note) -> None:
    k = tf.keras.layers
    for label, make in {
        "sequences": lambda: k.LocallyConnected1D(3, 2, activation="relu"),
        "strided": lambda: k.LocallyConnected1D(2, 1, strides=2, use_bias=False),
        "channels first": lambda: k.LocallyConnected1D(2, 2, data_format="channels_first"),
    }.items():  # fmt: skip
        shown(tf, note, label, make, STEPS)
    for label, make in {
        "pictures": lambda: k.LocallyConnected2D(3, 3), "strided": lambda: k.LocallyConnected2D(2, (3, 2), (2, 1)),
        "channels first": lambda: k.LocallyConnected2D(2, (1, 2), 2, data_format="channels_first", activation="tanh"),
    }.items():  # fmt: skip
        shown(tf, note, f"pictures {label}", make, PICTURES)


def films(tf: Any, note: Note) -> None:
    k = tf.keras.layers
    # named, since TensorFlow 2 makes another name of the class
    frames = np.sin(np.arange(2 * 3 * 5 * 4 * 2, dtype=np.float32) * 0.37).reshape(2, 3, 5, 4, 2)
    for label, make in {
        "last": lambda: k.ConvLSTM2D(name="film", filters=2, kernel_size=3), "all": lambda: k.ConvLSTM2D(name="film", filters=2, kernel_size=(2, 3), padding="same", return_sequences=True),
        "strided": lambda: k.ConvLSTM2D(name="film", filters=1, kernel_size=2, strides=2, return_state=True, recurrent_activation="sigmoid"),
        "dilated": lambda: k.ConvLSTM2D(name="film", filters=2, kernel_size=2, dilation_rate=2, use_bias=False, activation="relu"),
        "backwards": lambda: k.ConvLSTM2D(name="film", filters=2, kernel_size=1, go_backwards=True, unit_forget_bias=False),
        "dropped": lambda: k.ConvLSTM2D(name="film", filters=2, kernel_size=2, dropout=0.2, recurrent_dropout=0.1),
    }.items():  # fmt: skip
        shown(tf, note, label, make, frames)


PROGRAMS = [rows, pictures, sequences, own, refused, attention, dropouts, local_connections, films]
