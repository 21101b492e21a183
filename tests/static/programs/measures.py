"""Programs with losses and metrics: values, slopes, names, collections."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.static.programs.notes import Note, described

LOGITS = np.sin(np.arange(12, dtype=np.float32) * 1.3).reshape(4, 3) * 2
ONE_HOT = np.eye(3, dtype=np.float32)[[0, 2, 1, 1]]
SHARES = np.array([[0.9, 0.2, 0.4], [0.3, 0.7, 0.6], [0.5, 0.1, 0.8], [0.2, 0.6, 0.4]], np.float32)
BINARY = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1], [0, 0, 1]], np.float32)


def losses(tf: Any, note: Note) -> None:
    x = tf.placeholder(tf.float32, [None, 3])
    made = {
        "absolute": lambda **o: tf.losses.absolute_difference(ONE_HOT, x, **o),
        "cosine": lambda **o: tf.losses.cosine_distance(tf.nn.softmax(ONE_HOT), x, axis=1, **o),
        "hinge": lambda **o: tf.losses.hinge_loss(BINARY, x, **o),
        "huber": lambda **o: tf.losses.huber_loss(ONE_HOT, x, delta=0.8, **o),
        "log": lambda **o: tf.losses.log_loss(BINARY, tf.nn.sigmoid(x), **o),
        "squared": lambda **o: tf.losses.mean_squared_error(ONE_HOT, x, **o),
        "sigmoid": lambda **o: tf.losses.sigmoid_cross_entropy(BINARY, x, **o),
        "softmax": lambda **o: tf.losses.softmax_cross_entropy(ONE_HOT, x, **o),
        "sparse": lambda **o: tf.losses.sparse_softmax_cross_entropy(tf.constant([0, 2, 1, 1]), x, **o),
    }
    columns = {"cosine", "softmax", "sparse"}
    with tf.Session() as session:
        for label, loss in made.items():
            found = loss()
            note(f"{label} names", described(found))
            note(label, session.run([found, tf.gradients(found, x)[0]], {x: LOGITS}))
            weights = np.array([1, 0, 2, 0.5], np.float32)
            if label == "cosine" or label not in columns:
                weights = weights[:, None]
            for reduction in tf.losses.Reduction.all():
                note(f"{label} {reduction}", session.run(loss(weights=weights, reduction=reduction), {x: LOGITS}))
        note("smooth", session.run(made["softmax"](label_smoothing=0.1), {x: LOGITS}))
        note("smooth sigmoid", session.run(made["sigmoid"](label_smoothing=0.2), {x: LOGITS}))
        entropies = tf.nn.softmax_cross_entropy_with_logits_v2(labels=ONE_HOT.astype(np.int32), logits=x)
        note("labels of integers", session.run(entropies, {x: LOGITS}))
        note("pairs", session.run(tf.losses.mean_pairwise_squared_error(ONE_HOT, x), {x: LOGITS}))
        note("scalar weight", session.run(made["squared"](weights=0.5), {x: LOGITS}))
        note("total", len(tf.losses.get_losses()))
    note("columns", described(tf.losses.sparse_softmax_cross_entropy(tf.constant([[0], [2], [1], [1]]), x)))
    note("shapes", lambda: tf.losses.mean_squared_error(tf.zeros([4, 2]), x))
    note("no labels", lambda: tf.losses.mean_squared_error(None, x))
    note("weights", lambda: tf.losses.mean_squared_error(ONE_HOT, x, weights=np.ones((4, 2), np.float32)))
    note("rank of weights", lambda: tf.losses.mean_squared_error(ONE_HOT, x, weights=np.ones(4, np.float32)))
    note("reduction", lambda: tf.losses.mean_squared_error(ONE_HOT, x, reduction="mean"))


def collections_of_losses(tf: Any, note: Note) -> None:
    x = tf.constant(LOGITS)
    note("none", lambda: tf.losses.get_total_loss())
    with tf.name_scope("part"):
        tf.losses.mean_squared_error(ONE_HOT, x)
    tf.losses.hinge_loss(BINARY, x, scope="named")
    tf.losses.hinge_loss(BINARY, x, loss_collection="own")
    tf.losses.add_loss(tf.constant(2.0))
    tf.add_to_collection(tf.GraphKeys.REGULARIZATION_LOSSES, tf.constant(0.5))
    note("names", [loss.name for loss in tf.losses.get_losses()])
    note("part", [loss.name for loss in tf.losses.get_losses("part")])
    note("own", [loss.name for loss in tf.get_collection("own")])
    total = tf.losses.get_total_loss()
    note("total name", described(total, tf.losses.get_regularization_loss()))
    with tf.Session() as session:
        note("total", session.run([total, tf.losses.get_total_loss(add_regularization_losses=False)]))


def means_over_batches(tf: Any, note: Note) -> None:
    x, y = tf.placeholder(tf.float32, [None, 3]), tf.placeholder(tf.float32, [None, 3])
    m = tf.metrics
    made = {
        "mean": m.mean(x),
        "weighted": m.mean(x, weights=y, name="weighted"),
        "accuracy": m.accuracy(tf.argmax(y, 1), tf.argmax(x, 1)),
        "again": m.accuracy(tf.argmax(y, 1), tf.argmax(x, 1), weights=tf.constant([1.0, 2.0, 0.0, 1.0])),
        "squared": m.mean_squared_error(y, x),
        "root": m.root_mean_squared_error(y, x),
        "absolute": m.mean_absolute_error(y, x),
        "relative": m.mean_relative_error(y, x, tf.constant([[1.0, 0.0, 2.0]]) * tf.ones_like(x)),
        "cosine": m.mean_cosine_distance(y, x, 1),
        "below": m.percentage_below(x, 0.1),
        "tensor": m.mean_tensor(tf.reduce_sum(x, 0)),
    }
    note("variables", described(*tf.local_variables()))
    note("of metrics", len(tf.get_collection(tf.GraphKeys.METRIC_VARIABLES)))
    note("no others", len(tf.global_variables()))
    for label, (value, update) in made.items():
        note(f"{label} names", described(value, update))
    with tf.Session() as session:
        session.run(tf.local_variables_initializer())
        first = session.run({label: update for label, (_, update) in made.items()}, {x: LOGITS, y: ONE_HOT})
        session.run([update for _, update in made.values()], {x: LOGITS[::-1], y: ONE_HOT})
        for label, (value, _) in made.items():
            note(label, [first[label], session.run(value)])
        session.run(tf.variables_initializer(tf.get_collection(tf.GraphKeys.LOCAL_VARIABLES, scope="accuracy")))
        note("from the start", session.run(made["accuracy"][0]))


def counts_over_batches(tf: Any, note: Note) -> None:
    x, y = tf.placeholder(tf.float32, [None, 3]), tf.placeholder(tf.float32, [None, 3])
    m, weights = tf.metrics, tf.constant([[1.0], [0.5], [2.0], [1.0]])
    hard = tf.round(x)
    made = {
        "precision": m.precision(y, hard),
        "recall": m.recall(y, hard, weights=weights),
        "true positives": m.true_positives(y, hard),
        "true negatives": m.true_negatives(y, hard),
        "false positives": m.false_positives(y, hard, weights=weights),
        "false negatives": m.false_negatives(y, hard),
        "auc": m.auc(y, x),
        "few": m.auc(y, x, num_thresholds=5, weights=weights),
        "pr": m.auc(y, x, curve="PR", summation_method="minoring"),
        "precisions": m.precision_at_thresholds(y, x, [0.3, 0.6]),
        "recalls": m.recall_at_thresholds(y, x, [0.3, 0.6]),
        "alarms": m.false_positives_at_thresholds(y, x, [0.3, 0.6], weights=weights),
        "misses": m.false_negatives_at_thresholds(y, x, [0.3, 0.6]),
        "overlap": m.mean_iou(tf.argmax(y, 1), tf.argmax(x, 1), 4),
        "weighted overlap": m.mean_iou(tf.argmax(y, 1), tf.argmax(x, 1), 3, weights=tf.constant([1.0, 0.5, 2.0, 1.0])),
        "classes": m.mean_per_class_accuracy(tf.argmax(y, 1), tf.argmax(x, 1), 3),
    }
    note("variables", described(*tf.local_variables()))
    for label, (value, update) in made.items():
        if label in ("precision", "recall", "auc", "few", "pr", "precisions", "recalls", "classes"):
            note(f"{label} names", described(value, update))
    with tf.Session() as session:
        session.run(tf.local_variables_initializer())
        first = session.run({label: update for label, (_, update) in made.items()}, {x: SHARES, y: BINARY})
        session.run([update for _, update in made.values()], {x: SHARES[::-1], y: BINARY})
        for label, (value, _) in made.items():
            note(label, [first[label], session.run(value)])
    note("curve", lambda: m.auc(y, x, curve="none"))


PROGRAMS = [losses, collections_of_losses, means_over_batches, counts_over_batches]
