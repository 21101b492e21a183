"""tf.math.igamma, igammac and betainc: incomplete gamma and beta functions."""

from __future__ import annotations

from typing import Any

from diptych.ir import Value

from ...functions import incomplete
from ...functions.broadcasting import broadcast_together
from ..exports import export
from ..graphs.apply import apply
from ..graphs.definitions import operation
from ..graphs.dtypes import float32, float64
from ..graphs.site import Site
from ..graphs.tensor import Tensor

WIDE = (float32, float64)


@operation("Igamma", "a: T, x: T -> T", T=WIDE)
def lower_igamma(at: Site, a: Value, x: Value) -> Value:
    """The regularized lower incomplete gamma function."""
    return incomplete.lower_gamma(at.b, *broadcast_together(at.b, a, x))


@export("igamma", "math.igamma")
def igamma(a: Any, x: Any, name: str | None = None) -> Tensor:
    """The part below x of the gamma distribution of shape a; nan where a <= 0 or x < 0."""
    return apply("Igamma", [a, x], name=name)


@operation("Igammac", "a: T, x: T -> T", T=WIDE)
def lower_igammac(at: Site, a: Value, x: Value) -> Value:
    """The regularized upper incomplete gamma function."""
    return incomplete.upper_gamma(at.b, *broadcast_together(at.b, a, x))


@export("igammac", "math.igammac")
def igammac(a: Any, x: Any, name: str | None = None) -> Tensor:
    """The part above x of the gamma distribution of shape a; nan where a <= 0 or x < 0."""
    return apply("Igammac", [a, x], name=name)


@operation("Betainc", "a: T, b: T, x: T -> T", T=WIDE)
def lower_betainc(at: Site, a: Value, b: Value, x: Value) -> Value:
    """The regularized incomplete beta function."""
    return incomplete.incomplete_beta(at.b, *broadcast_together(at.b, a, b, x))


@export("betainc", "math.betainc")
def betainc(a: Any, b: Any, x: Any, name: str | None = None) -> Tensor:
    """The part below x of the beta distribution of a and b. Its gradient is by x alone."""
    return apply("Betainc", [a, b, x], name=name)
