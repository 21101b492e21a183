"""Networks that train for 50 steps from the same weights: every tenth loss."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.static.programs.notes import Note

RANDOM = np.random.RandomState(0)
IMAGES = RANDOM.rand(8, 8, 8, 1).astype(np.float32)
CLASSES = RANDOM.randint(0, 3, 8)


def _weights(tf: Any, scale: float = 0.1) -> Any:
    """An initializer with the same numbers in both frameworks."""

    def initializer(shape: Any, dtype: Any = None, partition_info: Any = None) -> Any:
        count = int(np.prod(shape))
        return tf.constant(np.sin(np.arange(1, count + 1, dtype=np.float64) ** 2).reshape(shape) * scale, tf.float32)

    return initializer


def _curve(tf: Any, note: Note, fetches: Any, fed: Any = None, *, counting: Any = None) -> None:
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        found = [session.run(fetches, fed)[0] for _ in range(50)]
        note("losses", [np.asarray(loss, np.float32) for loss in found[::10] + found[-1:]])
        if counting is not None:
            note("accuracy", session.run(counting, fed))


def perceptron(tf: Any, note: Note) -> None:
    x = tf.placeholder(tf.float32, [None, 64])
    y = tf.placeholder(tf.int64, [None])
    with tf.variable_scope("net", initializer=_weights(tf)):
        h = tf.layers.dense(x, 16, activation=tf.nn.relu)
        h = tf.layers.dense(h, 8, activation=tf.nn.tanh, kernel_regularizer=lambda w: 0.01 * tf.nn.l2_loss(w))
        logits = tf.layers.dense(h, 3)
    tf.losses.sparse_softmax_cross_entropy(y, logits)
    loss = tf.losses.get_total_loss()
    step = tf.train.MomentumOptimizer(0.1, 0.9).minimize(loss)
    right = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(logits, 1), y), tf.float32))
    _curve(tf, note, [loss, step], {x: IMAGES.reshape(8, 64), y: CLASSES}, counting=right)


def convolutional(tf: Any, note: Note) -> None:
    x, y = tf.placeholder(tf.float32, [None, 8, 8, 1]), tf.placeholder(tf.int64, [None])
    with tf.variable_scope("net", initializer=_weights(tf)):
        h = tf.layers.max_pooling2d(tf.layers.conv2d(x, 4, 3, padding="same", activation=tf.nn.relu), 2, 2)
        h = tf.layers.average_pooling2d(tf.layers.conv2d(h, 6, 3, padding="same", activation=tf.nn.relu), 2, 2)
        logits = tf.layers.dense(tf.layers.flatten(h), 3)
    loss = tf.losses.softmax_cross_entropy(tf.one_hot(y, 3), logits)
    _curve(tf, note, [loss, tf.train.AdamOptimizer(0.01).minimize(loss)], {x: IMAGES, y: CLASSES})


def adversarial(tf: Any, note: Note) -> None:
    real, noise = tf.placeholder(tf.float32, [None, 8, 8, 1]), tf.placeholder(tf.float32, [None, 5])
    training = tf.placeholder(tf.bool)

    def generator(z: Any) -> Any:
        with tf.variable_scope("generator", initializer=_weights(tf)):
            h = tf.reshape(tf.layers.dense(z, 2 * 2 * 6), [-1, 2, 2, 6])
            h = tf.nn.relu(tf.layers.batch_normalization(h, training=training))
            h = tf.layers.conv2d_transpose(h, 4, 3, strides=2, padding="same")
            h = tf.nn.relu(tf.layers.batch_normalization(h, training=training))
            return tf.nn.sigmoid(tf.layers.conv2d_transpose(h, 1, 3, strides=2, padding="same"))

    def discriminator(x: Any, reuse: bool) -> Any:
        with tf.variable_scope("discriminator", reuse=reuse, initializer=_weights(tf)):
            h = tf.nn.leaky_relu(tf.layers.conv2d(x, 4, 3, strides=2, padding="same"))
            h = tf.nn.leaky_relu(tf.layers.batch_normalization(tf.layers.conv2d(h, 6, 3, 2, "same"), training=training))
            return tf.layers.dense(tf.layers.flatten(h), 1)

    made = generator(noise)
    of_real, of_made = discriminator(real, False), discriminator(made, True)
    entropy = tf.nn.sigmoid_cross_entropy_with_logits
    d_loss = tf.reduce_mean(entropy(logits=of_real, labels=tf.ones_like(of_real))) + tf.reduce_mean(
        entropy(logits=of_made, labels=tf.zeros_like(of_made))
    )
    g_loss = tf.reduce_mean(entropy(logits=of_made, labels=tf.ones_like(of_made)))
    steps = []
    for loss, scope in ((d_loss, "discriminator"), (g_loss, "generator")):
        with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS, scope)):
            variables = tf.trainable_variables(scope)
            steps.append(tf.train.AdamOptimizer(1e-3, beta1=0.5).minimize(loss, var_list=variables))
    fed = {real: IMAGES, noise: np.cos(np.arange(40.0)).reshape(8, 5), training: True}
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        runs = [[d_loss, steps[0]], [g_loss, steps[1]]]
        found = [[session.run(each, fed)[0] for each in runs] for _ in range(50)]
        note("losses", [np.asarray(pair, np.float32) for pair in found[::10] + found[-1:]])
        note("made", float(session.run(made, {**fed, training: False}).mean()))


def recurrent(tf: Any, note: Note) -> None:
    ids, y = tf.placeholder(tf.int32, [None, 6]), tf.placeholder(tf.int32, [None, 6])
    with tf.variable_scope("net", initializer=_weights(tf, 0.3)):
        table = tf.get_variable("table", [7, 5])
        cell = tf.nn.rnn_cell.MultiRNNCell([tf.nn.rnn_cell.BasicLSTMCell(8), tf.nn.rnn_cell.LSTMCell(8)])
        outputs, _ = tf.nn.dynamic_rnn(cell, tf.nn.embedding_lookup(table, ids), dtype=tf.float32)
        logits = tf.layers.dense(outputs, 7)
    loss = tf.losses.sparse_softmax_cross_entropy(y, logits)
    texts = np.arange(24).reshape(4, 6) ** 2 % 7
    _curve(tf, note, [loss, tf.train.AdamOptimizer(0.02).minimize(loss)], {ids: texts, y: np.roll(texts, -1, 1)})


def variational(tf: Any, note: Note) -> None:
    x, noise = tf.placeholder(tf.float32, [None, 64]), tf.placeholder(tf.float32, [None, 4])
    with tf.variable_scope("net", initializer=_weights(tf, 0.3)):
        h = tf.layers.dense(x, 16, tf.nn.softplus)
        mean, log_variance = tf.layers.dense(h, 4), tf.layers.dense(h, 4)
        z = mean + tf.exp(log_variance / 2) * noise
        made = tf.layers.dense(tf.layers.dense(z, 16, tf.nn.softplus), 64, tf.nn.sigmoid)
    entropy = -tf.reduce_sum(x * tf.log(1e-10 + made) + (1 - x) * tf.log(1e-10 + 1 - made), 1)
    divergence = -0.5 * tf.reduce_sum(1 + log_variance - tf.square(mean) - tf.exp(log_variance), 1)
    loss = tf.reduce_mean(entropy + divergence)
    step = tf.train.RMSPropOptimizer(0.001).minimize(loss)
    _curve(tf, note, [loss, step], {x: IMAGES.reshape(8, 64), noise: np.cos(np.arange(32.0)).reshape(8, 4)})


def transformer(tf: Any, note: Note) -> None:
    width, heads, length = 8, 2, 6
    ids, y = tf.placeholder(tf.int32, [None, length]), tf.placeholder(tf.int32, [None, length])

    def normalized(h: Any) -> Any:
        gain = tf.get_variable("gain", [width], initializer=tf.ones_initializer())
        mean, variance = tf.nn.moments(h, [-1], keep_dims=True)
        return (h - mean) * tf.rsqrt(variance + 1e-5) * gain + tf.get_variable("bias", [width])

    def split(h: Any) -> Any:
        return tf.transpose(tf.reshape(h, [-1, length, heads, width // heads]), [0, 2, 1, 3])

    def attention(h: Any) -> Any:
        query, key, value = (split(part) for part in tf.split(tf.layers.dense(h, 3 * width), 3, axis=2))
        scores = tf.matmul(query, key, transpose_b=True) / float(np.sqrt(width // heads))
        seen = tf.matrix_band_part(tf.ones([length, length]), -1, 0)
        mixed = tf.matmul(tf.nn.softmax(scores * seen - 1e9 * (1 - seen)), value)
        return tf.layers.dense(tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [-1, length, width]), width)

    with tf.variable_scope("net", initializer=_weights(tf, 0.3)):
        table = tf.get_variable("table", [7, width])
        h = tf.gather(table, ids) + tf.get_variable("places", [length, width])
        for layer in range(2):
            with tf.variable_scope(f"layer{layer}"):
                with tf.variable_scope("attention"):
                    h += attention(normalized(h))
                with tf.variable_scope("inner"):
                    hidden = tf.layers.dense(normalized(h), 16)
                    h += tf.layers.dense(hidden * 0.5 * (1 + tf.erf(hidden / float(np.sqrt(2)))), width)
        logits = tf.tensordot(normalized(h), table, [[2], [1]])
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits))
    optimizer = tf.train.AdamOptimizer(0.01)
    gradients, variables = zip(*optimizer.compute_gradients(loss), strict=True)
    clipped, norm = tf.clip_by_global_norm([tf.convert_to_tensor(each) for each in gradients], 1.0)
    step = optimizer.apply_gradients(zip(clipped, variables, strict=True))
    texts = np.arange(24).reshape(4, 6) ** 2 % 7
    _curve(tf, note, [loss, step, norm], {ids: texts, y: np.roll(texts, -1, 1)})


PROGRAMS = [perceptron, convolutional, adversarial, recurrent, variational, transformer]
