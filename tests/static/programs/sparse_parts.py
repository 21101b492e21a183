"""Programs with sparse tensors: filled rows, other shapes, parts, and the larger and smaller of two."""

from __future__ import annotations

from typing import Any

from tests.static.programs.notes import Note, worded

INDICES = [[0, 1], [0, 3], [2, 0], [3, 1], [3, 5]]


def _sparse(tf: Any, values: Any = (1.0, 2.0, 3.0, 4.0, 5.0), indices: Any = INDICES, shape: Any = (5, 7)) -> Any:
    return tf.SparseTensor(indices, tf.constant(list(values)), shape)


def filled_rows(tf: Any, note: Note) -> None:
    x = _sparse(tf)
    filled, is_empty = tf.sparse_fill_empty_rows(x, -1.0)
    default = tf.constant(9.0)
    of_default = tf.sparse.fill_empty_rows(x, default)[0]
    slopes = tf.gradients(of_default.values * tf.range(7.0), [x.values, default])
    words = _sparse(tf, ["a", "b", "c", "d", "e"])
    mixed = _sparse(tf, (1, 2, 3), [[2, 1], [0, 1], [2, 0]], (4, 2))
    deep = _sparse(tf, (1, 2), [[1, 1, 0], [1, 0, 1]], (3, 2, 2))
    none = tf.SparseTensor(tf.zeros([0, 2], tf.int64), tf.zeros([0]), [2, 3])
    fed = tf.sparse_placeholder(tf.float32)
    with tf.Session() as session:
        note("filled", session.run([filled, is_empty]))
        note("slopes", session.run(slopes))
        note("words", session.run(tf.sparse_fill_empty_rows(words, "-")))
        note("out of order", session.run(tf.sparse_fill_empty_rows(mixed, 7)))
        note("deep", session.run(tf.sparse_fill_empty_rows(deep, 7)))
        note("empty", session.run(tf.sparse_fill_empty_rows(none, 1.5)))
        made = tf.sparse_fill_empty_rows(fed, 0.5)
        for shape in ([2, 3], [4, 4]):
            note("fed", session.run(made, {fed: ([[1, 2]], [2.5], shape)}))
    note("full", lambda: tf.sparse_fill_empty_rows(tf.zeros([2, 2]), 1.0))


def other_shapes(tf: Any, note: Note) -> None:
    x = _sparse(tf)
    size = tf.placeholder(tf.int64, [2])
    by_run = tf.sparse.reset_shape(x, size)
    words = worded(note)
    with tf.Session() as session:
        note("least", session.run(tf.sparse_reset_shape(x)))
        note("larger", session.run(tf.sparse_reset_shape(x, [6, 7])))
        note("fed", session.run(by_run, {size: [5, 9]}))
        note("too small, in a run", lambda: session.run(by_run, {size: [5, 6]}))
        none = tf.SparseTensor(tf.zeros([0, 2], tf.int64), tf.zeros([0]), [2, 3])
        note("of none", session.run(tf.sparse_reset_shape(none)))
    words("too small", lambda: tf.sparse_reset_shape(x, [5, 6]))
    note("another rank", lambda: tf.sparse_reset_shape(x, [5, 7, 1]))
    note("no vector", lambda: tf.sparse_reset_shape(x, 5))


def parts_along_an_axis(tf: Any, note: Note) -> None:
    x = _sparse(tf)
    fed = tf.sparse_placeholder(tf.float32)
    with tf.Session() as session:
        note("columns", session.run(tf.sparse_split(sp_input=x, num_split=3, axis=1)))
        note("rows", session.run(tf.sparse.split(sp_input=x, num_split=2, axis=0)))
        note("last", session.run(tf.sparse_split(sp_input=x, num_split=7, axis=-1))[5])
        note("old name", session.run(tf.sparse_split(sp_input=x, num_split=5, axis=0))[3])
        halves = tf.sparse_split(sp_input=fed, num_split=2, axis=0)
        note("fed", session.run(halves, {fed: ([[0, 0], [1, 2]], [1.0, 2.0], [2, 3])}))
        note("fed again", session.run(halves, {fed: ([[0, 0], [1, 2], [2, 1]], [1.0, 2.0, 3.0], [3, 3])}))
        words = worded(note)
        words("too many", lambda: session.run(tf.sparse_split(sp_input=x, num_split=6, axis=0)))
    words("by place", lambda: tf.sparse_split(x, 2, 0))
    words("no input", lambda: tf.sparse_split(num_split=2, axis=0))
    words("no number", lambda: tf.sparse_split(sp_input=x, axis=0))
    words("no axis", lambda: tf.sparse_split(sp_input=x, num_split=2))


def masks(tf: Any, note: Note) -> None:
    x = tf.IndexedSlices(
        tf.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), tf.constant([12, 26, 37]), tf.constant([50, 2])
    )
    masked = tf.sparse_mask(x, [12, 45])
    other = tf.sparse.mask(x, [26])
    with tf.Session() as session:
        note("masked", [session.run([each.values, each.indices]) for each in (masked, other)])


def larger_and_smaller(tf: Any, note: Note) -> None:
    for values, others in (((1.0, -2.0, 3.0), (2.0, -1.0, -4.0)), ((1, -2, 3), (2, -1, -4))):
        a = _sparse(tf, values, [[0, 0], [1, 1], [2, 3]], (3, 4))
        b = _sparse(tf, others, [[0, 0], [1, 0], [2, 3]], (3, 4))
        with tf.Session() as session:
            note("maximum", session.run([tf.sparse_maximum(a, b), tf.sparse.maximum(b, a)]))
            note("minimum", session.run([tf.sparse_minimum(a, b), tf.sparse.minimum(b, a)]))
    with tf.Session() as session:
        note("shapes", lambda: session.run(tf.sparse_maximum(a, _sparse(tf, (1,), [[0, 0]], (3, 5)))))


def sparse_reductions(tf: Any, note: Note) -> None:
    deep = _sparse(tf, (1.0, -2.0, 3.0, 4.0, 5.0), [[0, 0, 1], [0, 2, 1], [1, 0, 0], [1, 0, 1], [1, 2, 0]], (2, 3, 2))
    fed = tf.sparse_placeholder(tf.float32)
    with tf.Session() as session:
        for label, reduce in (("sum", tf.sparse_reduce_sum_sparse), ("max", tf.sparse.reduce_max_sparse)):
            for axis in (0, [1], [0, -1], -2, None):
                for keep in (False, True):
                    note(f"{label} over {axis} {keep}", session.run(reduce(deep, axis, keepdims=keep)))
            made = reduce(fed, 1)
            note(f"{label} fed", [
                session.run(made, {fed: (places, [1.0, 5.0], [3, 4])}) for places in ([[0, 1], [0, 3]], [[0, 1], [2, 0]])
            ])  # fmt: skip
        note("integers", session.run(tf.sparse_reduce_max_sparse(_sparse(tf, (1, 2, 3, 4, 5)), 0)))


PROGRAMS = [filled_rows, other_shapes, parts_along_an_axis, masks, larger_and_smaller, sparse_reductions]
