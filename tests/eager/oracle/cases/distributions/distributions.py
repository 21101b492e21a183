"""Distributions: densities, moments, shapes, errors; what samples are like."""

from __future__ import annotations

CASES = """
torch.distributions.Normal(floats(2), 1.0).loc
torch.distributions.Normal(floats(2), -1.0)
torch.distributions.Normal(torch.tensor([nan]), 1.0)
torch.distributions.Normal("a", 1.0)
torch.distributions.Uniform(1.0, 0.0)
torch.distributions.Categorical(floats(2))
torch.distributions.Categorical()
torch.distributions.Categorical(probs=floats(2), logits=floats(2))
torch.distributions.Categorical(torch.tensor(1.0))
torch.distributions.Bernoulli(2.0)
torch.distributions.Bernoulli()
torch.distributions.Multinomial(floats(2))
torch.distributions.MultivariateNormal(floats(2))
torch.distributions.MultivariateNormal(floats(2), floats(2))
torch.distributions.MultivariateNormal(floats(2), -torch.eye(2))
torch.distributions.Independent(torch.distributions.Normal(floats(2), 1.0), 2)
torch.distributions.Dirichlet(torch.tensor(1.0))
torch.distributions.TransformedDistribution(torch.distributions.Normal(0.0, 1.0), 3)
torch.distributions.Normal(0.0, 1.0).log_prob(3)
torch.distributions.Normal(torch.zeros(2), 1.0).log_prob(torch.zeros(3))
torch.distributions.Exponential(1.0).log_prob(torch.tensor(-1.0))
torch.distributions.Categorical(torch.ones(3)).log_prob(torch.tensor(3))
torch.distributions.Bernoulli(0.5).log_prob(torch.tensor(0.5))
torch.distributions.Uniform(0.0, 1.0).log_prob(torch.tensor(2.0))
torch.distributions.Uniform(0.0, 1.0, validate_args=False).log_prob(torch.tensor(2.0))
torch.distributions.Normal(0.0, 1.0).enumerate_support()
torch.distributions.Poisson(1.0).rsample()
torch.distributions.kl_divergence(torch.distributions.Normal(0.0, 1.0), torch.distributions.Poisson(1.0))
torch.distributions.Bernoulli(torch.tensor([0.3, 0.6])).enumerate_support()
torch.distributions.Categorical(torch.ones(2, 3)).enumerate_support()
torch.distributions.Categorical(torch.ones(2, 3)).enumerate_support(expand=False)
torch.distributions.OneHotCategorical(torch.ones(2, 3)).enumerate_support()
torch.distributions.Binomial(2, torch.tensor([0.5, 0.2])).enumerate_support()
repr(torch.distributions.Normal(torch.zeros(2), 1.0))
repr(torch.distributions.Normal(0.0, 1.0))
repr(torch.distributions.Categorical(torch.ones(3)))
repr(torch.distributions.Gamma(1.0, 2.0))
repr(torch.distributions.constraints.interval(0.0, 1.0))
repr(torch.distributions.constraints.positive)
repr(torch.distributions.constraints.simplex)
torch.distributions.constraints.simplex.check(torch.tensor([[0.5, 0.5], [0.5, 0.6]]))
torch.distributions.constraints.positive_definite.check(torch.eye(2))
torch.distributions.constraints.lower_cholesky.check(torch.eye(2))
torch.distributions.constraints.integer_interval(0, 2).check(torch.tensor([0.0, 0.5, 3.0]))
"""


def _made(torch, leaf):
    """A distribution of each class, with values to score."""
    d = torch.distributions
    unit = lambda *shape: leaf(*shape, low=0.1, high=0.9)  # noqa: E731
    positive = lambda *shape: leaf(*shape, low=0.3, high=3.0)  # noqa: E731
    double = torch.float64
    half = torch.tensor([0.3, 0.6], dtype=double)
    ahead = torch.tensor([0.7, 2.5], dtype=double)
    either = torch.tensor([-0.4, 1.3], dtype=double)
    counts = torch.tensor([0.0, 3.0], dtype=double)
    covariance = torch.tensor([[2.0, 0.5], [0.5, 1.0]], dtype=double)
    return {
        "Normal": (lambda: d.Normal(leaf(2), positive(2)), either),
        "Laplace": (lambda: d.Laplace(leaf(2), positive(2)), either),
        "Cauchy": (lambda: d.Cauchy(leaf(2), positive(2)), either),
        "Gumbel": (lambda: d.Gumbel(leaf(2), positive(2)), either),
        "Uniform": (lambda: d.Uniform(leaf(2, low=-3.0, high=-1.0), leaf(2, low=2.0, high=3.0)), either),
        "Exponential": (lambda: d.Exponential(positive(2)), ahead),
        "Gamma": (lambda: d.Gamma(positive(2), positive(2)), ahead),
        "Chi2": (lambda: d.Chi2(positive(2)), ahead),
        "StudentT": (lambda: d.StudentT(leaf(2, low=3.0, high=5.0), leaf(2), positive(2)), either),
        "HalfNormal": (lambda: d.HalfNormal(positive(2)), ahead),
        "HalfCauchy": (lambda: d.HalfCauchy(positive(2)), ahead),
        "LogNormal": (lambda: d.LogNormal(leaf(2), positive(2)), ahead),
        "Beta": (lambda: d.Beta(positive(2), positive(2)), half),
        "Dirichlet": (lambda: d.Dirichlet(positive(3, 2)), torch.tensor([0.3, 0.7], dtype=double)),
        "Bernoulli": (lambda: d.Bernoulli(unit(2)), torch.tensor([0.0, 1.0], dtype=double)),
        "Bernoulli of logits": (lambda: d.Bernoulli(logits=leaf(2)), torch.tensor([0.0, 1.0], dtype=double)),
        "Geometric": (lambda: d.Geometric(unit(2)), counts),
        "Binomial": (lambda: d.Binomial(4, unit(2)), counts),
        "NegativeBinomial": (lambda: d.NegativeBinomial(4.0, unit(2)), counts),
        "Poisson": (lambda: d.Poisson(positive(2)), counts),
        "Categorical": (lambda: d.Categorical(unit(2, 3)), torch.tensor([[0, 2], [1, 1]])),
        "Categorical of logits": (lambda: d.Categorical(logits=leaf(2, 3)), torch.tensor([2, 1])),
        "OneHotCategorical": (lambda: d.OneHotCategorical(unit(2, 3)), torch.eye(3, dtype=double)[:2]),
        "OneHotCategoricalStraightThrough": (
            lambda: d.OneHotCategoricalStraightThrough(unit(2, 3)), torch.eye(3, dtype=double)[:2],
        ),
        "Multinomial": (lambda: d.Multinomial(4, unit(2, 3)), torch.tensor([1.0, 0.0, 3.0], dtype=double)),
        "MultivariateNormal": (lambda: d.MultivariateNormal(leaf(3, 2), covariance), either),
        "MultivariateNormal of precisions": (
            lambda: d.MultivariateNormal(leaf(2), precision_matrix=covariance), either,
        ),
        "MultivariateNormal of factors": (
            lambda: d.MultivariateNormal(
                leaf(2), scale_tril=torch.tensor([[1.5, 0.0], [0.5, 0.7]], dtype=double)
            ),
            either,
        ),
        "Independent": (lambda: d.Independent(d.Normal(leaf(3, 2), positive(2)), 1), either),
        "MixtureSameFamily": (
            lambda: d.MixtureSameFamily(d.Categorical(unit(3)), d.Normal(leaf(3), positive(3))), either,
        ),
        "MixtureSameFamily of vectors": (
            lambda: d.MixtureSameFamily(d.Categorical(unit(3)), d.Independent(d.Normal(leaf(3, 2), positive(3, 2)), 1)),
            either,
        ),
        "RelaxedBernoulli": (lambda: d.RelaxedBernoulli(torch.tensor(0.7, dtype=double), unit(2)), half),
        "RelaxedOneHotCategorical": (
            lambda: d.RelaxedOneHotCategorical(torch.tensor(0.7, dtype=double), unit(2, 2)),
            torch.tensor([0.3, 0.7], dtype=double),
        ),
        "TransformedDistribution": (
            lambda: d.TransformedDistribution(
                d.Normal(leaf(2), positive(2)), [d.AffineTransform(1.0, -2.0), d.SigmoidTransform()]
            ),
            half,
        ),
    }  # fmt: skip


def densities(torch, leaf):
    return {name: make().log_prob(value) for name, (make, value) in _made(torch, leaf).items()}


def _asked(question):
    try:
        found = question()
    except NotImplementedError:
        return "not implemented"
    return found


def moments(torch, leaf):
    found = {}
    for name, (make, _) in _made(torch, leaf).items():
        made = make()
        found[name] = [
            _asked(lambda: made.mean),  # noqa: B023
            _asked(lambda: made.variance),  # noqa: B023
            _asked(lambda: made.stddev),  # noqa: B023
            _asked(lambda: made.mode),  # noqa: B023
        ]
    return found


def entropies(torch, leaf):
    found = {name: _asked(make().entropy) for name, (make, _) in _made(torch, leaf).items()}
    for name in ("Beta", "Dirichlet", "StudentT"):  # of whose gradients PyTorch has 8 digits
        found[name] = found[name].detach()
    return found


def cumulated(torch, leaf):
    found = {}
    for name, (make, value) in _made(torch, leaf).items():
        made = make()
        if name in ("Gamma", "Chi2"):  # of which PyTorch has no gradient
            with torch.no_grad():
                found[name] = made.cdf(value)
            continue
        found[name] = _asked(lambda: made.cdf(value))  # noqa: B023
        chance = torch.tensor([0.3, 0.6], dtype=torch.float64)
        found[f"{name} inverted"] = _asked(lambda: made.icdf(chance))  # noqa: B023
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
            made.rsample((2,)).requires_grad if made.has_rsample else None,
        ]  # fmt: skip
    return found


def samples_have_the_moments(torch, leaf):
    found = {}
    for name, (make, _) in _made(torch, leaf).items():
        made = make()
        if "Cauchy" in name or "Relaxed" in name or name == "TransformedDistribution":
            continue
        drawn = made.sample((20000,)).to(torch.float64)
        if name.startswith("Categorical"):
            shares = torch.stack([(drawn == each).to(torch.float64).mean(0) for each in range(3)], -1)
            found[name] = bool(((shares - made.probs).abs() < 0.03).all())
            continue
        error = (drawn.mean(0) - made.mean).abs() / made.stddev
        spread = (drawn.var(0) / made.variance - 1).abs()
        found[name] = bool((error < 0.05).all()), name in ("LogNormal", "StudentT") or bool((spread < 0.35).all())
    return found


def gradients_by_reparametrisation(torch, leaf):
    """Means of gradients of samples: those of means by the parameters."""
    d, found = torch.distributions, {}
    for name, make in {
        "Normal": lambda a, b: d.Normal(a, b),
        "Gamma": lambda a, b: d.Gamma(a, b),
        "Beta": lambda a, b: d.Beta(a, b),
        "Laplace": lambda a, b: d.Laplace(a, b),
        "Uniform": lambda a, b: d.Uniform(a, a + b),
    }.items():
        a = torch.tensor(1.5, dtype=torch.float64, requires_grad=True)
        b = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
        made = make(a, b)
        wanted = torch.autograd.grad(made.mean, (a, b), retain_graph=True, allow_unused=True)
        got = torch.autograd.grad(made.rsample((20000,)).mean(), (a, b))
        found[name] = [bool((g - (0.0 if w is None else w)).abs() < 0.05) for g, w in zip(got, wanted, strict=True)]
    return found


def divergences(torch, leaf):
    d, kl = torch.distributions, torch.distributions.kl_divergence
    positive = lambda *shape: leaf(*shape, low=0.3, high=3.0)  # noqa: E731
    unit = lambda *shape: leaf(*shape, low=0.1, high=0.9)  # noqa: E731
    covariance = torch.tensor([[2.0, 0.5], [0.5, 1.0]], dtype=torch.float64)
    normal = lambda: d.Normal(leaf(3, 2), positive(3, 2))  # noqa: E731
    return [
        kl(normal(), normal()), kl(d.Bernoulli(unit(2)), d.Bernoulli(unit(2))),
        kl(d.Categorical(unit(2, 3)), d.Categorical(unit(2, 3))), kl(d.Beta(positive(2), positive(2)),
        d.Beta(positive(2), positive(2))), kl(d.Dirichlet(positive(3)), d.Dirichlet(positive(3))).detach(),
        kl(d.Exponential(positive(2)), d.Exponential(positive(2))),
        kl(d.Gamma(positive(2), positive(2)), d.Gamma(positive(2), positive(2))),
        kl(d.Geometric(unit(2)), d.Geometric(unit(2))),
        kl(d.Laplace(leaf(2), positive(2)), d.Laplace(leaf(2), positive(2))),
        kl(d.Poisson(positive(2)), d.Poisson(positive(2))),
        kl(d.Uniform(unit(2), unit(2) + 2), d.Uniform(unit(2) - 3, unit(2) + 4)),
        kl(d.Gumbel(leaf(2), positive(2)), d.Gumbel(leaf(2), positive(2))),
        kl(d.Cauchy(leaf(2), positive(2)), d.Cauchy(leaf(2), positive(2))),
        kl(d.HalfNormal(positive(2)), d.HalfNormal(positive(2))),
        kl(d.LogNormal(leaf(2), positive(2)), d.LogNormal(leaf(2), positive(2))),
        kl(d.OneHotCategorical(unit(3)), d.OneHotCategorical(unit(3))),
        kl(d.Binomial(3, unit(2)), d.Binomial(3, unit(2))),
        kl(d.Independent(normal(), 1), d.Independent(normal(), 1)),
        kl(d.MultivariateNormal(leaf(2), covariance), d.MultivariateNormal(leaf(2), covariance * 2)),
        kl(d.Uniform(unit(2), unit(2) + 2), d.Normal(leaf(2), positive(2))),
    ]  # fmt: skip


def transforms(torch, leaf):
    d, found = torch.distributions, {}
    for name, transform in {
        "Exp": d.ExpTransform(), "Sigmoid": d.SigmoidTransform(), "Tanh": d.TanhTransform(),
        "Softplus": d.SoftplusTransform(), "Affine": d.AffineTransform(1.0, -3.0),
        "Affine of events": d.AffineTransform(1.0, 2.0, event_dim=1),
        "Compose": d.ComposeTransform([d.AffineTransform(0.5, 2.0), d.TanhTransform()]),
        "Reshape": d.ReshapeTransform((4,), (2, 2)),
        "Independent": d.IndependentTransform(d.ExpTransform(), 1),
    }.items():  # fmt: skip
        x = leaf(3, 4, low=-1.0, high=1.0)
        y = transform(x)
        found[name] = [
            y, transform.inv(y), transform.log_abs_det_jacobian(x, y), transform.inv.log_abs_det_jacobian(y, x),
            transform.domain.event_dim, transform.codomain.event_dim, transform.bijective,
            tuple(transform.forward_shape((3, 4))), transform.inv.inv is transform,
        ]  # fmt: skip
    x = leaf(2, 3)
    found["Softmax"] = d.SoftmaxTransform()(x)
    found["Power"] = d.PowerTransform(2.0)(x.abs() + 1)
    found["Abs"] = d.AbsTransform()(x)
    return found


def a_cache_of_one(torch, floats):
    transform = torch.distributions.ExpTransform(cache_size=1)
    x = floats(2)
    y = transform(x)
    return transform(x) is y, transform.inv(y) is x


def policy_gradients(torch, leaf):
    logits = leaf(4, 3)
    made = torch.distributions.Categorical(logits=logits)
    actions = torch.tensor([0, 2, 1, 1])
    return -(made.log_prob(actions) * torch.arange(4)).sum() - 0.1 * made.entropy().mean()


def policy_gradients_after_draws(torch, leaf):
    """What a draw computes is kept, and has its history."""
    made = torch.distributions.Categorical(torch.softmax(leaf(4, 3), 1))
    made.sample()
    binary = torch.distributions.Bernoulli(torch.sigmoid(leaf(4)))
    binary.sample()
    actions = torch.tensor([0, 2, 1, 1])
    return -made.log_prob(actions).sum() - binary.log_prob(actions.clamp(max=1).double()).sum()


def gradients_of_odds_of_nothing(torch, leaf_of):
    """As of policies that start with zeros."""
    d, double = torch.distributions, torch.float64
    counts = torch.tensor([1.0, 0.0], dtype=double)
    made = [
        d.Bernoulli(logits=leaf_of([0.0, 0.0])), d.Geometric(logits=leaf_of([0.0, 0.0])),
        d.Binomial(3, logits=leaf_of([0.0, 0.0])), d.NegativeBinomial(3, logits=leaf_of([0.0, 0.0])),
        d.RelaxedBernoulli(torch.tensor(1.0, dtype=double), logits=leaf_of([0.0, 0.0])),
        d.Categorical(logits=leaf_of([0.0, 0.0])), d.ContinuousBernoulli(logits=leaf_of([0.0, 0.0])),
    ]  # fmt: skip
    scored = [each.log_prob(counts * 0.5 + 0.25 if "Relaxed" in type(each).__name__ else counts) for each in made]
    return [*scored, made[0].entropy(), made[1].entropy()]


def formulas_of_ones_own(torch):
    d = torch.distributions

    class Mine(d.Normal):
        pass

    before = d.kl_divergence(Mine(0.0, 1.0), Mine(0.0, 2.0))

    @d.register_kl(Mine, Mine)
    def formula(p, q):
        return torch.zeros(())

    return before, d.kl_divergence(Mine(0.0, 1.0), Mine(0.0, 2.0))
