"""Gradients kept within bounds."""

from __future__ import annotations

import types
import warnings
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

import numpy as np
from diptych.functions import arrays
from diptych.functions.broadcasting import broadcast_to
from diptych.functions.constants import filled_like
from diptych.ir import Builder, Value

from ...functions.distances import p_norm
from ...promotion import promoted
from ...tapes.mode import no_grad
from ...tapes.operation import not_run, operation
from ...tapes.recording import call
from ...tensors import views
from ...tensors.data import tensor as new_tensor
from ...tensors.tensor import Tensor

Tensors = Tensor | Iterable[Tensor]

# -- operations: what is written as equations ----


@operation
def _total_norm(b: Builder, *rest: Any) -> Value:
    """The norm of the norms of all."""
    *values, p = rest
    norms = [p_norm(b, _flat_sizes(b, value), p, 0) for value in values]
    return p_norm(b, arrays.stack(b, promoted(b, *norms, default=None)), p, 0)


def _flat_sizes(b: Builder, x: Value) -> Value:
    count = int(np.prod(x.type.static_shape()))
    flat = b.reshape(x, shape=(count,))
    return b.abs(flat) if x.dtype.is_complex else flat


@operation
def _scaled(b: Builder, total: Value, *rest: Any) -> tuple[Value, ...]:
    """The values times largest / (total + 1e-6), where that is below 1."""
    *values, largest = rest
    factor = b.div(filled_like(b, largest, total), b.add(total, filled_like(b, 1e-6, total)))
    one = filled_like(b, 1, factor)
    factor = b.select(b.gt(factor, one), one, factor)  # what is no number stays so
    return tuple(b.mul(value, broadcast_to(b, b.cast(factor, dtype=value.dtype), value.shape)) for value in values)


@operation
def _bounded(b: Builder, *rest: Any) -> tuple[Value, ...]:
    *values, bound = rest
    return tuple(b.min(b.max(value, filled_like(b, -bound, value)), filled_like(b, bound, value)) for value in values)


def _of_sparse(operands: tuple[Any, ...], attributes: tuple[Any, ...]) -> NoReturn:
    raise not_run("linalg_vector_norm")


_total_norm.on_sparse = _of_sparse


# -- functions: what users call ----


def _listed(tensors: Tensors) -> list[Tensor]:
    return [tensors] if isinstance(tensors, Tensor) else list(tensors)


def _gradients(parameters: Sequence[Tensor]) -> list[Tensor]:
    return [each.grad for each in parameters if each.grad is not None]


def get_total_norm(
    tensors: Tensors, norm_type: float = 2.0, error_if_nonfinite: bool = False, foreach: bool | None = None
) -> Tensor:
    """The norm of all tensors, as if they were one vector. Raises RuntimeError where it is not finite and may not be
    so."""
    with no_grad():
        given = _listed(tensors)
        p = float(norm_type)
        if not given:
            return new_tensor(0.0)
        total = call(_total_norm, tuple(given), (p,))
        if error_if_nonfinite and not np.isfinite(np.asarray(total._array())):
            raise RuntimeError(
                f"The total norm of order {p} for gradients from `parameters` is non-finite, so it cannot be clipped. "
                "To disable this error and scale the gradients by the non-finite norm anyway, set "
                "`error_if_nonfinite=False`"
            )
        return total


def clip_grads_with_norm_(
    parameters: Tensors, max_norm: float, total_norm: Tensor, foreach: bool | None = None
) -> None:
    """Scales gradients in place by max_norm / (total_norm + 1e-6), where that is below 1."""
    with no_grad():
        gradients = _gradients(_listed(parameters))
        if gradients:
            found = call(_scaled, (total_norm, *gradients), (float(max_norm),))
            for gradient, scaled in zip(gradients, found, strict=True):
                views.write(gradient, scaled)


def clip_grad_norm_(
    parameters: Tensors,
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """Scales gradients in place so that the norm of all is at most `max_norm`; returns what it was. Raises RuntimeError
    where it is not finite and may not be so."""
    given = _listed(parameters)
    if not given and isinstance(parameters, types.GeneratorType):
        warnings.warn("`parameters` is an empty generator, no gradient clipping will occur.", stacklevel=2)
    total = get_total_norm(_gradients(given), norm_type, error_if_nonfinite, foreach)
    clip_grads_with_norm_(given, max_norm, total, foreach)
    return total


def clip_grad_norm(
    parameters: Tensors,
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """`clip_grad_norm_` under its older name, which warns."""
    warnings.warn(
        "`torch.nn.utils.clip_grad_norm` is now deprecated in favor of `torch.nn.utils.clip_grad_norm_`.",
        FutureWarning,
        stacklevel=2,
    )
    return clip_grad_norm_(parameters, max_norm, norm_type, error_if_nonfinite, foreach)


def clip_grad_value_(parameters: Tensors, clip_value: float, foreach: bool | None = None) -> None:
    """Brings the elements of gradients between -clip_value and clip_value, in place."""
    gradients = _gradients(_listed(parameters))
    if not gradients:
        return
    with no_grad():
        for gradient, bounded in zip(gradients, call(_bounded, tuple(gradients), (float(clip_value),)), strict=True):
            views.write(gradient, bounded)
