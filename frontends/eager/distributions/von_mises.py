"""The von Mises distribution of angles."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from ..dtypes import bool_, float64
from ..functions.logic import where
from ..functions.reductions import all as all_of
from ..functions.special_functions import i0e, i1e
from ..tapes.mode import no_grad
from ..tensors.creation import zeros
from ..tensors.tensor import Tensor
from . import constraints
from .distribution import Distribution, broadcast_all, lazy_property
from .operations import uniform_draws


class VonMises(Distribution):
    """Angles around `loc` with a density in proportion to exp(concentration * cos(x - loc))."""

    arg_constraints: ClassVar[dict[str, Any]] = {"loc": constraints.real, "concentration": constraints.positive}
    support: Any = constraints.real

    def __init__(self, loc: Any, concentration: Any, validate_args: bool | None = None) -> None:
        self.loc, self.concentration = broadcast_all(loc, concentration)
        super().__init__(self.loc.shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        return self.loc

    @property
    def mode(self) -> Tensor:
        return self.loc

    @lazy_property
    def variance(self) -> Tensor:
        """The circular variance."""
        return 1 - i1e(self.concentration) / i0e(self.concentration)

    def log_prob(self, value: Tensor) -> Tensor:
        self._check(value)
        log_bessel = i0e(self.concentration).log() + self.concentration
        return self.concentration * (value - self.loc).cos() - math.log(2 * math.pi) - log_bessel

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """Drawn from a wrapped Cauchy distribution, and again where refused (Best and Fisher, 1979), in float64."""
        with no_grad():
            shape = tuple(self._extended_shape(sample_shape))
            kappa = self.concentration.to(float64)
            tau = 1 + (1 + 4 * kappa**2).sqrt()
            rho = (tau - (2 * tau).sqrt()) / (2 * kappa)
            r = where(kappa < 1e-5, 1 / kappa + kappa, (1 + rho**2) / (2 * rho))
            x, done = (zeros(*shape, dtype=kind, device=kappa.device) for kind in (float64, bool_))
            while not bool(all_of(done)):
                first, second, side = uniform_draws((3, *shape), kappa).unbind()
                z = (math.pi * first).cos()
                f = (1 + r * z) / (r + z)
                c = kappa * (r - f)
                accepted = (c * (2 - c) - second > 0) | ((c / second).log() + 1 - c >= 0)
                x = where(accepted & ~done, (side - 0.5).sign() * f.acos(), x)
                done = done | accepted
            return ((x + math.pi + self.loc.to(float64)) % (2 * math.pi) - math.pi).to(self.loc.dtype)
