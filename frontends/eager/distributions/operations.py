"""What distributions compute that tensors have no function for."""

from __future__ import annotations

from typing import Any

import numpy as np
from diptych.functions import distributions as drawing
from diptych.functions import incomplete, linear_algebra, random, special
from diptych.functions.constants import filled_like, scalar
from diptych.ir import Builder, DType, Value, dtypes

from ..operation import operation
from ..random import default_generator
from ..recording import call
from ..tape import tape
from ..tensor import Tensor

# -- draws ----


def _drawn(operation: Any, operands: tuple[Tensor, ...], words: int, attributes: tuple[Any, ...]) -> Tensor:
    """Records a draw that uses at most `words` counts of the stream."""
    with tape.lock:
        key, counter, offset = default_generator.take(words)
        return call(operation, (key, counter, *operands), (offset, *attributes))


def _at(b: Builder, counter: Value, offset: int) -> Value:
    return b.add(counter, scalar(b, offset, dtypes.u64)) if offset else counter


def _size(shape: tuple[int, ...]) -> int:
    return int(np.prod(shape, dtype=np.int64)) + 1


@operation
def standard_gamma(b: Builder, key: Value, counter: Value, alpha: Value, offset: int) -> Value:
    drawn, _ = drawing.gamma(b, key, _at(b, counter, offset), alpha.shape, b.stop_gradient(alpha))
    return drawing.with_gamma_gradient(b, drawn, alpha)


def gamma_draws(alpha: Tensor) -> Tensor:
    """Numbers of the gamma distribution with shapes alpha and rate 1, with a gradient by them."""
    return _drawn(standard_gamma, (alpha,), _size(tuple(alpha.shape)) * (2 * drawing.TRIALS + 1) * 4, ())


@operation
def _poisson(b: Builder, key: Value, counter: Value, rate: Value, offset: int) -> Value:
    return b.cast(drawing.poisson(b, key, _at(b, counter, offset), rate.shape, rate)[0], dtype=rate.dtype)


def poisson_draws(rate: Tensor) -> Tensor:
    """Counts of the Poisson distribution with these rates."""
    return _drawn(_poisson, (rate.detach(),), _size(tuple(rate.shape)) * (2 * drawing.TRIALS + 1) * 4, ())


@operation
def _uniform(b: Builder, key: Value, counter: Value, offset: int, shape: tuple[int, ...], target: DType) -> Value:
    return random.uniform(b, key, _at(b, counter, offset), shape, target)[0]


def uniform_draws(shape: tuple[int, ...], like: Tensor) -> Tensor:
    """Numbers in [0, 1)."""
    return _drawn(_uniform, (), _size(shape) * 2, (shape, like.dtype.ir))


@operation
def _classes(b: Builder, key: Value, counter: Value, logits: Value, offset: int, samples: int) -> Value:
    return drawing.categorical(b, key, _at(b, counter, offset), logits, samples, dtypes.i64)[0]


def class_draws(logits: Tensor, samples: int) -> Tensor:
    """Classes [batch, samples], drawn with probabilities softmax(logits [batch, classes])."""
    return _drawn(_classes, (logits.detach(),), _size((logits.shape[0], samples)) * 2, (samples,))


# -- functions ----


@operation
def _picked(b: Builder, x: Value, places: Value) -> Value:
    others = [b.iota(shape=places.shape, axis=axis, dtype=dtypes.i64) for axis in range(places.rank)]
    return b.gather(x, *others, places, axes=range(x.rank))


def picked(x: Tensor, places: Tensor) -> Tensor:
    """x[..., places[...]]: one element along the last axis of x, whose others are those of places."""
    return call(_picked, (x, places))


@operation
def _x_log_y(b: Builder, x: Value, y: Value) -> Value:
    return special.x_log_y(b, x, y)


def x_log_y(x: Tensor, y: Tensor) -> Tensor:
    """x * log(y), 0 where x is 0."""
    from ..functions.shapes import broadcast_tensors

    return call(_x_log_y, tuple(broadcast_tensors(x, y)))


@operation
def _lower_gamma(b: Builder, a: Value, x: Value) -> Value:
    return incomplete.lower_gamma(b, a, x)


def lower_gamma(a: Tensor, x: Tensor) -> Tensor:
    """The regularized lower incomplete gamma function."""
    from ..functions.shapes import broadcast_tensors

    return call(_lower_gamma, tuple(broadcast_tensors(a, x)))


@operation
def _softplus(b: Builder, x: Value) -> Value:
    zero = filled_like(b, 0, x)
    return b.add(b.max(x, zero), b.log1p(b.exp(b.neg(b.abs(x)))))


def softplus(x: Tensor) -> Tensor:
    """log(1 + exp(x))."""
    return call(_softplus, (x,))


# -- matrices ----


@operation
def _cholesky(b: Builder, x: Value) -> Value:
    return b.cholesky(x)


def cholesky(x: Tensor) -> Tensor:
    """The lower-triangular factor of positive definite matrices."""
    return call(_cholesky, (x,))


@operation
def _solved(b: Builder, factor: Value, rhs: Value) -> Value:
    return b.triangular_solve(factor, rhs, lower=True)


def solved(factor: Tensor, rhs: Tensor) -> Tensor:
    """X with factor X = rhs, for lower-triangular factors and equal batch axes."""
    return call(_solved, (factor, rhs))


@operation
def _cholesky_solved(b: Builder, factor: Value, rhs: Value) -> Value:
    return linear_algebra.cholesky_solve(b, factor, rhs)


def inverse_of_factor(factor: Tensor) -> Tensor:
    """The inverse of factor factor^T."""
    return call(_cholesky_solved, (factor, unit_matrices(factor)))


def unit_matrices(like: Tensor) -> Tensor:
    """Unit matrices in the shape of others."""
    from ..creation import eye

    return eye(like.shape[-1], dtype=like.dtype).expand(like.shape)


def diagonal(x: Tensor) -> Tensor:
    """The diagonals of matrices."""
    from ..creation import eye

    return (x * eye(x.shape[-1], dtype=x.dtype)).sum(-1)


def lower_part(x: Tensor) -> Tensor:
    """Matrices without what is above their diagonals."""
    from ..creation import arange

    rows, columns = arange(x.shape[-2]), arange(x.shape[-1])
    return x.masked_fill(rows.unsqueeze(-1) < columns, 0)


def cholesky_succeeds(x: Tensor) -> Tensor:
    """For each matrix whether it is positive definite."""
    from ..data import tensor

    matrices = np.asarray(x.detach().numpy())
    found = np.empty(matrices.shape[:-2], bool)
    for place in np.ndindex(found.shape):
        matrix = matrices[place]
        symmetric = np.tril(matrix) + np.tril(matrix, -1).T
        found[place] = bool(np.isfinite(matrix).all() and (np.linalg.eigvalsh(symmetric) > 0).all())
    return tensor(found)
