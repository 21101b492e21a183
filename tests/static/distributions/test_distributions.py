"""Messages of distributions and bijectors, and sizes that only a run tells."""

import diptych.static as tf
import numpy as np
import pytest

d = tf.contrib.distributions
b = d.bijectors


class Own(d.Distribution):
    def __init__(self):
        super().__init__(tf.float32, d.Normal(0.0, 1.0).reparameterization_type, False, True)


class _Half(b.Bijector):
    def __init__(self):
        super().__init__(forward_min_event_ndims=0)


def _normal():
    return d.Normal(0.0, 1.0)


MESSAGES = [
    (lambda: d.Bernoulli(), ValueError, "Must pass probs or logits, but not both."),
    (lambda: d.Bernoulli(logits=[1]), TypeError, "logits must having floating type."),
    (lambda: d.Bernoulli(probs=[1]), TypeError, "probs must having floating type."),
    (
        lambda: d.Categorical(probs=0.5, validate_args=True), ValueError,
        "A categorical-distribution parameter must have at least 1 dimension.",
    ),
    (
        lambda: d.Categorical([0.5], validate_args=True), ValueError,
        "A categorical-distribution parameter must have at least 2 events.",
    ),
    (
        lambda: d.Categorical([0.5, 0.1]).log_prob(tf.constant(True)), TypeError,
        "`value` should have integer `dtype` or `self.dtype` (<dtype: 'int32'>)",
    ),
    (lambda: d.Poisson(), ValueError, "Must specify exactly one of `rate` and `log_rate`."),
    (lambda: d.Poisson(2), TypeError, "rate.dtype (int32) is a not a float-type."),
    (lambda: d.RegisterKL(d.Normal, d.Beta)(3), TypeError, "kl_fn must be callable, received: 3"),
    (
        lambda: d.kl_divergence(_normal(), d.Beta(1.0, 1.0)), NotImplementedError,
        "No KL(distribution_a || distribution_b) registered for distribution_a type Normal and distribution_b type Beta",
    ),
    (lambda: _normal().sample([[1]]), ValueError, "Input is neither scalar nor vector."),
    (lambda: Own().entropy(), NotImplementedError, "entropy is not implemented: Own"),
    (lambda: Own().log_prob(1.0), NotImplementedError, "log_prob is not implemented: Own"),
    (
        lambda: d.Distribution(tf.float32, None, False, True, graph_parents=[1.0]), ValueError,
        "Graph parent item 0 is not a Tensor; 1.0.",
    ),
    (lambda: d.MultivariateNormalLinearOperator(), ValueError, "Missing required `scale` parameter."),
    (
        lambda: d.MultivariateNormalLinearOperator(scale=tf.linalg.LinearOperatorDiag([1])), TypeError,
        "`scale` parameter must have floating-point dtype.",
    ),
    (lambda: d.MultivariateNormalTriL(), ValueError, "Must specify one or both of `loc`, `scale_tril`."),
    (
        lambda: d.MultivariateNormalDiag(), ValueError,
        "Cannot infer `event_shape` unless `loc` or `shape_hint` is specified.",
    ),
    (
        lambda: d.MultivariateNormalDiagPlusLowRank([1.0], scale_perturb_diag=[1.0]), ValueError,
        "When scale_perturb_diag is specified, scale_perturb_factor must be specified.",
    ),
    (
        lambda: d.TransformedDistribution(d.Normal([0.0], 1.0), batch_shape=[2]), ValueError,
        "base distribution not scalar",
    ),
    (
        lambda: d.TransformedDistribution(_normal(), event_shape=[2]).cdf([1.0, 1.0]), NotImplementedError,
        "cdf is not implemented when overriding event_shape",
    ),
    (
        lambda: d.TransformedDistribution(_normal(), event_shape=[2]).quantile(0.5), NotImplementedError,
        "quantile is not implemented when overriding event_shape",
    ),
    (
        lambda: d.TransformedDistribution(_normal(), b.Exp()).entropy(), NotImplementedError,
        "entropy is not implemented",
    ),
    (
        lambda: d.Independent(_normal(), reinterpreted_batch_ndims=2), ValueError,
        "reinterpreted_batch_ndims(2) cannot exceed distribution.batch_ndims(0)",
    ),
    (
        lambda: d.kl_divergence(*(d.Independent(d.Normal([[0.0] * n], 1.0)) for n in (2, 3))), ValueError,
        "Event shapes do not match.",
    ),
    (lambda: d.Mixture(d.Categorical([0.1, 0.2]), []), ValueError, "components must be a non-empty list or tuple"),
    (
        lambda: d.Mixture(d.Categorical([0.1, 0.2]), [_normal()]), ValueError,
        "cat.num_classes != len(components): 2 vs. 1",
    ),
    (
        lambda: d.Mixture(d.Categorical([0.1, 0.2]), {1: 2}), TypeError,
        "components must be a list or tuple, but saw: {1: 2}",
    ),
    (
        lambda: d.Mixture(d.Categorical([0.1, 0.2]), [1.0]), TypeError,
        "all entries in components must be Distribution instances but saw: [1.0]",
    ),
    (lambda: b.PowerTransform(-1.0), ValueError, "`power` must be a non-negative TF constant."),
    (
        lambda: b.Affine(np.ones(2), scale_diag=[1.0, 2.0]), TypeError,
        "shift.dtype(<dtype: 'float64'>) is incompatible with scale.dtype(<dtype: 'float32'>).",
    ),
    (
        lambda: b.Bijector(), ValueError,
        "Must specify at least one of `forward_min_event_ndims` and `inverse_min_event_ndims`.",
    ),
    (
        lambda: b.Inline(forward_min_event_ndims=-1), ValueError,
        "forward_min_event_ndims must be a non-negative integer.",
    ),
    (
        lambda: b.Affine(scale_diag=[1.0]).forward(np.ones(1)), TypeError,
        "Input had dtype <dtype: 'float32'> but expected <dtype: 'float64'>.",
    ),
    (lambda: _Half().forward(1.0), NotImplementedError, "forward not implemented."),
    (lambda: _Half().inverse(1.0), NotImplementedError, "inverse not implemented"),
    (
        lambda: b.Affine(scale_diag=[1.0]).forward_log_det_jacobian([1.0], 0), ValueError,
        "event_ndims (0) must be larger than min_event_ndims (1)",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("make", "kind", "message"), MESSAGES, ids=[message[:40] for *_, message in MESSAGES])
def test_a_message(make, kind, message):
    with pytest.raises(kind) as error:
        make()
    assert str(error.value) == message


def test_a_divergence_is_declared_once():
    with pytest.raises(ValueError, match=r"^KL\(Normal \|\| Normal\) has already been registered to: <function "):
        d.RegisterKL(d.Normal, d.Normal)(lambda a, b, name: None)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda x: d.Gamma(x, x, allow_nan_stats=False).mode(), "mode not defined when any concentration <= 1"),
        (lambda x: d.Beta(x, 2.0 + x, allow_nan_stats=False).mode(), "Mode undefined for concentration1 <= 1."),
        (lambda x: d.StudentT(x, 0.0, 1.0, allow_nan_stats=False).mean(), "mean not defined for components of df <= 1"),
        (lambda x: d.Dirichlet([x, x], validate_args=True).mean(), "Concentration parameter must be positive."),
        (
            lambda x: d.Dirichlet([1.0, 2.0], validate_args=True).log_prob([1.3 + x, 0.6]),
            "assertion failed: [sample last-dimension must sum to `1`]",
        ),
        (lambda x: d.Uniform(1.0, x, validate_args=True).mean(), "uniform not defined when low >= high."),
        (
            lambda x: d.Multinomial(3.0, [0.0, 1.0], validate_args=True).log_prob([2.0 + x, 1.0]),
            "counts must sum to `self.total_count`",
        ),
        (lambda x: d.Bernoulli(probs=3.0 + x, validate_args=True).mean(), "probs has components greater than 1."),
        (lambda x: d.MultivariateNormalDiag([1.0], [1.0 + x], validate_args=True).entropy(),
         "Singular operator:  Diagonal contained zero values."),
        (lambda x: b.Affine(scale_diag=[1.0 + x], validate_args=True).forward([1.0]), "diagonal part must be non-zero"),
    ],
)  # fmt: skip
def test_a_run_checks(make, message):
    x = tf.placeholder(tf.float32, [])
    fetched = make(x)
    with tf.Session() as session, pytest.raises(tf.errors.InvalidArgumentError) as error:
        session.run(fetched, {x: -1.0})
    assert message in error.value.message


def test_a_size_may_be_fed():
    """The determinant of a multiple of the identity counts the rows of a run: the logarithm of 2 times 3."""
    loc = tf.placeholder(tf.float32, [None])
    made = d.MultivariateNormalDiag(loc, scale_identity_multiplier=2.0)
    with tf.Session() as session:
        entropy = session.run(made.entropy(), {loc: [1.0, 2.0, 3.0]})
    assert entropy == pytest.approx(3 * (0.5 + 0.5 * np.log(2 * np.pi) + np.log(2.0)), rel=1e-5)


def test_shares_of_a_whole_are_two_or_more() -> None:
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"^Concentration parameter must have event_size >= 2\."):
        d.Dirichlet([1.0], validate_args=True)
    with pytest.raises(ValueError, match=r"^Concentration parameter must have >=1 dimensions\."):
        d.Dirichlet(2.0, validate_args=True)
