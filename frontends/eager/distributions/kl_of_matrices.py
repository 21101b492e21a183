"""Divergences between distributions that matrices describe: normal vectors, and Wishart's."""

from __future__ import annotations

from typing import Any

from ..functions.elementary import mvlgamma
from ..functions.solving import solve_triangular
from ..functions.strided import diag_embed, diagonal
from ..tensors.tensor import Tensor
from .distribution import Distribution, shape_of_all
from .kl import register_kl
from .low_rank import LowRankMultivariateNormal
from .multivariate import MultivariateNormal, squared_distance
from .random_matrices import Wishart

# -- of a normal distribution, either way it is described ----


def _log_determinant(p: Any) -> Tensor:
    if isinstance(p, LowRankMultivariateNormal):
        return p.log_determinant()
    return 2 * diagonal(p.scale_tril, dim1=-2, dim2=-1).log().sum(-1)


def _distance(q: Any, difference: Tensor) -> Tensor:
    if isinstance(q, LowRankMultivariateNormal):
        return q.distance(difference)
    return squared_distance(q.scale_tril, difference)


def _factors(p: Any) -> list[Tensor]:
    """Matrices A, B ... with A A^T + B B^T ... the covariances."""
    if isinstance(p, LowRankMultivariateNormal):
        return [p.cov_factor, diag_embed(p.cov_diag.sqrt())]
    return [p.scale_tril]


def _squared_norm(q: Any, factor: Tensor) -> Tensor:
    """tr(covariances of q^-1 A A^T)."""
    if isinstance(q, LowRankMultivariateNormal):
        whole = (factor * q.cov_diag.rsqrt().unsqueeze(-1)).pow(2).sum((-2, -1))
        return whole - (q._whitened() @ factor).pow(2).sum((-2, -1))
    batch = shape_of_all(q.scale_tril.shape[:-2], factor.shape[:-2])
    wide = [each.expand((*batch, *each.shape[-2:])) for each in (q.scale_tril, factor)]
    return solve_triangular(*wide, upper=False).pow(2).sum((-2, -1))


def _normal_vectors(p: Any, q: Any, told: str) -> Tensor:
    if p.event_shape != q.event_shape:
        raise ValueError(f"KL-divergence between two {told}different event shapes cannot be computed")
    trace = sum((_squared_norm(q, each) for each in _factors(p)[1:]), _squared_norm(q, _factors(p)[0]))
    shift = _distance(q, q.loc - p.loc)
    return 0.5 * (_log_determinant(q) - _log_determinant(p) + trace + shift - p.event_shape[0])


_GAP = " " * 26  # which stands in PyTorch's words


def _register(p: type[Distribution], q: type[Distribution], told: str) -> None:
    @register_kl(p, q)
    def _divergence(one: Any, other: Any) -> Tensor:
        return _normal_vectors(one, other, told)


_register(MultivariateNormal, MultivariateNormal, f"Multivariate Normals with{_GAP}")
_register(LowRankMultivariateNormal, LowRankMultivariateNormal, f"Low Rank Multivariate Normals with{_GAP}")
_register(MultivariateNormal, LowRankMultivariateNormal, f"(Low Rank) Multivariate Normals with{_GAP}")
_register(LowRankMultivariateNormal, MultivariateNormal, f"(Low Rank) Multivariate Normals with{_GAP}")


@register_kl(Wishart, Wishart)
def _wishart(p: Any, q: Any) -> Tensor:
    size = p.event_shape[-1]
    determinants = 2 * (q.half_log_determinant() - p.half_log_determinant())
    trace = _squared_norm(q, p.scale_tril)
    return (
        q.df / 2 * determinants + mvlgamma(q.df / 2, size) - mvlgamma(p.df / 2, size)
        + (p.df - q.df) / 2 * p.mean_digamma() + p.df / 2 * (trace - size)
    )  # fmt: skip
