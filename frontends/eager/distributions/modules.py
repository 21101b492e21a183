"""The modules that PyTorch's classes stand in, one each, from which programs import them too."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

_CLASSES = {
    "bernoulli": "Bernoulli", "beta": "Beta", "binomial": "Binomial", "categorical": "Categorical", "cauchy": "Cauchy",
    "chi2": "Chi2", "dirichlet": "Dirichlet", "exp_family": "ExponentialFamily", "exponential": "Exponential",
    "fishersnedecor": "FisherSnedecor", "generalized_pareto": "GeneralizedPareto", "geometric": "Geometric",
    "gumbel": "Gumbel", "half_cauchy": "HalfCauchy", "half_normal": "HalfNormal", "independent": "Independent",
    "inverse_gamma": "InverseGamma", "kumaraswamy": "Kumaraswamy", "laplace": "Laplace", "lkj_cholesky": "LKJCholesky",
    "log_normal": "LogNormal", "logistic_normal": "LogisticNormal",
    "lowrank_multivariate_normal": "LowRankMultivariateNormal", "mixture_same_family": "MixtureSameFamily",
    "multinomial": "Multinomial", "multivariate_normal": "MultivariateNormal", "negative_binomial": "NegativeBinomial",
    "normal": "Normal", "one_hot_categorical": "OneHotCategorical OneHotCategoricalStraightThrough",
    "poisson": "Poisson", "relaxed_bernoulli": "RelaxedBernoulli LogitRelaxedBernoulli",
    "relaxed_categorical": "RelaxedOneHotCategorical ExpRelaxedCategorical", "studentT": "StudentT",
    "transformed_distribution": "TransformedDistribution", "uniform": "Uniform", "weibull": "Weibull",
    "wishart": "Wishart",
}  # fmt: skip


def modules(package: str, classes: dict[str, Any]) -> dict[str, ModuleType]:
    """The modules by name, which can be imported from the package from now on."""
    found: dict[str, ModuleType] = {}
    for name, kinds in _CLASSES.items():
        made = ModuleType(f"{package}.{name}", f"`torch.distributions.{name}`.")
        vars(made).update({kind: classes[kind] for kind in kinds.split()}, __all__=kinds.split())
        sys.modules[made.__name__] = found[name] = made
    return found
