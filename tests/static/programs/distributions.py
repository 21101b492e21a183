"""Programs with distributions."""

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


def _statistics(tf: Any, note: Note, made: Any, values: Any, session: Any) -> None:
    """All that each distribution says of itself and of some values."""
    for name, each in made.items():
        note(f"{name} is", [str(each.batch_shape), str(each.event_shape), repr(each.dtype), each.name])
        note(f"{name} sizes", lambda each=each: session.run([each.batch_shape_tensor(), each.event_shape_tensor()]))
        note(f"{name} sample shape", lambda each=each: str(each.sample([2, 5]).shape))
        for what in ("entropy", "mean", "mode", "stddev", "variance", "covariance"):
            note(f"{name} {what}", lambda each=each, what=what: session.run(getattr(each, what)()))
        for what in ("log_prob", "prob", "cdf", "log_cdf", "survival_function", "log_survival_function"):
            x = values[name]
            note(f"{name} {what}", lambda each=each, what=what, x=x: session.run(getattr(each, what)(x)))


def of_scalars(tf: Any, note: Note) -> None:
    d = tf.distributions
    made = {
        "bernoulli": d.Bernoulli(logits=[-1.0, 0.5, 2.0]),
        "with odds": d.Bernoulli(probs=[0.2, 0.7], dtype=tf.float32),
        "categorical": d.Categorical(logits=[[0.1, -1.0, 2.0], [0.0, 1.0, 0.5]]),
        "exponential": d.Exponential([0.5, 2.0]),
        "gamma": d.Gamma([0.5, 3.0], [[1.0], [2.0]]),
        "beta": d.Beta([0.5, 3.0], [2.0, 1.5]),
        "laplace": d.Laplace([0.0, 1.0], [[1.0], [0.5]]),
        "student": d.StudentT([0.5, 1.5, 5.0], 1.0, [1.0, 2.0, 0.5]),
        "uniform": d.Uniform([-1.0, 0.0], 2.0),
        "normal": d.Normal([0.0, -30.0], 1.0),
    }
    values = {
        "bernoulli": [1.0, 0.0, 1.0], "with odds": [[1.0, 0.0], [0.0, 0.0]], "categorical": [2, 0],
        "exponential": [0.3, 1.0], "gamma": [0.3, 4.0], "beta": [0.3, 0.9], "laplace": [-0.4, 1.2],
        "student": [0.5, -2.0, 1.0], "uniform": [[0.5, 0.5], [-2.0, 3.0]], "normal": [0.4, 1.0],
    }  # fmt: skip
    with tf.Session() as session:
        _statistics(tf, note, made, values, session)
        note("quantile", session.run(made["normal"].quantile([0.1, 0.5])))
        note("cross", session.run(made["gamma"].cross_entropy(d.Gamma(2.0, 1.0))))
    note("both", lambda: d.Bernoulli(logits=[0.0], probs=[0.5]))
    note("integers", lambda: d.Categorical(logits=[1, 2]))
    note("parameters", sorted(made["beta"].parameters))
    note("copy", made["uniform"].copy(high=5.0).name)


def of_vectors(tf: Any, note: Note) -> None:
    d = tf.distributions
    made = {
        "dirichlet": d.Dirichlet([1.5, 2.0, 3.0]),
        "no mode": d.Dirichlet([0.5, 2.0, 2.0]),
        "multinomial": d.Multinomial([4.0, 3.0], logits=[[0.1, -1.0, 2.0], [0.0, 1.0, 0.5]]),
        "both": d.DirichletMultinomial(4.0, [1.5, 2.0, 3.0]),
    }
    values = {
        "dirichlet": [[0.2, 0.3, 0.5]], "no mode": [0.2, 0.3, 0.5], "multinomial": [[1.0, 0.0, 3.0], [1.0, 1.0, 1.0]], "both": [1.0, 0.0, 3.0],
    }  # fmt: skip
    with tf.Session() as session:
        _statistics(tf, note, made, values, session)
        counts = session.run(made["multinomial"].sample(50, seed=2))
        note("totals", [counts.sum(-1).min(0), counts.sum(-1).max(0)])
        note("shares", bool(np.allclose(session.run(made["dirichlet"].sample(9)).sum(-1), 1.0)))
        note("counted", session.run(made["both"].sample(9)).sum(-1))


def divergences(tf: Any, note: Note) -> None:
    d = tf.distributions
    pairs = {
        "bernoulli": (d.Bernoulli(logits=[0.3, -1.0]), d.Bernoulli(probs=[0.5, 0.1])),
        "categorical": (d.Categorical(logits=[0.1, -1.0]), d.Categorical(probs=[0.4, 0.6])),
        "beta": (d.Beta(2.0, 3.0), d.Beta([1.0, 0.5], 2.0)),
        "gamma": (d.Gamma(2.0, [3.0, 1.0]), d.Exponential(0.5)),
        "dirichlet": (d.Dirichlet([1.0, 2.0, 0.5]), d.Dirichlet([0.3, 1.0, 2.0])),
    }
    with tf.Session() as session:
        for name, (left, right) in pairs.items():
            note(name, session.run([d.kl_divergence(left, right), left.kl_divergence(right)]))
        odd = d.Normal(float("nan"), 1.0)
        note("nan", lambda: session.run(d.kl_divergence(odd, odd, allow_nan_stats=False)))
    note("unknown", lambda: d.kl_divergence(d.Beta(2.0, 3.0), d.Laplace(0.0, 1.0)))


def checks(tf: Any, note: Note) -> None:
    d = tf.distributions
    scale = tf.placeholder_with_default(tf.constant(-1.0), [])
    with tf.Session() as session:
        note("scale", lambda: session.run(d.Normal(0.0, scale, validate_args=True).mean()))
        note("probs", lambda: session.run(d.Bernoulli(probs=-scale * 2.0, validate_args=True).mean()))
        note("mode", lambda: session.run(d.Beta(0.5, 2.0, allow_nan_stats=False).mode()))
        note("mean", lambda: session.run(d.StudentT(0.5, 0.0, 1.0, allow_nan_stats=False).mean()))
        note("mode of gamma", session.run(d.Gamma([0.5, 2.0], 1.0).mode()))
        note("sizes", lambda: d.Normal(0.0, 1.0).sample([[2]]))


def draws(tf: Any, note: Note) -> None:
    """What is drawn has the moments that it should, and gradients where it is reparameterized."""
    d = tf.distributions
    loc = tf.constant([0.5, 2.0])
    made = {
        "bernoulli": d.Bernoulli(probs=loc / 2.5), "categorical": d.Categorical(probs=[0.5, 0.25, 0.25]),
        "exponential": d.Exponential(loc), "gamma": d.Gamma(loc, 1.0), "beta": d.Beta(loc, loc),
        "laplace": d.Laplace(loc, 1.0), "student": d.StudentT(9.0, loc, 1.0), "uniform": d.Uniform(-loc, 3.0),
        "dirichlet": d.Dirichlet(loc), "multinomial": d.Multinomial(3.0, probs=[0.5, 0.5]),
    }  # fmt: skip
    with tf.Session() as session:
        for name, each in made.items():
            drawn = session.run(each.sample(20000, seed=5))
            note(name, [list(drawn.shape), str(drawn.dtype), np.round(drawn.mean(0) * 4.0, 0) + 0.0])
        through = [tf.gradients(made[name].sample(3), loc)[0] is not None for name in ("gamma", "beta", "laplace")]
        note("through", through)


def parameters(tf: Any, note: Note) -> None:
    """The shapes of parameters."""
    d = tf.distributions
    for name in (
        "Normal",
        "Bernoulli",
        "Gamma",
        "Exponential",
        "StudentT",
        "Uniform",
        "Laplace",
        "Beta",
        "Categorical",
    ):
        kind = getattr(d, name)
        note(f"{name} static", lambda kind=kind: [[k, str(v)] for k, v in kind.param_static_shapes([3, 2]).items()])
        with tf.Session() as session:
            note(name, lambda kind=kind, session=session: sorted(session.run(kind.param_shapes([3, 2])).items()))
    note("unknown", lambda: d.Normal.param_static_shapes(tf.TensorShape([None])))
    note("fed", lambda: d.Normal.param_static_shapes(tf.placeholder(tf.int32, [2])))


PROGRAMS = [parameters, normal, of_scalars, of_vectors, divergences, checks, draws]
