"""Programs with conditional random fields. What TensorFlow 1.15 shows of them was noted with its own `contrib/crf` over the
operations of 2.15, which has no tf.contrib."""

from __future__ import annotations

from typing import Any

import numpy as np

from .notes import Note

SCORES = 2.0 * np.sin(1.7 * np.arange(3 * 5 * 4, dtype=np.float32)).reshape(3, 5, 4)  # batch, time, tags
MOVES = np.cos(2.1 * np.arange(16, dtype=np.float32)).reshape(4, 4)
TAGS = np.array([[0, 1, 3, 2, 1], [2, 2, 0, 0, 0], [3, 0, 0, 0, 0]], np.int32)


def scores(tf: Any, note: Note) -> None:
    crf = tf.contrib.crf
    x = tf.placeholder(tf.float32, [None, None, 4])
    moves, lengths = tf.constant(MOVES), tf.placeholder(tf.int32, [None])
    tags = tf.placeholder(tf.int32, [None, None])
    several = tf.one_hot(tags, 4, on_value=True, off_value=False) | (x > 1.0)
    made = {
        "unary": crf.crf_unary_score(tags, lengths, x),
        "binary": crf.crf_binary_score(tags, lengths, moves),
        "sequence": crf.crf_sequence_score(x, tags, lengths, moves),
        "several": crf.crf_multitag_sequence_score(x, several, lengths, moves),
        "norm": crf.crf_log_norm(x, lengths, moves),
        "likelihood": crf.crf_log_likelihood(x, tags, lengths, moves)[0],
    }
    slopes = tf.gradients(made["likelihood"], [x, moves])
    found = crf.crf_decode(x, moves, lengths)
    feeds = [
        {x: SCORES, tags: TAGS, lengths: [5, 3, 1]},
        {x: SCORES[:2, :3], tags: TAGS[:2, :3], lengths: [3, 0]},
        {x: SCORES[:, :1], tags: TAGS[:, :1], lengths: [1, 0, 1]},
    ]
    with tf.Session() as session:
        for feed in feeds:
            for name, tensor in made.items():
                note(name, session.run(tensor, feed))
            note("slopes", session.run(slopes, feed))
            note("decoded", session.run(found, feed))
    counts = tf.constant([5, 3, 1])
    fixed = (
        crf.crf_decode(tf.constant(SCORES), moves, counts),
        crf.crf_decode(tf.constant(SCORES[:, :1]), moves, counts),
    )
    note("shapes", [[str(x.shape), repr(x.dtype)] for pair in fixed for x in pair])
    with tf.Session() as session:
        note("fixed", session.run(fixed))
    for row, length in zip(SCORES, (5, 3, 1), strict=True):
        tags, best = crf.viterbi_decode(row[:length], MOVES)
        note("viterbi", [[int(tag) for tag in tags], float(best)])


def trained(tf: Any, note: Note) -> None:
    crf = tf.contrib.crf
    logits = tf.layers.dense(
        tf.constant(SCORES), 4, kernel_initializer=tf.constant_initializer(0.1), use_bias=False, name="scores"
    )
    tags, lengths = tf.constant(TAGS), tf.constant([5, 3, 1])
    with tf.variable_scope("crf", initializer=tf.zeros_initializer()):
        likelihood, moves = crf.crf_log_likelihood(logits, tags, lengths)
    step = tf.train.GradientDescentOptimizer(0.2).minimize(-tf.reduce_mean(likelihood))
    note("variables", [[each.name, str(each.shape)] for each in tf.trainable_variables()])
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        losses = []
        for _ in range(30):
            session.run(step)
            losses.append(session.run(likelihood))
        note("likelihood", losses[-1])
        note("moves", session.run(moves))
        note("tags", session.run(crf.crf_decode(logits, moves, lengths)[0]))


PROGRAMS = [scores, trained]
