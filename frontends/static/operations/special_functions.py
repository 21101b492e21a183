"""Functions of analysis: products with 0, Bessel, zeta and gamma functions, quantiles, angles, polynomials."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from diptych.ir import Builder, Value

from ...functions import special
from ...functions.bessel import modified_bessel
from ...functions.broadcasting import broadcast_together
from ...functions.quantiles import normal_quantile
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.definitions import operation
from ..graphs.dtypes import FLOATS, INEXACT, DType, complex64, complex128, float32, float64
from ..graphs.scopes import name_scope
from ..graphs.site import Site
from ..graphs.tensor import Tensor
from .indexed_slices import values_of, with_values
from .ranges import zeros_like
from .reductions import reduced

WIDE = (float32, float64)


def _declare(type: str, compute: Callable[[Builder, Value, Value], Value], api: str) -> None:
    @operation(type, "x: T, y: T -> T", T=INEXACT)
    def lower(at: Site, x: Value, y: Value) -> Value:
        return compute(at.b, *broadcast_together(at.b, x, y))

    @export(f"math.{api}")
    def function(x: Any, y: Any, name: str | None = None) -> Tensor:
        return apply(type, [x, y], name=name or (api if type == "MulNoNan" else None))

    function.__name__ = function.__qualname__ = api
    function.__doc__ = compute.__doc__


_declare("Xlogy", special.x_log_y, "xlogy")
_declare("Xlog1py", special.x_log1p_y, "xlog1py")
_declare("Xdivy", special.x_div_y, "xdivy")
_declare("MulNoNan", special.mul_no_nan, "multiply_no_nan")


def _declare_float(
    type: str,
    compute: Callable[[Builder, Value], Value],
    names: tuple[str, ...],
    allowed: tuple[DType, ...],
    means: str,
) -> None:
    """A function of floats, computed in double precision."""

    @operation(type, "x: T -> T", T=allowed)
    def lower(at: Site, x: Value) -> Value:
        if x.dtype is float64.ir:
            return compute(at.b, x)
        return at.b.cast(compute(at.b, at.b.cast(x, dtype=float64.ir)), dtype=x.dtype)

    api = names[0].rpartition(".")[2]

    @export(*names)
    def function(x: Any, name: str | None = None) -> Tensor:
        with name_scope(name, api, [x]):
            return apply(type, [x])

    function.__name__ = function.__qualname__ = api
    function.__doc__ = means


for _order in (0, 1):
    for _suffix, _what in (("", "The"), ("e", "exp(-|x|) times the")):
        _name = f"bessel_i{_order}{_suffix}"
        _declare_float(
            f"BesselI{_order}{_suffix}", modified_bessel(_order, scaled=bool(_suffix)),
            (f"math.{_name}", f"math.special.{_name}"), FLOATS,
            f"{_what} modified Bessel function of the first kind of order {_order}.",
        )  # fmt: skip
_declare_float("Ndtri", normal_quantile, ("math.ndtri",), WIDE, "The quantiles of the normal distribution.")


@operation("Erfinv", "x: T -> T", T=WIDE)
def lower_erfinv(at: Site, x: Value) -> Value:
    """The inverse of erf."""
    return at.b.erfinv(x)


@export("math.erfinv")
def erfinv(x: Any, name: str | None = None) -> Tensor:
    """The inverse of erf, for x in [-1, 1]."""
    with name_scope(name, "erfinv", [x]):
        return apply("Erfinv", [x])


@export("math.erfcinv")
def erfcinv(x: Any, name: str | None = None) -> Tensor:
    """The inverse of erfc, for x in [0, 2]."""
    with name_scope(name, "erfcinv", [x]):
        x = convert_to_tensor(x, name="start")
        return -apply("Ndtri", [x * 0.5]) * math.sqrt(0.5)


@operation("Zeta", "x: T, q: T -> T", T=WIDE)
def lower_zeta(at: Site, x: Value, q: Value) -> Value:
    """Hurwitz's zeta function, the sum of (q + k)**-x."""
    return special.zeta(at.b, *broadcast_together(at.b, x, q))


@export("zeta", "math.zeta")
def zeta(x: Any, q: Any, name: str | None = None) -> Tensor:
    """Hurwitz's zeta function, the sum over k of (q + k)**-x, for x > 1 and q > 0."""
    return apply("Zeta", [x, q], name=name)


@operation("Polygamma", "a: T, x: T -> T", T=WIDE)
def lower_polygamma(at: Site, a: Value, x: Value) -> Value:
    """The derivative of order a of digamma."""
    return special.polygamma(at.b, *broadcast_together(at.b, a, x))


@export("polygamma", "math.polygamma")
def polygamma(a: Any, x: Any, name: str | None = None) -> Tensor:
    """The derivative of order `a`, a whole number, of digamma at x."""
    return apply("Polygamma", [a, x], name=name)


@export("lbeta", "math.lbeta")
def lbeta(x: Any, name: str | None = None) -> Tensor:
    """The logarithm of the beta function of the vectors along the last axis."""
    with name_scope(name, "lbeta", [x]):
        x = convert_to_tensor(x, name="x")
        parts = reduced("Sum", apply("Lgamma", [x]), [-1], False, None)
        return parts - apply("Lgamma", [reduced("Sum", x, [-1], False, None)])


@operation("NextAfter", "x1: T, x2: T -> T", T=WIDE, blocks=True)
def lower_next_after(at: Site, x: Value, y: Value) -> Value:
    """The next number after x towards y."""
    return special.next_after(at.b, *broadcast_together(at.b, x, y))


@export("math.nextafter")
def nextafter(x1: Any, x2: Any, name: str | None = None) -> Tensor:
    """The next representable number after x1 in the direction of x2."""
    return apply("NextAfter", [x1, x2], name=name)


@export("math.reciprocal_no_nan")
def reciprocal_no_nan(x: Any, name: str | None = None) -> Tensor:
    """1 / x, and 0 where x is 0."""
    with name_scope(name, "reciprocal_no_nan", [x]) as scope:
        x = convert_to_tensor(x, name="x")
        one = convert_to_tensor(1, dtype=x.dtype.base_dtype, name="one")
        return apply("DivNoNan", [one, x], name=scope)


@export("math.polyval")
def polyval(coeffs: Any, x: Any, name: str | None = None) -> Tensor:
    """A polynomial at x, its coefficients in a list, that of the highest power first."""
    with name_scope(name, "polyval", [*coeffs, x]) as scope:
        x = convert_to_tensor(x, name="x")
        if not coeffs:
            return zeros_like(x, name=scope)
        terms = [convert_to_tensor(each, name=f"coeff_{number}") for number, each in enumerate(coeffs)]
        total = terms[0]
        for term in terms[1:]:
            total = term + total * x
        return total


@export("scalar_mul", "math.scalar_mul")
def scalar_mul(scalar: Any, x: Any, name: str | None = None) -> Any:
    """scalar * x, of IndexedSlices in the same rows. Raises ValueError where `scalar` has axes."""
    values = convert_to_tensor(values_of(x))
    factor = convert_to_tensor(scalar, dtype=values.dtype.base_dtype, name="scalar")
    if factor.shape.ndims not in (0, None):
        raise ValueError(f"Only scalar multiply works, got shape {factor.shape}")
    return with_values(x, apply("Mul", [factor, values], name=name))


@operation("Angle", "input: T -> Tout", T=(complex64, complex128))
def lower_angle(at: Site, x: Value, *, Tout: DType) -> Value:
    """The argument of complex numbers."""
    return at.b.atan2(at.b.imag(x), at.b.real(x))


@export("angle", "math.angle")
def angle(input: Any, name: str | None = None) -> Tensor:
    """The argument of complex numbers, in radians; of real ones 0."""
    with name_scope(name, "Angle", [input]) as scope:
        x = convert_to_tensor(input, name="input")
        if x.dtype.is_complex:
            return apply("Angle", [x], name=scope, Tout=x.dtype.base_dtype.real_dtype)
        return zeros_like(x)
