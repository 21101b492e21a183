"""Programs with sets along the last axes of dense and sparse tensors."""

from __future__ import annotations

from typing import Any

from tests.static.programs.notes import Note, worded

LEFT = [[[1, 2, 2], [3, 3, 1]], [[9, 5, 7], [4, 4, 4]]]
RIGHT = [[[2, 6], [3, 1]], [[5, 5], [1, 2]]]


def _sparse(tf: Any, rows: Any, dtype: Any = None) -> Any:
    """Rows of different lengths as a sparse matrix."""
    places = [[number, place] for number, row in enumerate(rows) for place in range(len(row))]
    values = [value for row in rows for value in row]
    return tf.SparseTensor(places, tf.constant(values, dtype), [len(rows), max(map(len, rows))])


def _all(tf: Any, a: Any, b: Any) -> list[Any]:
    return [
        tf.sets.set_intersection(a, b), tf.sets.union(a, b), tf.sets.set_difference(a, b),
        tf.sets.difference(a, b, aminusb=False),
    ]  # fmt: skip


def dense_sets(tf: Any, note: Note) -> None:
    with tf.Session() as session:
        for dtype in (tf.int64, tf.int32, tf.uint8):
            note("dense", session.run(_all(tf, tf.constant(LEFT, dtype), tf.constant(RIGHT, dtype))))
        words = [["pear", "fig", "apple"], ["a", "b", "b"]], [["fig", "date"], ["c", "a"]]
        note("words", session.run(_all(tf, *words)))
        fed = tf.placeholder(tf.int32, [None, None])
        made = tf.sets.intersection(fed, [[1, 2, 3], [4, 5, 6]])
        note("fed", [session.run(made, {fed: rows}) for rows in ([[3, 1], [7, 7]], [[3, 1, 2], [4, 6, 6]])])
        note("fed shape", lambda: session.run(made, {fed: [[1, 2]]}))
        note("shapes", [str(made.indices.shape), str(made.values.shape), str(made.dense_shape.shape)])


def sparse_sets(tf: Any, note: Note) -> None:
    a, b = _sparse(tf, [[3, 1, 3], [], [7], [2, 1]]), _sparse(tf, [[1], [4, 4], [], [2, 2, 8]])
    dense = tf.constant([[3, 1], [4, 4], [0, 9], [1, 6]])
    with tf.Session() as session:
        note("sparse", session.run(_all(tf, a, b)))
        note("dense and sparse", session.run(_all(tf, dense, a)))
        note("sparse and dense", session.run(_all(tf, a, dense)))
        note("words", session.run(_all(tf, _sparse(tf, [["b", "a"], ["c"]]), _sparse(tf, [["a"], ["d", "c"]]))))
        sizes = [tf.sets.set_size(each) for each in (a, b, tf.sets.union(a, b))]
        note("sizes", session.run(sizes))
        note("chosen", session.run(tf.cond(sizes[0][0] > 1, lambda: tf.sets.set_size(a), lambda: sizes[1])))
        mixed = tf.SparseTensor([[0, 1], [0, 0]], [1, 2], [1, 2])
        words = worded(note)
        words("out of order", lambda: session.run(tf.sets.size(mixed)))
        twice = tf.SparseTensor([[0, 1], [0, 1]], [1, 2], [1, 2])
        words("repeated", lambda: session.run(tf.sets.size(twice)))
        outside = tf.SparseTensor([[0, 1], [0, 2]], [1, 2], [1, 2])
        words("out of bounds", lambda: session.run(tf.sets.size(outside)))
        note("unchecked", session.run(tf.sets.size(mixed, validate_indices=False)))
        words("other groups", lambda: session.run(tf.sets.union(a, _sparse(tf, [[1], [2]]))))


def sets_that_are_wrong(tf: Any, note: Note) -> None:
    words = worded(note)
    words("types", lambda: tf.sets.union(tf.constant([[1]]), tf.constant([[1]], tf.int64)))
    note("floats", lambda: tf.sets.union([[1.0]], [[2.0]]))
    note("dense size", lambda: tf.sets.size([[1]]))
    note("floating size", lambda: tf.sets.size(_sparse(tf, [[1.0]])))
    note("vectors", lambda: tf.sets.union([1], [2]))
    note("ranks", lambda: tf.sets.union([[1]], [[[2]]]))
    note("sizes", lambda: tf.sets.union([[1], [2]], [[2]]))


PROGRAMS = [dense_sets, sparse_sets, sets_that_are_wrong]
