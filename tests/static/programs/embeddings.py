"""Programs with embeddings, sampled classes, initializers and other things of tf.nn."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.static.programs.notes import Note, described

TABLE = np.sin(np.arange(21, dtype=np.float32)).reshape(7, 3)


def lookups(tf: Any, note: Note) -> None:
    table, ids = tf.Variable(TABLE, name="table"), tf.placeholder(tf.int32, [None, 2])
    found = tf.nn.embedding_lookup(table, ids)
    note("names", described(found))
    parts = [tf.constant(TABLE[:3]), tf.constant(TABLE[3:5]), tf.constant(TABLE[5:])]
    made = {
        "one": found,
        "mod": tf.nn.embedding_lookup(parts, ids),
        "div": tf.nn.embedding_lookup(parts, ids, partition_strategy="div"),
        "limited": tf.nn.embedding_lookup(table, ids, max_norm=0.7),
    }
    slope = tf.gradients(tf.reduce_sum(made["limited"] ** 2), table)[0]
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for label, result in made.items():
            note(label, session.run(result, {ids: [[0, 6], [2, 2], [4, 1]]}))
        note("slope", session.run(tf.convert_to_tensor(slope), {ids: [[0, 6], [2, 2]]}))
    note("nothing", lambda: tf.nn.embedding_lookup(None, ids))
    note("none", lambda: tf.nn.embedding_lookup([], ids))


def sampled_classes(tf: Any, note: Note) -> None:
    weights, biases = tf.Variable(TABLE), tf.Variable(TABLE[:, 0])
    inputs, labels = tf.constant(TABLE[:4] * 2), tf.constant([[0], [2], [2], [5]])
    given = (tf.constant([2, 6, 3], tf.int64), tf.constant([[0.5], [0.3], [0.3], [0.1]]), tf.constant([0.3, 0.1, 0.2]))
    losses = {
        "nce": tf.nn.nce_loss(weights, biases, labels, inputs, 3, 7, sampled_values=given),
        "without hits": tf.nn.nce_loss(
            weights, biases, labels, inputs, 3, 7, sampled_values=given, remove_accidental_hits=True
        ),
        "softmax": tf.nn.sampled_softmax_loss(weights, biases, labels, inputs, 3, 7, sampled_values=given),
        "hits": tf.nn.sampled_softmax_loss(
            weights, biases, labels, inputs, 3, 7, sampled_values=given, remove_accidental_hits=False
        ),
    }
    own = tf.nn.nce_loss(weights, biases, labels, inputs, 3, 7)
    note("shape", str(own.shape))
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for label, loss in losses.items():
            slopes = [tf.convert_to_tensor(slope) for slope in tf.gradients(loss, [weights, biases])]
            note(label, session.run([loss, *slopes]))
        note("finite", bool(np.isfinite(session.run(own)).all()))


def samplers(tf: Any, note: Note) -> None:
    true = tf.constant([[0], [9]], tf.int64)
    many = {
        "log uniform": tf.nn.log_uniform_candidate_sampler(true, 1, 4, False, 10, seed=1),
        "uniform": tf.nn.uniform_candidate_sampler(true, 1, 4, False, 10, seed=1),
        "unigrams": tf.nn.fixed_unigram_candidate_sampler(true, 1, 4, False, 4, unigrams=[1, 2, 3, 4], distortion=2.0),
        "unique": tf.nn.log_uniform_candidate_sampler(true, 1, 4, True, 10, seed=1),
    }
    with tf.Session() as session:
        for label, outputs in many.items():
            note(f"{label} shapes", [[str(each.shape), repr(each.dtype)] for each in outputs])
            if label == "unigrams":
                continue
            sampled, true_count, _ = session.run(outputs)
            note(f"{label} range", bool(((sampled >= 0) & (sampled < 10)).all()))
            if label != "unique":
                note(f"{label} expected", true_count)
            else:
                note("distinct", len(set(sampled.tolist())))


def initializers(tf: Any, note: Note) -> None:
    made = tf.initializers
    with tf.Session() as session:
        note("identity", session.run(made.identity(2.0)([2, 3])))
        basis = session.run(tf.orthogonal_initializer(2.0)([6, 4]))
        note("orthogonal", np.round(basis.T @ basis, 3) + 0.0)
        wide = made.orthogonal()([2, 3, 10]).eval()
        wide = wide.reshape(6, 10)
        note("wide", np.round(wide @ wide.T, 3) + 0.0)
        for label in ("he_normal", "he_uniform", "lecun_normal", "lecun_uniform"):
            drawn = session.run(getattr(made, label)(seed=3)([3, 3, 50, 60]))
            note(label, [round(float(drawn.std()), 2), bool(abs(drawn.mean()) < 0.01)])
        drawn = session.run(tf.uniform_unit_scaling_initializer(1.5)([40, 50]))
        note("unit scaling", bool(np.abs(drawn).max() <= 1.5 * np.sqrt(3 / 40) and drawn.std() > 0.2))
    note("no matrix", lambda: made.identity()([2, 2, 2]))
    note("no columns", lambda: made.orthogonal()([2]))
    note("config", made.he_normal().get_config())


def losses_of_elements(tf: Any, note: Note) -> None:
    x = tf.constant(TABLE)
    labels = tf.constant((TABLE > 0).astype(np.float32))
    counts = tf.constant(np.abs(np.round(TABLE * 4)))
    made = {
        "weighted": tf.nn.weighted_cross_entropy_with_logits(labels, x, 3.0),
        "targets": tf.nn.weighted_cross_entropy_with_logits(logits=x, pos_weight=0.5, targets=labels),
        "poisson": tf.nn.log_poisson_loss(counts, x),
        "whole": tf.nn.log_poisson_loss(counts, x, compute_full_loss=True),
        "crelu": tf.nn.crelu(x),
        "swish": tf.nn.swish(x),
        "affine": tf.nn.xw_plus_b(x, tf.constant(TABLE[:3, :2]), tf.constant([1.0, 2.0])),
        "relu layer": tf.nn.relu_layer(x, tf.constant(TABLE[:3, :2]), tf.constant([1.0, 2.0])),
    }
    with tf.Session() as session:
        for label, result in made.items():
            note(label, session.run([result, tf.gradients(result, x)[0]]))
    note("names", described(made["affine"], made["relu layer"]))


def moments(tf: Any, note: Note) -> None:
    x = tf.placeholder(tf.float32, [None, 2, 2, 3])
    weights = tf.constant([[[[1.0]], [[2.0]]], [[[0.0]], [[1.0]]]])
    values = np.sin(np.arange(24, dtype=np.float32)).reshape(2, 2, 2, 3)
    mean, variance = tf.nn.moments(x, [0, 1, 2])
    note("names", described(mean, variance, *tf.nn.moments(x, [0], keep_dims=True)))
    counts = tf.nn.sufficient_statistics(x, [0, 1])
    normal = tf.nn.batch_normalization(
        x, mean, variance, tf.constant([1.0, 2.0, 3.0]), tf.constant([0.5, 1.0, 2.0]), 1e-3
    )
    results = {
        "moments": [mean, variance],
        "weighted": tf.nn.weighted_moments(x, [1, 2], weights[:, :, 0]),
        "statistics": list(counts[:3]),
        "from statistics": tf.nn.normalize_moments(*counts),
        "normal": normal,
        "without": tf.nn.batch_normalization(x, mean, variance, None, None, 1e-3),
        "global": tf.nn.batch_norm_with_global_normalization(x, mean, variance, mean, variance, 0.1, True),
        "fused": tf.nn.fused_batch_norm(x, [1.0, 2.0, 0.5], [0.0, 1.0, -1.0]),
        "local": tf.nn.local_response_normalization(x, depth_radius=1, bias=2.0, alpha=0.5, beta=0.75),
        "lrn": tf.nn.lrn(x),
    }
    note("normal names", described(normal, results["lrn"]))
    with tf.Session() as session:
        for label, result in results.items():
            first = result[0] if isinstance(result, list | tuple) else result
            slope = tf.gradients(tf.reduce_sum(first**2), x)[0]
            if label == "statistics":
                slope = x
            note(
                label,
                session.run(
                    [list(result) if isinstance(result, tuple) else result, tf.reduce_sum(tf.abs(slope))], {x: values}
                ),
            )


PROGRAMS = [lookups, sampled_classes, samplers, initializers, losses_of_elements, moments]
