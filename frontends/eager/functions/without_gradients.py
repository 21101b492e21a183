"""Functions of `torch.special` that have no gradients: Bessel's, Airy's, polynomials. They are computed now."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from diptych.ir import Unsupported

from .. import dtypes as dtype_module
from ..tapes.batches import Levels, of_whole, whole
from ..tapes.callers import renamed
from ..tensors.data import tensor as make
from ..tensors.tensor import Tensor
from . import quadrature
from .joining import stack
from .operands import tensors
from .shapes import broadcast_tensors

Array = np.ndarray


def _refuse_gradients(name: str, x: Tensor) -> None:
    if x.requires_grad:
        raise Unsupported(f"special.{name}: the gradient is not there, and not in PyTorch", hint="input.detach()")


def _plain(name: str, x: Tensor) -> tuple[Array, Any, Levels]:
    """x in double precision, the dtype of results, and for which batches."""
    _refuse_gradients(name, x)
    kind = x.dtype if x.dtype.ir.is_differentiable else dtype_module.get_default_dtype()
    if kind not in (dtype_module.float32, dtype_module.float64):
        raise NotImplementedError(f"\"{name}_cpu\" not implemented for '{kind.scalar}'")
    array, levels = whole(x)
    return array.astype(np.float64), kind, levels


def _of_one(name: str, summary: str, compute: Callable[[Array], Array]) -> Any:
    def function(input: Tensor) -> Tensor:
        x, kind, levels = _plain(name, *tensors(name, input=input))
        with np.errstate(all="ignore"):
            found = compute(x.reshape(-1)).reshape(x.shape)
        return of_whole(np.asarray(found).astype(kind.ir.numpy), levels)

    renamed(function, name)
    function.__doc__ = summary
    return function


def _spherical(x: Array) -> Array:
    return np.where(np.isinf(x), 0, np.where(np.abs(x) < 0.5, np.sinc(x / math.pi), np.sin(x) / np.where(x == 0, 1, x)))


airy_ai = _of_one("airy_ai", "Airy's function Ai.", quadrature.airy)
bessel_j0 = _of_one("bessel_j0", "Bessel's J of order 0.", lambda x: quadrature.bessel_j(0, x))
bessel_j1 = _of_one("bessel_j1", "Bessel's J of order 1.", lambda x: quadrature.bessel_j(1, x))
bessel_y0 = _of_one("bessel_y0", "Bessel's Y of order 0.", lambda x: quadrature.bessel_y(0, x))
bessel_y1 = _of_one("bessel_y1", "Bessel's Y of order 1.", lambda x: quadrature.bessel_y(1, x))
modified_bessel_i0 = _of_one("modified_bessel_i0", "The modified I of order 0.", lambda x: quadrature.bessel_i(0, x))
modified_bessel_i1 = _of_one("modified_bessel_i1", "The modified I of order 1.", lambda x: quadrature.bessel_i(1, x))
modified_bessel_k0 = _of_one(
    "modified_bessel_k0", "The modified K of order 0.", lambda x: quadrature.bessel_k(0, x, scaled=False)
)
modified_bessel_k1 = _of_one(
    "modified_bessel_k1", "The modified K of order 1.", lambda x: quadrature.bessel_k(1, x, scaled=False)
)
scaled_modified_bessel_k0 = _of_one(
    "scaled_modified_bessel_k0", "exp(input) times the modified K.", lambda x: quadrature.bessel_k(0, x, scaled=True)
)
scaled_modified_bessel_k1 = _of_one(
    "scaled_modified_bessel_k1", "exp(input) times the modified K.", lambda x: quadrature.bessel_k(1, x, scaled=True)
)
spherical_bessel_j0 = _of_one("spherical_bessel_j0", "sin(input) / input, and 1 at 0.", _spherical)


# -- orthogonal polynomials, by their recurrences: p[k + 1] of p[k], p[k - 1], k and x ----

Step = Callable[[Array, Array, int, Array], Array]


def _chebyshev(p: Array, before: Array, k: int, x: Array) -> Array:
    return 2 * x * p - before


_POLYNOMIALS: dict[str, tuple[Callable[[Array], Array], Step]] = {  # the first one, and the step
    "chebyshev_polynomial_t": (lambda x: x, _chebyshev),
    "chebyshev_polynomial_u": (lambda x: 2 * x, _chebyshev),
    "chebyshev_polynomial_v": (lambda x: 2 * x - 1, _chebyshev),
    "chebyshev_polynomial_w": (lambda x: 2 * x + 1, _chebyshev),
    "hermite_polynomial_h": (lambda x: 2 * x, lambda p, before, k, x: 2 * x * p - 2 * k * before),
    "hermite_polynomial_he": (lambda x: x, lambda p, before, k, x: x * p - k * before),
    "laguerre_polynomial_l": (
        lambda x: 1 - x, lambda p, before, k, x: ((2 * k + 1 - x) * p - k * before) / (k + 1),
    ),
    "legendre_polynomial_p": (lambda x: x, lambda p, before, k, x: ((2 * k + 1) * x * p - k * before) / (k + 1)),
}  # fmt: skip


def _polynomial(name: str) -> Any:
    first, step = _POLYNOMIALS[name.removeprefix("shifted_")]
    is_shifted = name.startswith("shifted_")

    def function(input: Tensor | float, n: Tensor | float) -> Tensor:
        given = [each for each in (input, n) if isinstance(each, Tensor)]
        if not given:
            raise TypeError(
                f"special_{name}(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}"
            )
        for each in given:
            _refuse_gradients(name, each)
        from ..typing_rules import result_type

        kind = result_type(input, n)
        kind = kind if kind.ir.is_differentiable else dtype_module.get_default_dtype()
        both = ((each if isinstance(each, Tensor) else make(float(each))).detach().double() for each in (input, n))
        array, levels = whole(stack(broadcast_tensors(*both), -1))
        x, orders = array[..., 0], np.trunc(array[..., 1])
        x = 2 * x - 1 if is_shifted else x
        return of_whole(_evaluated(x, orders, first, step).astype(kind.ir.numpy), levels)

    renamed(function, name)
    function.__doc__ = f"The {name.replace('_', ' ')} of degree n at input; 0 of degrees below 0."
    return function


def _evaluated(x: Array, orders: Array, first: Callable[[Array], Array], step: Step) -> Array:
    before, current = np.ones(x.shape), np.asarray(first(x), np.float64)
    found = np.where(orders == 0, 1.0, 0.0)
    found = np.where(orders == 1, current, found)
    with np.errstate(all="ignore"):
        for k in range(1, int(orders.max()) if orders.size else 0):
            before, current = current, step(current, before, k, x)
            found = np.where(orders == k + 1, current, found)
    return np.asarray(found)


globals().update({name: _polynomial(name) for name in _POLYNOMIALS})
globals().update({f"shifted_{name}": _polynomial(f"shifted_{name}") for name in list(_POLYNOMIALS)[:4]})
