"""Programs that align label sequences with frames: the loss of tf.nn.ctc_loss, and its decoders."""

from __future__ import annotations

from typing import Any

import numpy as np

from .notes import Note

LOGITS = np.sin(1.3 * np.arange(6 * 3 * 5, dtype=np.float32)).reshape(6, 3, 5)
LABELS = ([[0, 0], [0, 1], [0, 2], [1, 0], [2, 0], [2, 1]], [1, 1, 3, 2, 0, 1], [3, 3])


def losses(tf: Any, note: Note) -> None:
    x, labels = tf.placeholder(tf.float32, [None, None, 5]), tf.sparse_placeholder(tf.int32)
    lengths = tf.placeholder(tf.int32, [None])
    options = {
        "plain": {},
        "collapsed": {"preprocess_collapse_repeated": True},
        "apart": {"ctc_merge_repeated": False},
        "long": {"ignore_longer_outputs_than_inputs": True},
    }
    made = {name: tf.nn.ctc_loss(labels, x, lengths, **given) for name, given in options.items()}
    rows = tf.nn.ctc_loss(labels, tf.transpose(x, [1, 0, 2]), lengths, time_major=False)
    note("shape", [str(rows.shape), rows.name])
    slopes = {name: tf.gradients(loss, x)[0] for name, loss in made.items()}
    feed = {x: LOGITS, labels: LABELS, lengths: [6, 4, 5]}
    with tf.Session() as session:
        for name, loss in made.items():
            note(name, session.run([loss, slopes[name]], feed))
        note("rows", session.run(rows, feed))
        short = {**feed, lengths: [3, 4, 5]}
        note("short", session.run([made["long"], slopes["long"]], short))
        note("error", lambda: session.run(made["plain"], short))
        other = {x: LOGITS[:4, :2], labels: ([[0, 0], [1, 0], [1, 1]], [0, 1, 2], [2, 2]), lengths: [4, 4]}
        note("other", session.run(made["plain"], other))
    note("dense", lambda: tf.nn.ctc_loss(tf.zeros([3, 3], tf.int32), x, lengths))


def trained(tf: Any, note: Note) -> None:
    x = tf.Variable(LOGITS)
    labels = tf.SparseTensor(*[np.array(part, np.int64) for part in LABELS])
    loss = tf.reduce_mean(tf.nn.ctc_loss(tf.cast(labels, tf.int32), x, [6, 4, 5]))
    step = tf.train.GradientDescentOptimizer(1.0).minimize(loss)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        note("losses", [float(f"{session.run([loss, step])[0]:.5f}") for _ in range(5)])


def decoders(tf: Any, note: Note) -> None:
    x, lengths = tf.constant(LOGITS * 2.0), tf.placeholder(tf.int32, [3])
    greedy = {merge: tf.nn.ctc_greedy_decoder(x, lengths, merge_repeated=merge) for merge in (True, False)}
    beams = {
        "wide": tf.nn.ctc_beam_search_decoder(x, lengths, top_paths=3),
        "narrow": tf.nn.ctc_beam_search_decoder(x, lengths, beam_width=3, merge_repeated=False),
        "second": tf.nn.ctc_beam_search_decoder_v2(x, lengths, beam_width=4, top_paths=2),
    }
    note("shapes", [str(beams["wide"][1].shape), str(beams["wide"][0][0].values.shape), str(greedy[True][1].shape)])
    feed = {lengths: [6, 3, 5]}
    with tf.Session() as session:
        for merge, (found, totals) in greedy.items():
            note(f"greedy {merge}", session.run([found[0], totals], feed))
        for name, (found, scores) in beams.items():
            note(name, session.run([*found, scores], feed))
        dense = tf.sparse_tensor_to_dense(beams["wide"][0][0], default_value=-1)
        note("dense", session.run(dense, feed))
        distance = tf.edit_distance(tf.cast(beams["wide"][0][0], tf.int32), tf.cast(greedy[True][0][0], tf.int32))
        note("distance", session.run(distance, feed))


PROGRAMS = [losses, trained, decoders]
