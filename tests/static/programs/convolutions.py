"""Programs that slide kernels and windows over sequences, images and volumes."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.static.programs.notes import Note

X = np.sin(np.arange(2 * 6 * 5 * 3, dtype=np.float32) * 0.7).reshape(2, 6, 5, 3)


def _noted(tf: Any, note: Note, label: str, result: Any, *sources: Any, fed: Any = None) -> None:
    """Name, shape, values, and the gradients of the sum of squares, a few numbers of each."""
    found = tf.gradients(tf.reduce_sum(result * result), list(sources))
    with tf.Session() as session:
        value, *slopes = session.run([result, *found], fed)
    sums = [float(np.sum(np.abs(slope))) for slope in slopes]
    name = result.name.split("/")[0].split(":")[0]  # TensorFlow makes several operations of some
    note(label, [name, str(result.shape), list(value.shape), value.reshape(-1)[:8], float(np.abs(value).sum()), sums])


def _kernel(tf: Any, *shape: int) -> Any:
    return tf.constant(np.cos(np.arange(np.prod(shape), dtype=np.float32)).reshape(shape))


def images(tf: Any, note: Note) -> None:
    x, k = tf.placeholder(tf.float32, [None, 6, 5, 3]), _kernel(tf, 3, 2, 3, 4)
    for padding in ("SAME", "VALID", [[0, 0], [1, 2], [0, 3], [0, 0]]):
        for strides in ([1, 1, 1, 1], [1, 2, 2, 1], 2, [2, 1]):
            result = tf.nn.conv2d(x, k, strides, padding)
            _noted(tf, note, f"{padding} {strides}", result, x, k, fed={x: X})
    wide = tf.nn.conv2d(x, filters=k, strides=1, padding="SAME", dilations=[1, 2, 1, 1], name="wide")
    _noted(tf, note, "dilated", wide, x, k, fed={x: X})
    atrous = tf.nn.atrous_conv2d(x, k, 2, "VALID")
    _noted(tf, note, "atrous", atrous, x, k, fed={x: X})
    general = tf.nn.convolution(x, k, "VALID", strides=[2, 1])
    note("general", str(general.shape))
    unknown = tf.placeholder(tf.float32)
    note("unknown rank", str(tf.nn.conv2d(unknown, k, [1, 1, 1, 1], "SAME").shape))
    part = tf.placeholder(tf.float32, [None, None, None, 3])
    note("unknown sizes", str(tf.nn.conv2d(part, k, [1, 2, 2, 1], "SAME").shape))


def what_convolutions_refuse(tf: Any, note: Note) -> None:
    x, k = tf.placeholder(tf.float32, [2, 6, 5, 3]), _kernel(tf, 3, 2, 3, 4)
    note("padding", lambda: tf.nn.conv2d(x, k, [1, 1, 1, 1], "same"))
    note("too small", lambda: tf.nn.conv2d(x, _kernel(tf, 7, 2, 3, 4), [1, 1, 1, 1], "VALID"))
    note("channels", lambda: tf.nn.conv2d(x, _kernel(tf, 3, 2, 2, 4), [1, 1, 1, 1], "VALID"))
    note("rank", lambda: tf.nn.conv2d(x[0], k, [1, 1, 1, 1], "VALID"))
    note("dtype", lambda: tf.nn.conv2d(tf.cast(x, tf.float64), k, [1, 1, 1, 1], "VALID"))
    note("strides", lambda: tf.nn.conv2d(x, k, [1, 1, 1], "VALID"))
    note("both names", lambda: tf.nn.conv2d(x, k, [1, 1, 1, 1], "VALID", filters=k))
    note("pool", lambda: tf.nn.max_pool(x, [1, 0, 1, 1], [1, 1, 1, 1], "VALID"))
    note("pool too small", lambda: tf.nn.max_pool(x, [1, 7, 1, 1], [1, 1, 1, 1], "VALID"))
    note("pool rank", lambda: tf.nn.max_pool(x[0], [1, 2, 2, 1], [1, 1, 1, 1], "VALID"))


def sequences_and_volumes(tf: Any, note: Note) -> None:
    x = tf.constant(X[:, :, 0])
    for padding in ("SAME", "VALID"):
        k = _kernel(tf, 3, 3, 2)
        _noted(tf, note, f"conv1d {padding}", tf.nn.conv1d(x, k, 2, padding), x, k)
        back = tf.nn.conv1d_transpose(
            tf.constant(X[:, :3, 0]), _kernel(tf, 3, 2, 3), [2, 6 if padding == "SAME" else 7, 2], 2, padding
        )
        _noted(tf, note, f"conv1d_transpose {padding}", back)
    volume = tf.constant(X[..., None][:, :, :, :, :])
    for padding in ("SAME", "VALID"):
        k = _kernel(tf, 2, 3, 2, 1, 2)
        _noted(tf, note, f"conv3d {padding}", tf.nn.conv3d(volume, k, [1, 2, 1, 1, 1], padding), volume, k)
    k = _kernel(tf, 2, 2, 2, 3, 1)
    _noted(
        tf, note, "conv3d_transpose", tf.nn.conv3d_transpose(volume, k, [2, 12, 10, 6, 3], [1, 2, 2, 2, 1]), volume, k
    )
    note("sequences", str(tf.nn.convolution(x, _kernel(tf, 3, 3, 2), "SAME").shape))


def back_to_images(tf: Any, note: Note) -> None:
    x = tf.placeholder(tf.float32, [None, 6, 5, 3])
    for padding, sizes in (("SAME", (12, 10)), ("VALID", (13, 11))):
        k = _kernel(tf, 3, 3, 2, 3)
        shape = tf.stack([tf.shape(x)[0], *sizes, 2])
        result = tf.nn.conv2d_transpose(x, k, shape, [1, 2, 2, 1], padding)
        _noted(tf, note, padding, result, x, k, fed={x: X})
    fixed = tf.nn.conv2d_transpose(tf.constant(X), k, [2, 8, 7, 2], strides=[1, 1, 1, 1], padding="VALID", name="back")
    _noted(tf, note, "fixed", fixed, k)
    for padding in ("SAME", "VALID"):
        image, out = tf.constant(X), tf.constant(X[:, :3, :3, :2] if padding == "SAME" else X[:, :2, :2, :2])
        by_filter = tf.nn.conv2d_backprop_filter(image, [3, 2, 3, 2], out, [1, 2, 2, 1], padding)
        _noted(tf, note, f"filter {padding}", by_filter)
        by_input = tf.nn.conv2d_backprop_input([2, 6, 5, 3], _kernel(tf, 3, 2, 3, 2), out, [1, 2, 2, 1], padding)
        _noted(tf, note, f"input {padding}", by_input)


def channels_apart(tf: Any, note: Note) -> None:
    x, k, p = tf.constant(X), _kernel(tf, 3, 2, 3, 2), _kernel(tf, 1, 1, 6, 4)
    for padding in ("SAME", "VALID"):
        _noted(tf, note, f"depthwise {padding}", tf.nn.depthwise_conv2d(x, k, [1, 2, 2, 1], padding), x, k)
        _noted(tf, note, f"separable {padding}", tf.nn.separable_conv2d(x, k, p, [1, 1, 1, 1], padding), x, k, p)
    rated = tf.nn.separable_conv2d(x, k, p, [1, 1, 1, 1], "VALID", rate=[2, 1], name="rated")
    _noted(tf, note, "rated", rated, x, k, p)
    _noted(tf, note, "rate", tf.nn.depthwise_conv2d(x, k, [1, 1, 1, 1], "SAME", rate=[2, 2]), x, k)
    native = tf.nn.depthwise_conv2d_native(x, k, [1, 1, 1, 1], "SAME")
    _noted(tf, note, "native", native, x, k)


def pooling(tf: Any, note: Note) -> None:
    x = tf.placeholder(tf.float32, [None, 6, 5, 3])
    for label in ("max_pool", "avg_pool"):
        function = getattr(tf.nn, label)
        for padding in ("SAME", "VALID"):
            for size, step in (([1, 2, 2, 1], [1, 2, 2, 1]), (3, 2), ([3, 2], 1)):
                result = function(x, size, step, padding)
                _noted(tf, note, f"{label} {padding} {size}", result, x, fed={x: X})
        _noted(tf, note, f"{label} 1d", getattr(tf.nn, f"{label}1d")(tf.constant(X[:, :, 0]), 3, 2, "SAME"))
        _noted(tf, note, f"{label} 3d", getattr(tf.nn, f"{label}3d")(tf.constant(X[..., None]), 2, 2, "SAME"))
        _noted(tf, note, f"{label} pool", tf.nn.pool(x, [2, 3], label[:3].upper(), "SAME", strides=[2, 1]), fed={x: X})
    rounded = np.round(X).astype(np.float32)
    _noted(tf, note, "of equal elements", tf.nn.max_pool(x, 2, 2, "VALID"), x, fed={x: rounded})
    across = tf.nn.max_pool(x, [1, 1, 1, 3], [1, 1, 1, 3], "SAME")
    _noted(tf, note, "across channels", across, fed={x: X})
    values, places = tf.nn.max_pool_with_argmax(x, [1, 2, 2, 1], [1, 2, 2, 1], "SAME")
    with tf.Session() as session:
        note("places", session.run([values, places], {x: X[:1]}))
        whole = tf.nn.max_pool_with_argmax(x, [1, 2, 2, 1], [1, 2, 2, 1], "VALID", include_batch_in_index=True)
        note("places of all", session.run(whole[1], {x: X}))
    for label in ("max_pool_v2", "avg_pool_v2"):
        note(label, str(getattr(tf.nn, label)(x, 2, 2, "SAME").shape))


PROGRAMS = [
    images,
    what_convolutions_refuse,
    sequences_and_volumes,
    back_to_images,
    channels_apart,
    pooling,
]
