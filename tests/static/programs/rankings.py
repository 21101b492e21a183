"""Programs with metrics of the largest predictions, and of sensitivity against specificity."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.static.programs.notes import Note, described, worded

SCORES = np.array(
    [
        [0.1, 0.5, 0.3, 0.05, 0.05],
        [0.6, 0.1, 0.05, 0.2, 0.05],
        [0.2, 0.1, 0.15, 0.25, 0.3],
        [0.3, 0.25, 0.2, 0.15, 0.1],
    ],
    np.float32,
)
LABELS = np.array([[1, 3], [2, 2], [4, -1], [0, 7]], np.int64)


def _shown(tf: Any, note: Note, made: dict[str, Any], *feeds: Any) -> None:
    """Updates batch by batch, then values; names of all."""
    note("variables", described(*tf.local_variables()))
    note("of metrics", len(tf.get_collection(tf.GraphKeys.METRIC_VARIABLES)))
    for label, (value, update) in made.items():
        note(f"{label} names", described(value, update))
    with tf.Session() as session:
        session.run(tf.local_variables_initializer())
        note("before", session.run([value for value, _ in made.values()]))
        for feed in feeds:
            found = session.run({label: update for label, (_, update) in made.items()}, feed)
            for label in made:
                note(label, found[label])
        note("values", session.run({label: value for label, (value, _) in made.items()}))


def largest_predictions(tf: Any, note: Note) -> None:
    x, y = tf.placeholder(tf.float32, [None, 5]), tf.placeholder(tf.int64, [None, 2])
    weights = tf.constant([1.0, 0.5, 0.0, 2.0])
    m = tf.metrics
    made = {
        "precision": m.precision_at_k(y, x, 2),
        "precision of one": m.precision_at_k(y, x, 1, weights=weights, name="first"),
        "precision of a class": m.precision_at_k(y, x, 2, class_id=1),
        "recall": m.recall_at_k(y, x, 3),
        "recall of a class": m.recall_at_k(y, x, 3, class_id=2, weights=weights),
        "old name": m.sparse_precision_at_k(y, x, 4),
        "average": m.average_precision_at_k(y, x, 3),
        "weighted average": m.average_precision_at_k(y, x, 2, weights=weights),
        "old average": m.sparse_average_precision_at_k(y, x, 5, name="old"),
        "one label": m.recall_at_k(y[:, 0], x, 2),
    }
    _shown(tf, note, made, {x: SCORES, y: LABELS}, {x: SCORES[::-1], y: LABELS})


def places_that_are_given(tf: Any, note: Note) -> None:
    places = tf.constant([[0, 2], [1, 1], [4, 3]])
    labels = tf.SparseTensor([[0, 0], [1, 0], [1, 1], [1, 2]], tf.constant([2, 1, 3, 3], tf.int64), [3, 3])
    deep = tf.SparseTensor([[0, 0, 0], [0, 1, 0], [0, 1, 1]], tf.constant([4, 1, 0], tf.int64), [1, 2, 2])
    m = tf.metrics
    made = {
        "precision": m.precision_at_top_k(labels, places),
        "recall": m.recall_at_top_k(labels, places, k=2),
        "of a class": m.precision_at_top_k(labels, places, class_id=1, k=2),
        "recall of a class": m.recall_at_top_k(labels, places, class_id=3),
        "sparse": m.precision_at_k(labels, SCORES[:3], 2),
        "sparse recall": m.recall_at_k(labels, SCORES[:3], 2),
        "sparse average": m.average_precision_at_k(labels, SCORES[:3], 3),
        "deep": m.recall_at_k(deep, SCORES[None, :2], 2),
        "deep average": m.average_precision_at_k(deep, SCORES[None, :2], 2),
        "far labels": m.average_precision_at_k(
            tf.SparseTensor([[0, 0], [0, 1], [0, 2], [1, 0]], tf.constant([9, 8, 1, 0], tf.int64), [2, 3]),
            SCORES[:2],
            3,
        ),
    }
    _shown(tf, note, made, {}, {})


def rankings_that_are_wrong(tf: Any, note: Note) -> None:
    m, labels = tf.metrics, tf.constant(LABELS)
    note(
        "collections",
        lambda: (m.recall_at_k(labels, SCORES, 2, metrics_collections=["a"], updates_collections=["b"]), 1)[1],
    )
    note("collected", described(*tf.get_collection("a"), *tf.get_collection("b")))
    words = worded(note)
    words("no k", lambda: m.average_precision_at_k(labels, SCORES, 0))
    note("rank", lambda: m.recall_at_k(labels[None, :, None], SCORES, 2))
    note("types", lambda: m.recall_at_k(tf.constant(LABELS.astype(np.int32)), SCORES, 2))


def balances(tf: Any, note: Note) -> None:
    x, y = tf.placeholder(tf.float32, [None]), tf.placeholder(tf.bool, [None])
    weights = tf.constant([1.0, 2.0, 1.0, 0.5, 1.0, 1.0])
    m = tf.metrics
    made = {
        "sensitivity": m.sensitivity_at_specificity(y, x, 0.7),
        "few": m.sensitivity_at_specificity(y, x, 0.5, weights=weights, num_thresholds=5),
        "specificity": m.specificity_at_sensitivity(y, x, 0.6),
        "few others": m.specificity_at_sensitivity(y, x, 0.5, weights=weights, num_thresholds=5, name="few"),
    }
    scores, truth = [0.1, 0.8, 0.35, 0.6, 0.45, 0.9], [False, True, False, True, True, False]
    _shown(tf, note, made, {x: scores, y: truth}, {x: scores[::-1], y: truth})
    words = worded(note)
    words("above", lambda: m.sensitivity_at_specificity(y, x, 1.5))
    words("below", lambda: m.specificity_at_sensitivity(y, x, -0.5))


PROGRAMS = [largest_predictions, places_that_are_given, rankings_that_are_wrong, balances]
