"""Programs that are made of layers: names, variables, values, gradients, and what layers put into collections."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.static.programs.notes import Note, described

X = np.sin(np.arange(2 * 6 * 5 * 3, dtype=np.float32) * 0.7).reshape(2, 6, 5, 3)


def _constants(tf: Any) -> Any:
    """An initializer with the same numbers in both frameworks."""
    return lambda shape, dtype=None, partition_info=None: tf.constant(
        np.cos(np.arange(np.prod(shape), dtype=np.float32)).reshape(shape)
    )


def _noted(tf: Any, note: Note, label: str, result: Any, fed: Any = None) -> None:
    """Name and shape, variables, values and slopes."""
    variables = tf.trainable_variables()
    slopes = tf.gradients(tf.reduce_sum(result * result), variables)
    slopes = [slope for slope in slopes if slope is not None]
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        value, *found = session.run([result, *slopes], fed)
    note(label, described(result, *tf.global_variables()))
    note(f"{label} value", [list(value.shape), value.reshape(-1)[:6], float(np.abs(value).sum())])
    note(f"{label} slopes", [float(np.abs(slope).sum()) for slope in found])


def dense_layers(tf: Any, note: Note) -> None:
    x = tf.placeholder(tf.float32, [None, 5])
    h = tf.layers.dense(x, 4, activation=tf.nn.relu, kernel_initializer=_constants(tf))
    y = tf.layers.dense(h, 3, kernel_initializer=_constants(tf), use_bias=False)
    z = tf.layers.dense(
        y, units=2, name="last", kernel_initializer=_constants(tf), bias_initializer=tf.ones_initializer()
    )
    note("all", described(h, y, z))
    _noted(tf, note, "dense", z, {x: X[0, :, :, 0]})
    again = tf.layers.dense(y, 2, name="last", reuse=True)
    note("again", described(again))
    note("no reuse", lambda: tf.layers.dense(y, 2, name="last"))
    with tf.variable_scope("net", reuse=tf.AUTO_REUSE):
        a, b = tf.layers.dense(x, 2, name="both"), tf.layers.dense(x, 2, name="both")
        c, d = tf.layers.dense(x, 2), tf.layers.dense(x, 2)
        e = tf.layers.dense(x, 2, activation=tf.tanh, trainable=False)
    note("scoped", described(a, b, c, d, e))
    note("variables", described(*tf.global_variables("net"), *tf.trainable_variables("net")))
    layer = tf.layers.Dense(3, activation="relu", kernel_initializer=_constants(tf))
    note("unused", lambda: layer.weights[0].name)
    note("layer", described(layer(x), layer(x), layer.kernel, layer.bias))
    note("layer's", [layer.name, [v.name for v in layer.trainable_variables], layer.count_params()])
    note("unknown depth", lambda: tf.layers.dense(tf.placeholder(tf.float32, [None, None]), 2))
    note("rank 1", lambda: tf.layers.dense(tf.placeholder(tf.float32, [3]), 2))


def dense_over_more_axes(tf: Any, note: Note) -> None:
    x = tf.placeholder(tf.float32, [None, 5, 3])
    _noted(tf, note, "rank 3", tf.layers.dense(x, 2, kernel_initializer=_constants(tf)), {x: X[0]})
    x = tf.placeholder(tf.float32, [None, None, 5, 3])
    y = tf.layers.dense(x, 2, activation=tf.nn.sigmoid, kernel_initializer=_constants(tf))
    _noted(tf, note, "rank 4", y, {x: X})


def regularizers_and_constraints(tf: Any, note: Note) -> None:
    x = tf.placeholder(tf.float32, [None, 3])
    squares = lambda weights: 0.1 * tf.reduce_sum(weights * weights)  # noqa: E731
    with tf.variable_scope("net"):
        y = tf.layers.dense(
            x,
            4,
            kernel_initializer=_constants(tf),
            kernel_regularizer=squares,
            bias_regularizer=squares,
            activity_regularizer=squares,
            kernel_constraint=lambda w: w / tf.reduce_sum(w),
        )
        tf.layers.dense(x, 4, name="dense", reuse=True, kernel_regularizer=squares)
    losses = tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES)
    note("losses", [loss.name for loss in losses])
    step = tf.train.GradientDescentOptimizer(0.1).minimize(tf.reduce_sum(y) + tf.add_n(losses))
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        note("values", session.run(losses, {x: X[0, 0]}))
        session.run(step, {x: X[0, 0]})
        note("constrained", session.run(tf.trainable_variables()[0]))
    with tf.variable_scope("default", regularizer=squares, initializer=tf.ones_initializer()):
        tf.layers.dense(x, 2)
    note("from the scope", [loss.name for loss in tf.get_collection("regularization_losses", "default")])


def getters(tf: Any, note: Note) -> None:
    asked = []

    def getter(getter: Any, name: str, *arguments: Any, **options: Any) -> Any:
        asked.append(name)
        return getter(name, *arguments, **options)

    x = tf.placeholder(tf.float32, [None, 3])
    with tf.variable_scope("net", custom_getter=getter):
        tf.layers.dense(x, 2)
        tf.layers.conv2d(tf.placeholder(tf.float32, [None, 4, 4, 1]), 2, 3)
    note("asked", asked)


def convolution_layers(tf: Any, note: Note) -> None:
    x = tf.placeholder(tf.float32, [None, 6, 5, 3])
    kernel = {"kernel_initializer": _constants(tf)}
    h = tf.layers.conv2d(x, 4, [3, 3], padding="same", activation=tf.nn.relu, **kernel)
    h = tf.layers.max_pooling2d(h, 2, 2)
    note("pooled", described(h))
    h = tf.layers.conv2d(h, filters=2, kernel_size=2, strides=(1, 1), name="second", **kernel)
    h = tf.layers.flatten(h)
    note("flat", described(h))
    _noted(tf, note, "network", tf.layers.dense(h, 2, **kernel), {x: X})


def other_convolution_layers(tf: Any, note: Note) -> None:
    kernel = {"kernel_initializer": _constants(tf)}
    x = tf.placeholder(tf.float32, [None, 6, 5, 3])
    for padding in ("same", "valid"):
        y = tf.layers.conv2d_transpose(x, 2, 3, strides=2, padding=padding, **kernel)
        _noted(tf, note, f"transpose {padding}", y, {x: X})
    y = tf.layers.conv1d(x[:, :, 0], 2, 3, activation=tf.nn.relu, **kernel)
    _noted(tf, note, "conv1d", y, {x: X})
    y = tf.layers.conv3d(x[..., None], 2, (2, 2, 1), strides=(1, 2, 1), **kernel)
    _noted(tf, note, "conv3d", y, {x: X})
    note("conv3d transpose", described(tf.layers.conv3d_transpose(x[..., None], 2, 2, 2)))
    both = {"depthwise_initializer": _constants(tf), "pointwise_initializer": _constants(tf)}
    y = tf.layers.separable_conv2d(x, 4, 3, depth_multiplier=2, **both)
    _noted(tf, note, "separable", y, {x: X})
    note("separable 1d", described(tf.layers.separable_conv1d(x[:, :, 0], 4, 3, padding="same")))
    unknown = tf.placeholder(tf.float32, [None, None, None, 3])
    note("unknown", described(tf.layers.conv2d(unknown, 2, 3), tf.layers.conv2d_transpose(unknown, 2, 3, 2)))
    note("channels first", described(tf.layers.conv2d(x, 2, 3, data_format="channels_first")))
    layer = tf.layers.Conv2D(2, 3, dilation_rate=2)
    note("shape", str(layer.compute_output_shape(tf.TensorShape([None, 8, 8, 1]))))
    note("no channels", lambda: tf.layers.conv2d(tf.placeholder(tf.float32, [None, 3, 3, None]), 2, 3))
    note("rank", lambda: tf.layers.conv2d(x[0], 2, 3))
    note("padding", lambda: tf.layers.conv2d(x, 2, 3, padding="full"))
    note("kernel size", lambda: tf.layers.conv2d(x, 2, (1, 2, 3)))


def pooling_layers(tf: Any, note: Note) -> None:
    x = tf.placeholder(tf.float32, [None, 6, 5, 3])
    made = [
        tf.layers.max_pooling1d(x[:, :, 0], 2, 2),
        tf.layers.average_pooling1d(x[:, :, 0], 3, 1, padding="same"),
        tf.layers.max_pooling2d(x, (2, 2), (2, 2), padding="same"),
        tf.layers.average_pooling2d(x, 2, 1),
        tf.layers.max_pooling3d(x[..., None], 2, 2, padding="same"),
        tf.layers.average_pooling3d(x[..., None], 2, 2, padding="same"),
        tf.layers.MaxPooling2D(2, 2)(x),
        tf.layers.AveragePooling2D(2, 2, data_format="channels_last")(x),
        tf.layers.flatten(x),
        tf.layers.Flatten()(tf.placeholder(tf.float32, [4, None, 2])),
    ]
    note("made", described(*made))
    with tf.Session() as session:
        note("sums", [float(np.abs(each).sum()) for each in session.run(made[:-1], {x: X})])


def dropping(tf: Any, note: Note) -> None:
    x, training = tf.ones([50, 40]), tf.placeholder_with_default(False, [])
    kept, dropped = tf.layers.dropout(x, 0.4), tf.layers.dropout(x, rate=0.4, training=True)
    either = tf.layers.dropout(x, 0.5, training=training)
    note("shapes", [kept.name, str(dropped.shape), str(either.shape)])
    with tf.Session() as session:
        note("kept", float(session.run(kept).sum()))
        found = session.run(dropped)
        note("values", sorted({round(float(each), 4) for each in found.reshape(-1)}))
        note("share", bool(abs(found.mean() - 1) < 0.1))
        note("by a tensor", [float(session.run(either).sum()), bool(session.run(either, {training: True}).min() == 0)])


def batch_normalization(tf: Any, note: Note) -> None:
    images, rows = X, X.reshape(12, 15)
    for label, array in (("images", images), ("rows", rows)):
        for training in (True, False, "fed"):
            for fused in (None, False):
                tf.reset_default_graph()
                x = tf.placeholder(tf.float32, [None, *array.shape[1:]])
                flag = tf.placeholder(tf.bool, [], name="flag") if training == "fed" else training
                y = tf.layers.batch_normalization(x, training=flag, momentum=0.8, fused=fused)
                updates = tf.get_collection(tf.GraphKeys.UPDATE_OPS)
                name = f"{label} {training} {fused}"
                note(
                    name,
                    [*described(*tf.global_variables()), str(y.shape), len(updates), len(tf.trainable_variables())],
                )
                slopes = tf.gradients(tf.reduce_sum(y * y * x), [x, *tf.trainable_variables()])
                with tf.Session() as session:
                    session.run(tf.global_variables_initializer())
                    for value in (True, False) if training == "fed" else (None,):
                        fed = {x: array, **({} if value is None else {flag: value})}
                        found = session.run([y, *slopes], fed)
                        note(f"{name} y", [found[0].reshape(-1)[:6], [float(np.abs(each).sum()) for each in found]])
                        session.run(updates, fed)
                        note(f"{name} averages", session.run(tf.global_variables()[2:]))


def batch_normalization_that_trains(tf: Any, note: Note) -> None:
    x, training = tf.placeholder(tf.float32, [None, 6, 5, 3]), tf.placeholder(tf.bool)
    h = tf.layers.conv2d(x, 4, 3, kernel_initializer=_constants(tf), use_bias=False)
    h = tf.nn.relu(tf.layers.batch_normalization(h, training=training, name="bn"))
    h = tf.layers.batch_normalization(h, training=training, center=False, scale=False)
    loss = tf.reduce_mean(tf.square(tf.layers.dense(tf.layers.flatten(h), 1, kernel_initializer=_constants(tf)) - 1))
    with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
        step = tf.train.AdamOptimizer(0.01).minimize(loss)
    note("variables", [variable.name for variable in tf.global_variables()])
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        note("losses", [session.run([loss, step], {x: X, training: True})[0] for _ in range(20)])
        note("inference", session.run(loss, {x: X, training: False}))
        note("averages", [session.run(v) for v in tf.global_variables() if "moving" in v.name])


PROGRAMS = [
    dense_layers,
    dense_over_more_axes,
    regularizers_and_constraints,
    getters,
    convolution_layers,
    other_convolution_layers,
    pooling_layers,
    dropping,
    batch_normalization,
    batch_normalization_that_trains,
]
