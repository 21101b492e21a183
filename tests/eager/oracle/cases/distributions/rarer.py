"""The distributions that few programs use: densities, moments, shapes, divergences, errors; what samples are like."""

from __future__ import annotations

from tests.eager.oracle.cases.distributions.distributions import _asked

CASES = """
torch.distributions.Pareto(1.0, -1.0)
torch.distributions.Pareto(1.0, 2.0).log_prob(torch.tensor(0.5))
torch.distributions.Weibull(0.0, 1.0)
torch.distributions.ContinuousBernoulli(2.0)
torch.distributions.ContinuousBernoulli()
torch.distributions.GeneralizedPareto(0.0, 1.0, -0.5).log_prob(torch.tensor(3.0))
torch.distributions.LKJCholesky(1)
torch.distributions.LKJCholesky(2).log_prob(torch.ones(2, 2))
torch.distributions.Wishart(1.0, torch.eye(3))
torch.distributions.Wishart(3.0)
torch.distributions.Wishart(3.0, floats(2))
torch.distributions.Wishart(3.0, -torch.eye(2))
torch.distributions.LowRankMultivariateNormal(floats(), floats(2, 1), floats(2))
torch.distributions.LowRankMultivariateNormal(floats(2), floats(2), floats(2))
torch.distributions.LowRankMultivariateNormal(floats(2), floats(3, 1), floats(2))
torch.distributions.LowRankMultivariateNormal(floats(2), floats(2, 1), floats(3))
torch.distributions.LowRankMultivariateNormal(floats(3, 2), floats(4, 2, 1), floats(2))
torch.distributions.LowRankMultivariateNormal(floats(2), floats(2, 1), -torch.ones(2))
torch.distributions.VonMises(0.0, -1.0)
torch.distributions.VonMises(0.0, 1.0).cdf(torch.tensor(0.0))
repr(torch.distributions.Pareto(1.0, 2.0))
repr(torch.distributions.Weibull(torch.ones(2), 2.0))
repr(torch.distributions.Wishart(3.0, torch.eye(2)))
repr(torch.distributions.LowRankMultivariateNormal(torch.zeros(2), torch.ones(2, 1), torch.ones(2)))
repr(torch.distributions.ContinuousBernoulli(0.3))
repr(torch.distributions.LKJCholesky(3))
repr(torch.distributions.constraints.corr_cholesky)
repr(torch.distributions.constraints.positive_semidefinite)
torch.distributions.constraints.corr_cholesky.check(torch.eye(2))
torch.distributions.constraints.corr_cholesky.check(2 * torch.eye(2))
torch.distributions.constraints.positive_semidefinite.check(torch.zeros(2, 2))
torch.distributions.biject_to(torch.distributions.constraints.simplex)(floats(2, 3))
torch.distributions.transform_to(torch.distributions.constraints.simplex)(floats(2, 3))
torch.distributions.transform_to(torch.distributions.constraints.positive)(floats(3))
torch.distributions.transform_to(torch.distributions.constraints.less_than(2.0))(floats(3))
torch.distributions.transform_to(torch.distributions.constraints.unit_interval)(floats(3))
torch.distributions.transform_to(torch.distributions.constraints.interval(-1.0, 3.0))(floats(3))
torch.distributions.transform_to(torch.distributions.constraints.real_vector)(floats(3))
torch.distributions.transform_to(torch.distributions.constraints.lower_cholesky)(floats(2, 2))
torch.distributions.transform_to(torch.distributions.constraints.positive_definite)(floats(2, 2))
torch.distributions.biject_to(torch.distributions.constraints.corr_cholesky)(floats(3))
torch.distributions.biject_to(torch.distributions.constraints.lower_cholesky)
torch.distributions.biject_to(torch.distributions.constraints.boolean)
torch.distributions.biject_to.register(3, None)(3)
torch.distributions.CorrCholeskyTransform()(floats(4))
torch.distributions.CorrCholeskyTransform().forward_shape((4,))
torch.distributions.CorrCholeskyTransform().inverse_shape((2, 3))
torch.distributions.StickBreakingTransform().forward_shape(())
torch.distributions.CatTransform([torch.distributions.ExpTransform()], lengths=[2])(floats(3))
"""


def _made(torch, leaf):
    """A distribution of each class, with values to score."""
    d = torch.distributions
    unit = lambda *shape: leaf(*shape, low=0.1, high=0.9)  # noqa: E731
    positive = lambda *shape: leaf(*shape, low=0.3, high=3.0)  # noqa: E731
    single = lambda *given: [each.float() for each in given]  # noqa: E731, since PyTorch takes no others
    double = torch.float64
    half = torch.tensor([0.3, 0.6], dtype=double)
    ahead = torch.tensor([0.7, 2.5], dtype=double)
    either = torch.tensor([-0.4, 1.3], dtype=double)
    covariance = torch.tensor([[2.0, 0.5], [0.5, 1.0]], dtype=double)
    factor = torch.tensor([[1.5, 0.0], [0.5, 0.7]], dtype=double)
    correlated = torch.tensor([[1.0, 0.0, 0.0], [0.6, 0.8, 0.0], [0.0, 0.6, 0.8]], dtype=double)
    return {
        "ContinuousBernoulli": (lambda: d.ContinuousBernoulli(unit(2)), half),
        "ContinuousBernoulli of logits": (lambda: d.ContinuousBernoulli(logits=leaf(2)), half),
        "ContinuousBernoulli near a half": (lambda: d.ContinuousBernoulli(leaf(2, low=0.4995, high=0.5005)), half),
        "FisherSnedecor": (lambda: d.FisherSnedecor(positive(2), leaf(2, low=5.0, high=9.0)), ahead),
        "GeneralizedPareto": (lambda: d.GeneralizedPareto(*single(unit(2) - 1, positive(2), unit(2) / 3)), ahead.float()),
        "GeneralizedPareto with an end": (
            lambda: d.GeneralizedPareto(*single(unit(2) - 1, positive(2) + 2, -unit(2) / 3)), ahead.float(),
        ),
        "GeneralizedPareto of 0": (
            lambda: d.GeneralizedPareto(*single(unit(2) - 1, positive(2), torch.zeros(2))), ahead.float(),
        ),
        "InverseGamma": (lambda: d.InverseGamma(positive(2) + 2, positive(2)), ahead),
        "Kumaraswamy": (lambda: d.Kumaraswamy(positive(2), positive(2)), half),
        "LKJCholesky": (lambda: d.LKJCholesky(3, positive(2)), correlated),
        "LogisticNormal": (lambda: d.LogisticNormal(leaf(2), positive(2)), torch.tensor([0.2, 0.3, 0.5], dtype=double)),
        "LowRankMultivariateNormal": (
            lambda: d.LowRankMultivariateNormal(leaf(3, 2), leaf(2, 1), positive(2)), either,
        ),
        "Pareto": (lambda: d.Pareto(unit(2) / 2, positive(2) + 2), ahead),
        "VonMises": (lambda: d.VonMises(leaf(2), positive(2)), either),
        "Weibull": (lambda: d.Weibull(positive(2), positive(2)), ahead),
        "Wishart": (lambda: d.Wishart(positive(3) + 3, covariance), covariance),
        "Wishart of precisions": (lambda: d.Wishart(4.0, precision_matrix=covariance), covariance),
        "Wishart of factors": (lambda: d.Wishart(positive(3) + 3, scale_tril=factor), covariance),
    }  # fmt: skip


def _rounded(name, found):
    """A tensor as far as PyTorch has digits: of VonMises 7; others are of float32."""
    return (
        found.detach().float() if name.startswith(("VonMises", "Generalized")) and not isinstance(found, str) else found
    )


def densities(torch, leaf):
    found = {name: make().log_prob(value) for name, (make, value) in _made(torch, leaf).items()}
    return {name: _rounded(name, each) for name, each in found.items()}


def moments(torch, leaf):
    found = {}
    for name, (make, _) in _made(torch, leaf).items():
        made = make()
        answers = [
            _asked(lambda: made.mean),  # noqa: B023
            _asked(lambda: made.variance),  # noqa: B023
            _asked(lambda: made.stddev),  # noqa: B023
            _asked(lambda: made.mode),  # noqa: B023
        ]
        found[name] = [_rounded(name, each) for each in answers]
    return found


def entropies(torch, leaf):
    found = {name: _asked(make().entropy) for name, (make, _) in _made(torch, leaf).items()}
    return {name: each if isinstance(each, str) else each.detach() for name, each in found.items()}


def cumulated(torch, leaf):
    found = {}
    for name, (make, value) in _made(torch, leaf).items():
        made = make()
        if name in ("InverseGamma", "LogisticNormal"):  # of whose base PyTorch has no gradient, or no distribution
            continue
        found[name] = _rounded(name, _asked(lambda: made.cdf(value)))  # noqa: B023
        chance = torch.tensor([0.3, 0.6], dtype=torch.float64)
        found[f"{name} inverted"] = _rounded(name, _asked(lambda: made.icdf(chance)))  # noqa: B023
    return found


def shapes(torch, leaf):
    found = {}
    for name, (make, _) in _made(torch, leaf).items():
        made = make()
        wide = made.expand((5, *made.batch_shape))
        found[name] = [
            made.batch_shape, made.event_shape, made.has_rsample, made.has_enumerate_support,
            made.sample().shape, made.sample((4, 3)).shape, made.sample().dtype, made.sample((2,)).requires_grad,
            wide.batch_shape, wide.event_shape, wide.sample().shape, wide.log_prob(wide.sample()).shape, type(wide).__name__,
            made.rsample((2,)).requires_grad if made.has_rsample else None, sorted(made.arg_constraints),
            made.support.event_dim,
        ]  # fmt: skip
    return found


def samples_have_the_moments(torch, leaf):
    found = {}
    for name, (make, _) in _made(torch, leaf).items():
        made = make()
        if name in ("LKJCholesky", "LogisticNormal"):  # which have no mean
            continue
        drawn = made.sample((20000,)).to(torch.float64)
        if name == "VonMises":  # whose moments are those of directions
            length = drawn.sub(made.loc).cos().mean(0)
            found[name] = bool((1 - length - made.variance).abs().max() < 0.03)
            continue
        error = (drawn.mean(0) - made.mean).abs() / made.stddev
        found[name] = bool((error < 0.05).all())
    return found


def factors_of_correlations(torch, leaf):
    """What is drawn are factors, whose correlations have the mean 0 and the variance 1 / (2 concentration + dim - 1)."""
    made = torch.distributions.LKJCholesky(3, torch.tensor(1.5, dtype=torch.float64))
    drawn = made.sample((20000,))
    correlations = (drawn @ drawn.mT)[:, 1, 0]
    return [
        bool(made.support.check(drawn).all()),
        bool(correlations.mean().abs() < 0.02),
        bool((correlations.var() - 1 / 5).abs() < 0.01),
    ]


def vectors_that_sum_to_one(torch, leaf):
    made = torch.distributions.LogisticNormal(leaf(2), leaf(2, low=0.3, high=1.0))
    drawn = made.sample((20000,))
    odds = made.transforms[0].inv(drawn)
    return [
        bool(made.support.check(drawn).all()),
        bool(((odds.mean(0) - made.loc).abs() < 0.05).all()),
        bool(((odds.std(0) - made.scale).abs() < 0.05).all()),
    ]


def _pairs(torch, leaf):
    d = torch.distributions
    positive = lambda *shape: leaf(*shape, low=0.3, high=3.0)  # noqa: E731
    unit = lambda *shape: leaf(*shape, low=0.1, high=0.9)  # noqa: E731
    return {
        "Bernoulli": lambda: d.Bernoulli(unit(2)),
        "Beta": lambda: d.Beta(positive(2), positive(2)),
        "Binomial": lambda: d.Binomial(3, unit(2)),
        "ContinuousBernoulli": lambda: d.ContinuousBernoulli(unit(2)),
        "Exponential": lambda: d.Exponential(positive(2)),
        "Gamma": lambda: d.Gamma(positive(2), positive(2)),
        "Gumbel": lambda: d.Gumbel(leaf(2), positive(2)),
        "Laplace": lambda: d.Laplace(leaf(2), positive(2)),
        "Normal": lambda: d.Normal(leaf(2), positive(2)),
        "Pareto": lambda: d.Pareto(unit(2) / 2, positive(2)),
        "Poisson": lambda: d.Poisson(positive(2)),
        "Uniform": lambda: d.Uniform(unit(2), 1 + unit(2) / 10),
        "wide Uniform": lambda: d.Uniform(unit(2) - 2, 2 + unit(2)),
        "narrow Uniform": lambda: d.Uniform(unit(2) / 3, 1 - unit(2) / 3),
    }


def divergences(torch, leaf):
    """Of all pairs, as numbers: where they are infinite, gradients are nan."""
    found = {}
    made = _pairs(torch, leaf)
    for one in made:
        for other in made:
            p, q = made[one](), made[other]()
            with torch.no_grad():
                found[f"{one} {other}"] = _asked(lambda: torch.distributions.kl_divergence(p, q))  # noqa: B023
    return found


def divergences_of_matrices(torch, leaf):
    d, kl = torch.distributions, torch.distributions.kl_divergence
    positive = lambda *shape: leaf(*shape, low=0.3, high=3.0)  # noqa: E731
    covariance = torch.tensor([[2.0, 0.5], [0.5, 1.0]], dtype=torch.float64)
    low = lambda: d.LowRankMultivariateNormal(leaf(3, 2), leaf(2, 1), positive(2))  # noqa: E731
    full = lambda: d.MultivariateNormal(leaf(2), covariance)  # noqa: E731
    flat = d.MultivariateNormal(leaf(3), torch.eye(3, dtype=torch.float64))
    refused = []
    for p, q in ((low(), flat), (flat, low()), (flat, full())):
        try:
            kl(p, q)
        except ValueError as error:
            refused.append(str(error))
    return [
        kl(low(), low()), kl(low(), full()), kl(full(), low()), kl(full(), full()), refused,
        kl(d.Wishart(4.0, covariance), d.Wishart(3.0, 2 * covariance)).detach(),
        kl(d.ContinuousBernoulli(positive(2) / 4), d.ContinuousBernoulli(positive(2) / 4)),
    ]  # fmt: skip


def matrices_told_in_other_ways(torch, leaf):
    d = torch.distributions
    low = d.LowRankMultivariateNormal(leaf(2), leaf(2, 1), leaf(2, low=0.3, high=3.0))
    wishart = d.Wishart(4.0, torch.tensor([[2.0, 0.5], [0.5, 1.0]], dtype=torch.float64))
    return [
        low.scale_tril, low.covariance_matrix, low.precision_matrix,
        wishart.scale_tril, wishart.precision_matrix, wishart.covariance_matrix,
    ]  # fmt: skip


def transforms(torch, leaf):
    d, found = torch.distributions, {}
    for name, transform in {
        "StickBreaking": d.StickBreakingTransform(), "CorrCholesky": d.CorrCholeskyTransform(),
        "Cat": d.CatTransform([d.ExpTransform(), d.AffineTransform(1.0, 2.0)], dim=-1, lengths=[1, 2]),
        "Stack": d.StackTransform([d.ExpTransform(), d.AffineTransform(1.0, 2.0), d.TanhTransform()], dim=-1),
        "CumulativeDistribution": d.CumulativeDistributionTransform(d.Normal(0.0, 1.0)),
    }.items():  # fmt: skip
        x = leaf(2, 3, low=-1.0, high=1.0)
        y = transform(x)
        found[name] = [
            y, transform.inv(y), transform.log_abs_det_jacobian(x, y), transform.domain.event_dim,
            transform.codomain.event_dim, transform.bijective, tuple(transform.forward_shape((2, 3))),
            transform.codomain.check(y.detach()),
        ]  # fmt: skip
    x = leaf(2, 2)
    for transform in (d.LowerCholeskyTransform(), d.PositiveDefiniteTransform()):
        found[type(transform).__name__] = [transform(x), transform.inv(transform(x))]
    return found


def are_imported_from_modules(torch):
    """As `from torch.distributions.beta import Beta`: each class has a module."""
    import importlib

    found = []
    for name, kind in _MODULES.items():
        module = importlib.import_module(f"{torch.distributions.__name__}.{name}")
        found.append(getattr(module, kind) is getattr(torch.distributions, kind))
    return found


_MODULES = {
    "bernoulli": "Bernoulli", "beta": "Beta", "binomial": "Binomial", "categorical": "Categorical", "cauchy": "Cauchy",
    "chi2": "Chi2", "constraint_registry": "biject_to", "continuous_bernoulli": "ContinuousBernoulli",
    "dirichlet": "Dirichlet", "distribution": "Distribution", "exp_family": "ExponentialFamily",
    "exponential": "Exponential", "fishersnedecor": "FisherSnedecor", "gamma": "Gamma",
    "generalized_pareto": "GeneralizedPareto", "geometric": "Geometric", "gumbel": "Gumbel",
    "half_cauchy": "HalfCauchy", "half_normal": "HalfNormal", "independent": "Independent",
    "inverse_gamma": "InverseGamma", "kl": "kl_divergence", "kumaraswamy": "Kumaraswamy", "laplace": "Laplace",
    "lkj_cholesky": "LKJCholesky", "log_normal": "LogNormal", "logistic_normal": "LogisticNormal",
    "lowrank_multivariate_normal": "LowRankMultivariateNormal", "mixture_same_family": "MixtureSameFamily",
    "multinomial": "Multinomial", "multivariate_normal": "MultivariateNormal", "negative_binomial": "NegativeBinomial",
    "normal": "Normal", "one_hot_categorical": "OneHotCategorical", "pareto": "Pareto", "poisson": "Poisson",
    "relaxed_bernoulli": "RelaxedBernoulli", "relaxed_categorical": "RelaxedOneHotCategorical",
    "studentT": "StudentT", "transformed_distribution": "TransformedDistribution", "transforms": "ExpTransform",
    "uniform": "Uniform", "von_mises": "VonMises", "weibull": "Weibull", "wishart": "Wishart",
}  # fmt: skip


def samples_have_gradients(torch, leaf):
    """Whether means of gradients are those of the means by the parameters."""
    d, found = torch.distributions, {}
    for name, make in {
        "Weibull": lambda a, b: d.Weibull(a, b),
        "Pareto": lambda a, b: d.Pareto(a, b + 4),
        "Kumaraswamy": lambda a, b: d.Kumaraswamy(a, b),
        "ContinuousBernoulli": lambda a, b: d.ContinuousBernoulli(a / 2),
        "GeneralizedPareto": lambda a, b: d.GeneralizedPareto(a.float(), b.float(), 0.1),
    }.items():
        a = torch.tensor(1.5, dtype=torch.float64, requires_grad=True)
        b = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
        made = make(a, b)
        wanted = torch.autograd.grad(made.mean, (a, b), retain_graph=True, allow_unused=True)
        got = torch.autograd.grad(made.rsample((20000,)).mean(), (a, b), allow_unused=True)
        pairs = zip(got, wanted, strict=True)
        found[name] = [w is None or bool((g - w).abs() < 0.05) for g, w in pairs]
    return found
