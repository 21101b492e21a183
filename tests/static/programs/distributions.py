"""Programs with normal distributions."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.static.programs.notes import Note


def normal(tf: Any, note: Note) -> None:
    loc, scale = tf.placeholder(tf.float32, [None, 2]), tf.constant([0.5, 2.0])
    one, other = tf.distributions.Normal(loc, scale), tf.distributions.Normal(0.0, scale=[1.0, 3.0])
    x = tf.constant([[0.3, -1.0], [2.0, 4.0], [0.0, 0.5]])
    found = {
        "log_prob": one.log_prob(x),
        "prob": one.prob(x),
        "cdf": one.cdf(x),
        "survival": one.survival_function(x),
        "entropy": other.entropy(),
        "mean": one.mean(),
        "mode": one.mode(),
        "stddev": one.stddev(),
        "variance": one.variance(),
        "divergence": tf.distributions.kl_divergence(one, other),
        "method": one.kl_divergence(other),
        "batch": one.batch_shape_tensor(),
    }
    note("shapes", [str(one.batch_shape), str(other.batch_shape), str(one.event_shape), str(one.sample(4).shape)])
    note("dtype", repr(one.dtype))
    note("name", [one.name, one.loc.name, other.scale.name])
    with tf.Session() as session:
        fed = {loc: np.array([[0.0, 1.0], [2.0, -1.0], [0.5, 0.5]])}
        for label, result in found.items():
            note(label, session.run(result, fed))
        slopes = tf.gradients(one.log_prob(x), [loc, scale])
        note("slopes", session.run(slopes, fed))
        drawn = session.run(other.sample(20000, seed=1))
        note("sample", [list(drawn.shape), np.round(drawn.mean(0), 0) + 0.0, np.round(drawn.std(0), 0)])
        through = session.run(tf.gradients(one.sample([5, 2]), loc)[0], fed)
        note("through samples", through)
    note("dtypes", lambda: tf.distributions.Normal(tf.constant(1.0, tf.float64), 2.0))
    note("other kinds", lambda: tf.distributions.kl_divergence(one, 3))


PROGRAMS = [normal]
