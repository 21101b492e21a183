"""Programs with distributions and bijectors of tf.contrib.distributions. What TensorFlow 1.15 shows of them was noted
with its own `contrib/distributions` over the operations of 2.15, which has no tf.contrib."""

from __future__ import annotations

from typing import Any

import numpy as np

from .notes import Note


def _statistics(tf: Any, note: Note, made: Any, values: Any, session: Any, whats: str) -> None:
    for name, each in made.items():
        note(f"{name} is", [str(each.batch_shape), str(each.event_shape), repr(each.dtype)])
        note(f"{name} sizes", lambda each=each: session.run([each.batch_shape_tensor(), each.event_shape_tensor()]))
        note(f"{name} sample shape", lambda each=each: str(each.sample([2, 5]).shape))
        note(f"{name} drawn", lambda each=each: list(session.run(each.sample(3)).shape))
        for what in whats.split():
            note(f"{name} {what}", lambda each=each, what=what: session.run(getattr(each, what)()))
        for what in ("log_prob", "prob", "cdf", "log_cdf", "survival_function"):
            x = values[name]
            note(f"{name} {what}", lambda each=each, what=what, x=x: session.run(getattr(each, what)(x)))


def of_scalars(tf: Any, note: Note) -> None:
    d = tf.contrib.distributions
    made = {
        "logistic": d.Logistic([0.0, 1.0], 2.0),
        "poisson": d.Poisson([0.5, 3.0]),
        "of log rate": d.Poisson(log_rate=[0.1, -1.0]),
        "one hot": d.OneHotCategorical(logits=[[0.1, -1.0, 2.0], [0.0, 1.0, 0.5]]),
        "relaxed": d.RelaxedBernoulli(0.5, logits=[0.3, -1.0]),
        "classes": d.RelaxedOneHotCategorical(0.7, probs=[[0.2, 0.8], [0.5, 0.5]]),
        "logs": d.ExpRelaxedOneHotCategorical(0.7, logits=[[0.2, 0.8], [0.5, 0.5]]),
    }
    values = {
        "logistic": [0.3, -1.0], "poisson": [0.0, 2.0], "of log rate": [1.0, 4.0],
        "one hot": [[0, 1, 0], [0, 0, 1]], "relaxed": [0.2, 0.9], "classes": [0.3, 0.7], "logs": [[-0.5, -0.9]],
    }  # fmt: skip
    whats = "entropy mean mode stddev variance covariance"
    with tf.Session() as session:
        _statistics(tf, note, made, values, session, whats)
        shares = session.run(made["classes"].sample(4)).sum(-1)
        note("shares", bool(np.allclose(shares, 1.0, atol=1e-5)))
        hot = [d.OneHotCategorical(logits=[0.1, 0.7]), d.OneHotCategorical(logits=[0.3, -0.7])]
        note("divergence", session.run(d.kl_divergence(*hot)))
    note("rates", lambda: d.Poisson(1.0, log_rate=0.0))


def of_vectors(tf: Any, note: Note) -> None:
    d = tf.contrib.distributions
    tril = [[1.0, 0.0], [0.5, 2.0]]
    made = {
        "diag": d.MultivariateNormalDiag([0.5, -1.0], [[1.0, 2.0], [0.5, 1.0]]),
        "scaled": d.MultivariateNormalDiag([0.5, -1.0], scale_identity_multiplier=1.5),
        "both": d.MultivariateNormalDiag([0.5, -1.0], [1.0, 2.0], 0.5),
        "standard": d.MultivariateNormalDiag([0.5, -1.0]),
        "lower": d.MultivariateNormalTriL([0.5, -1.0], tril),
        "no place": d.MultivariateNormalTriL(scale_tril=tril),
        "covariance": d.MultivariateNormalFullCovariance([0.5, -1.0], [[2.0, 0.5], [0.5, 1.0]]),
        "low rank": d.MultivariateNormalDiagPlusLowRank(
            [0.5, -1.0], [1.0, 2.0], scale_perturb_factor=[[1.0], [0.5]], scale_perturb_diag=[0.7]
        ),
        "softplus": d.MultivariateNormalDiagWithSoftplusScale([0.5, -1.0], [1.0, 2.0]),
        "independent": d.Independent(d.Normal([[0.0, 1.0], [2.0, 3.0]], 1.0)),
        "several": d.Independent(d.Normal([[0.0, 1.0], [2.0, 3.0]], 1.0), reinterpreted_batch_ndims=2),
    }
    values = {name: [[0.3, -0.2], [0.5, 1.0]] for name in made}
    whats = "entropy mean mode stddev variance covariance"
    with tf.Session() as session:
        _statistics(tf, note, made, values, session, whats)
        pairs = [
            ("diag", "both"),
            ("lower", "covariance"),
            ("diag", "lower"),
            ("independent", "independent"),
            ("low rank", "lower"),
        ]
        for left, right in pairs:
            note(f"{left} {right}", session.run(d.kl_divergence(made[left], made[right])))
        drawn = session.run(made["covariance"].sample(20000, seed=3))
        note("moments", [np.round(drawn.mean(0) * 4.0) + 0.0, np.round(np.cov(drawn.T) * 4.0)])
        for zero in ({"scale_diag": [1.0, 0.0]}, {"scale_identity_multiplier": 0.0}):
            note(
                "zero",
                lambda zero=zero: session.run(d.MultivariateNormalDiag([1.0], **zero, validate_args=True).entropy()),
            )
    note("nothing", lambda: d.MultivariateNormalTriL())
    note("too many", lambda: d.Independent(d.Normal(0.0, 1.0), reinterpreted_batch_ndims=2))


def mixtures(tf: Any, note: Note) -> None:
    d = tf.contrib.distributions
    made = {
        "two": d.Mixture(d.Categorical(probs=[0.3, 0.7]), [d.Normal(0.0, 1.0), d.Normal(3.0, 0.5)]),
        "batch": d.Mixture(
            d.Categorical(probs=[[0.3, 0.7], [0.9, 0.1]]), [d.Normal([0.0, 1.0], 1.0), d.Normal([3.0, 1.0], 0.5)]
        ),
        "vectors": d.Mixture(
            d.Categorical(probs=[0.3, 0.7]),
            [d.MultivariateNormalDiag([0.0, 1.0]), d.MultivariateNormalDiag([3.0, 2.0], [1.0, 2.0])],
        ),
    }
    values = {"two": [0.3, 2.0], "batch": [0.3, 2.0], "vectors": [0.3, 2.0]}
    with tf.Session() as session:
        _statistics(tf, note, made, values, session, "mean stddev entropy_lower_bound")
    one = d.Normal(0.0, 1.0)
    note("count", lambda: d.Mixture(d.Categorical(probs=[0.3, 0.7]), [one]))
    note("no components", lambda: d.Mixture(d.Categorical(probs=[0.3, 0.7]), []))
    note("other", lambda: d.Mixture(one, [one]))
    note("entries", lambda: d.Mixture(d.Categorical(probs=[0.3, 0.7]), [one, 1.0]))


def bijectors(tf: Any, note: Note) -> None:
    b = tf.contrib.distributions.bijectors
    made = {
        "identity": b.Identity(),
        "exp": b.Exp(),
        "power": b.PowerTransform(0.5),
        "sigmoid": b.Sigmoid(),
        "softplus": b.Softplus(),
        "soft": b.Softplus(hinge_softness=2.0),
        "softsign": b.Softsign(),
        "scalar": b.AffineScalar(shift=1.0, scale=-2.0),
        "affine": b.Affine(shift=[1.0, -1.0], scale_diag=[2.0, 0.5]),
        "multiple": b.Affine(shift=[1.0, -1.0], scale_identity_multiplier=3.0),
        "same": b.Affine(),
        "lower": b.Affine(scale_tril=[[1.0, 3.0], [0.5, 2.0]], scale_identity_multiplier=0.5),
        "whole": b.Affine([1.0, -1.0], 0.5, [2.0, 1.0], [[1.0, 0.0], [0.5, 2.0]]),
        "low rank": b.Affine([1.0, -1.0], 2.0, scale_perturb_factor=[[1.0], [0.5]], scale_perturb_diag=[3.0]),
        "operator": b.AffineLinearOperator(scale=tf.linalg.LinearOperatorDiag([2.0, 3.0], is_non_singular=True)),
        "inverted": b.Invert(b.Exp()),
        "chain": b.Chain([b.Exp(), b.AffineScalar(shift=0.5, scale=0.3)]),
        "inline": b.Inline(
            forward_fn=tf.exp, inverse_fn=tf.log, inverse_log_det_jacobian_fn=lambda y: -tf.log(y),
            forward_min_event_ndims=0, name="own",
        ),
    }  # fmt: skip
    with tf.Session() as session:
        for name, each in made.items():
            note(f"{name} is", [each.name, each.forward_min_event_ndims, each.is_constant_jacobian])
            x = tf.constant([[0.3, 0.6], [0.2, 0.1]])
            y = each.forward(x)
            note(f"{name} pair", session.run([y, each.inverse(tf.identity(y))]))
            least = each.forward_min_event_ndims
            for ndims in range(least, 3):
                note(f"{name} forward {ndims}", session.run(each.forward_log_det_jacobian(x, event_ndims=ndims)))
                note(
                    f"{name} inverse {ndims}",
                    session.run(each.inverse_log_det_jacobian(tf.identity(y), event_ndims=ndims)),
                )
            note(f"{name} again", each.inverse(y) is x)
        for given in ({"scale_diag": [1.0, 0.0]}, {"scale_identity_multiplier": 0.0}):
            note("singular", lambda given=given: session.run(b.Affine(**given, validate_args=True).forward([1.0, 2.0])))
        note("scales", [type(made[name].scale).__name__ for name in ("affine", "lower", "low rank")])
        note("multiplier", session.run(made["multiple"].scale))
        inline = b.Inline(
            forward_event_shape_fn=lambda shape: shape.concatenate([2]),
            forward_event_shape_tensor_fn=lambda shape: tf.concat([shape, [2]], 0),
            inverse_event_shape_fn=lambda shape: shape[:-1], inverse_event_shape_tensor_fn=lambda shape: shape[:-1],
            forward_min_event_ndims=0, name="shaped",
        )  # fmt: skip
        for name, each in (("inline", inline), ("turned", b.Invert(inline)), ("sigmoid", b.Sigmoid())):
            size = tf.TensorShape([3, 4])
            note(f"{name} shapes", [str(each.forward_event_shape(size)), str(each.inverse_event_shape(size))])
            sizes = [each.forward_event_shape_tensor([3, 4]), each.inverse_event_shape_tensor([3, 4])]
            note(f"{name} sizes", session.run(sizes))
    note("dtypes", lambda: b.Affine(np.ones(2), scale_diag=[1.0, 2.0]))
    note("factor", lambda: b.Affine(scale_perturb_diag=[1.0]))
    note("ndims", lambda: made["affine"].forward_log_det_jacobian(tf.ones([2]), event_ndims=0))
    note("power", lambda: b.PowerTransform(-1.0))


def transformed(tf: Any, note: Note) -> None:
    d = tf.contrib.distributions
    b = d.bijectors
    made = {
        "log normal": d.TransformedDistribution(d.Normal([0.5, 1.0], 0.7), b.Exp()),
        "moved": d.TransformedDistribution(d.Normal(0.5, 0.7), b.AffineScalar(shift=1.0, scale=2.0)),
        "vector": d.TransformedDistribution(d.Normal(0.0, 1.0), b.Affine(shift=[1.0, 2.0]), event_shape=[2]),
        "batch": d.TransformedDistribution(d.Normal(0.0, 1.0), b.Exp(), batch_shape=[2]),
        "vectors": d.TransformedDistribution(
            d.Normal([0.0, 1.0, 2.0], 1.0), b.Affine(scale_diag=[1.0, 2.0]), event_shape=[2]
        ),
    }
    values = {name: [0.3, 2.0] for name in made}
    with tf.Session() as session:
        _statistics(tf, note, made, values, session, "entropy")
        note("quantile", session.run(made["moved"].quantile([0.1, 0.5])))
        note("name", made["log normal"].name)
        places = [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]
        note("places", session.run([made["vectors"].log_prob(places), made["vectors"].prob(places)]))
        drawn = session.run(made["vectors"].sample(4000, seed=3))
        note("means", np.round(drawn.mean(0)) + 0.0)
    note("twice", lambda: d.TransformedDistribution(d.Normal([0.0], 1.0), b.Exp(), batch_shape=[2]))


PROGRAMS = [of_scalars, of_vectors, mixtures, bijectors, transformed]
