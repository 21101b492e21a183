"""Programs with incomplete gamma and beta functions."""

from __future__ import annotations

from typing import Any

import numpy as np

from .notes import Note

A = np.array([0.1, 0.5, 1.0, 2.5, 10.0, 60.0, 300.0, 3.0, 3.0, -1.0, 2.0])
X = np.array([0.2, 0.1, 1.0, 7.0, 9.5, 45.0, 310.0, 0.0, np.inf, 1.0, -1.0])


def gammas(tf: Any, note: Note) -> None:
    for dtype in (np.float32, np.float64):
        a, x = tf.constant(A.astype(dtype)), tf.constant(X.astype(dtype))
        low, high = tf.igamma(a, x), tf.math.igammac(a, x)
        wide = tf.igamma([[0.5], [3.0]], [1.0, 2.0, 4.0])
        slopes = [tf.gradients(each, [a, x]) for each in (low, high)]
        with tf.Session() as session:
            note("values", session.run([low, high, wide]))
            note("slopes", [[part[:7] for part in pair] for pair in session.run(slopes)])


def betas(tf: Any, note: Note) -> None:
    p = np.array([0.5, 1.0, 2.0, 30.0, 0.05, 200.0, 2.0, 2.0, 2.0, -1.0])
    q = np.array([0.5, 3.0, 5.0, 2.0, 8.0, 150.0, 3.0, 3.0, 3.0, 1.0])
    at = np.array([0.3, 0.5, 0.9, 0.95, 0.01, 0.55, 0.0, 1.0, 1.5, 0.5])
    for dtype in (np.float32, np.float64):
        x = tf.constant(at.astype(dtype))
        found = tf.betainc(tf.constant(p.astype(dtype)), tf.constant(q.astype(dtype)), x)
        slope = tf.gradients(found, x)[0]
        with tf.Session() as session:
            note("values", session.run(found))
            note("slope", session.run(slope)[:6])


def drawn_gammas(tf: Any, note: Note) -> None:
    """The gradient of a draw, against the functions that it is made of."""
    alpha = tf.constant([0.5, 2.0, 20.0], tf.float64)
    drawn = tf.random_gamma([50], alpha, beta=2.0, dtype=tf.float64, seed=3)
    slope = tf.gradients(drawn, alpha)[0]
    x = tf.stop_gradient(drawn) * 2.0
    low = tf.igamma(alpha + tf.zeros_like(x), x)
    wide = alpha + tf.zeros_like(x)
    by_a = tf.gradients(tf.igamma(wide, x), wide)[0]
    density = tf.exp((wide - 1.0) * tf.log(x) - x - tf.lgamma(wide))
    wanted = -tf.reduce_sum(by_a / density, 0) / 2.0
    with tf.Session() as session:
        found = session.run([slope, wanted, low])
        note("slopes agree", bool(np.allclose(found[0], found[1], rtol=1e-6)))
        note("about a half", bool(abs(found[2].mean() - 0.5) < 0.15))


PROGRAMS = [gammas, betas, drawn_gammas]
