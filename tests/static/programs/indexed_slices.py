"""Programs that change the gradients of rows before they are applied, or apply them by an optimizer of their own."""

from __future__ import annotations

from typing import Any

import numpy as np

from .notes import Note

TABLE = np.arange(8, dtype=np.float32).reshape(4, 2)


def _loss(tf: Any) -> tuple[Any, Any]:
    table = tf.get_variable("table", initializer=TABLE)
    return tf.reduce_sum(tf.square(tf.gather(table, [1, 3, 3]))), table


def clipping(tf: Any, note: Note) -> None:
    loss, table = _loss(tf)
    dense = tf.get_variable("dense", initializer=np.ones(2, np.float32))
    rows, other = tf.gradients(loss + tf.reduce_sum(dense * 2.0), [table, dense])
    both, norm = tf.clip_by_global_norm([rows, None, other], 5.0)
    made = {
        "value": tf.clip_by_value(rows, -1.0, 8.0),
        "norm": tf.clip_by_norm(rows, 3.0),
        "rows": tf.clip_by_norm(rows, 3.0, axes=[1]),
        "global": both[0],
        "scaled": tf.scalar_mul(0.5, rows),
        "negative": -rows,
    }
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for name, slices in made.items():
            note(name, [type(slices).__name__, slices.values.name, slices.indices.name])
            note(f"{name} values", lambda slices=slices: session.run([slices.values, slices.indices]))
        note("global norm", lambda: session.run([norm, both[2], tf.global_norm([rows, other])]))
        note("sum", lambda: session.run(tf.add_n([rows, rows])))
        note("product", lambda: session.run(tf.multiply(rows, 2.0)))


def clipped_steps(tf: Any, note: Note) -> None:
    loss, table = _loss(tf)
    optimizer = tf.train.AdagradOptimizer(0.5)
    pairs = [(tf.clip_by_norm(g, 2.0), v) for g, v in optimizer.compute_gradients(loss)]
    step = optimizer.apply_gradients(pairs)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for _ in range(2):
            session.run(step)
        note("table", session.run(table))


def own_optimizer(tf: Any, note: Note) -> None:
    class Signs(tf.train.Optimizer):
        def __init__(self) -> None:
            super().__init__(False, "Signs")

        def _apply_dense(self, grad: Any, var: Any) -> Any:
            return tf.assign_sub(var, tf.sign(grad))

        def _apply_sparse(self, grad: Any, var: Any) -> Any:
            note("indices", [grad.indices.op.type, grad.values.op.type])
            return tf.scatter_sub(var, grad.indices, tf.sign(grad.values))

    loss, table = _loss(tf)
    step = Signs().minimize(loss)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(step)
        note("table", session.run(table))


PROGRAMS = [clipping, clipped_steps, own_optimizer]
