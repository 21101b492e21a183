"""Other sizes for axes: elements picked, or mixed by a small matrix of weights.

A mixed axis is one product with a constant matrix, which is the fastest way both forward and back while the axis has up
to some hundred elements. A nan or an infinity spreads over all that its row and column give, as 0 * inf is nan.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from diptych.ir import Builder, Constant, Value, dtypes, product
from diptych.passes.expressions import repeated

from .constants import filled_like, scalar
from .pooling import taken

# -- elements picked ----


def picked(b: Builder, x: Value, places: np.ndarray, axis: int) -> Value:
    """x's elements at `places` along `axis`; without a gather where each is repeated as often, or every so-many-th is
    taken."""
    size, count = int(x.shape[axis]), len(places)
    if count == size and (places == np.arange(size)).all():
        return x
    times = count // size
    if times * size == count and (places == np.arange(size).repeat(times)).all():
        return repeated(b, x, times, axis)
    step = int(places[1] - places[0]) if count > 1 else 1
    if step > 0 and (places == places[0] + step * np.arange(count)).all():
        whole = [0] * x.rank, list(x.shape), [1] * x.rank
        whole[0][axis], whole[1][axis], whole[2][axis] = int(places[0]), int(places[-1]) + 1, step
        return b.slice(x, start=whole[0], limit=whole[1], stride=whole[2])
    return taken(b, x, places, axis)


# -- elements mixed ----


def matrix_of(places: np.ndarray, weights: np.ndarray, size: int) -> np.ndarray:
    """[count, size] from `places` and `weights`, both [count, taps]: what is at a place twice adds up."""
    found = np.zeros((len(places), size), weights.dtype)
    np.add.at(found, (np.arange(len(places))[:, None], places), weights)
    return found


def mixed(b: Builder, x: Value, matrix: np.ndarray, axis: int) -> Value:
    """The product of x along `axis` with a constant matrix [new size, size]."""
    before, after = x.shape[:axis], x.shape[axis + 1 :]
    if not after:
        weights = b.constant(value=Constant(matrix, x.dtype))
        return b.matmul(x, weights, lhs_contract=(axis,), rhs_contract=(1,))
    stack, count = product(before), product(after)
    flat = b.reshape(x, shape=(stack, matrix.shape[1], count))
    weights = b.constant(value=Constant(matrix, x.dtype))
    many = b.broadcast(weights, shape=(stack, *matrix.shape), axes=(1, 2))
    found = b.matmul(many, flat, lhs_contract=(2,), rhs_contract=(1,), lhs_batch=(0,), rhs_batch=(0,))
    return b.reshape(found, shape=(*before, matrix.shape[0], *after))


def resampled(b: Builder, x: Value, matrices: Sequence[np.ndarray], axes: Sequence[int]) -> Value:
    """x mixed along each of `axes`, those first that leave the least; f16 and bf16 in f32."""
    if x.dtype in (dtypes.f16, dtypes.bf16):
        return b.cast(resampled(b, b.cast(x, dtype=dtypes.f32), matrices, axes), dtype=x.dtype)
    steps = sorted(zip(matrices, axes, strict=True), key=lambda step: step[0].shape[0] / step[0].shape[1])
    for matrix, axis in steps:
        if not _changes_nothing(matrix):
            x = mixed(b, x, matrix, axis)
    return x


def _changes_nothing(matrix: np.ndarray) -> bool:
    return matrix.shape[0] == matrix.shape[1] and bool((matrix == np.eye(len(matrix))).all())


def resampled_bytes(b: Builder, x: Value, matrices: Sequence[np.ndarray], axes: Sequence[int]) -> Value:
    """u8 mixed along each of `axes`, last first, in whole numbers: weights of 16 bits, rounded after each axis, as
    Pillow does it."""
    for matrix, axis in reversed(list(zip(matrices, axes, strict=True))):
        if _changes_nothing(matrix):
            continue
        bits = _precision(matrix)
        whole = np.trunc(matrix * 2**bits + np.where(matrix < 0, -0.5, 0.5))
        # f64 holds these sums exactly
        total = mixed(b, b.cast(x, dtype=dtypes.f64), whole, axis)
        half = b.mul(total, filled_like(b, 2.0**-bits, total))
        near = b.floor(b.add(half, filled_like(b, 0.5, total)))
        x = b.cast(b.clamp(scalar(b, 0, dtypes.f64), near, scalar(b, 255, dtypes.f64)), dtype=dtypes.u8)
    return x


def _precision(matrix: np.ndarray) -> int:
    """How many bits behind the point a weight of 16 bits has."""
    largest = float(matrix.max())
    return next((bits for bits in range(22) if int(0.5 + largest * 2 ** (bits + 1)) >= 2**15), 22)


# -- weights ----


def linear_matrix(source: np.ndarray, size: int) -> np.ndarray:
    """[count, size]: the two neighbours of each place in `source`, which lies at 0 or above, in proportion."""
    low = np.minimum(source.astype(np.int64), size - 1)
    share = np.clip(source - low.astype(source.dtype), 0, 1)
    places = np.stack([low, np.minimum(low + 1, size - 1)], 1)
    return matrix_of(places, np.stack([1 - share, share], 1), size)


def cubic_matrix(source: np.ndarray, size: int, a: float) -> np.ndarray:
    """[count, size]: the four neighbours of each place in `source` by Keys's kernel of parameter a; the ends go on."""
    low = np.minimum(np.floor(source).astype(np.int64), size - 1)
    share = np.clip(source - low.astype(source.dtype), 0, 1)
    reach = np.arange(-1, 3)
    distance = share[:, None] - reach.astype(source.dtype)
    return matrix_of(np.clip(low[:, None] + reach, 0, size - 1), cubic(distance, a), size)


def filtered_matrix(scale: np.ndarray, count: int, size: int, kernel: str) -> np.ndarray:
    """[count, size]: a kernel as wide as a new element, if that is wider than an old one, about each new element's
    middle; what lies outside is left out. `scale` is how many old elements a new one is, a scalar that says in which
    type to compute."""
    kind = scale.dtype.type
    reach = {"linear": 1, "cubic": 2, "lanczos": 3}[kernel]
    support = kind(reach) * scale if scale >= 1 else kind(reach)
    inverse = kind(1) / scale if scale >= 1 else kind(1)
    found = np.zeros((count, size), scale.dtype)
    for row in range(count):
        middle = scale * kind(row + 0.5)
        first = max(int(middle - support + kind(0.5)), 0)
        last = min(int(middle + support + kind(0.5)), size)
        distance = ((np.arange(first, last).astype(scale.dtype) - middle) + kind(0.5)) * inverse
        weights = _KERNELS[kernel](distance)
        total = weights.sum()
        found[row, first:last] = weights / total if total else weights
    return found


def triangle(x: np.ndarray) -> np.ndarray:
    """1 - |x|, 0 beyond 1."""
    return np.maximum(1 - np.abs(x), 0)


def cubic(x: np.ndarray, a: float) -> np.ndarray:
    """The cubic convolution of Keys, 1981: of its parameter -0.5 and -0.75 are usual."""
    x = np.abs(x)
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    far = ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
    return np.where(x <= 1, near, np.where(x < 2, far, 0)).astype(x.dtype)


def lanczos(x: np.ndarray) -> np.ndarray:
    """sinc(x) * sinc(x / 3), 0 beyond 3."""
    return np.where(np.abs(x) < 3, np.sinc(x) * np.sinc(x / 3), 0).astype(x.dtype)


_KERNELS = {"linear": triangle, "cubic": lambda x: cubic(x, -0.5), "lanczos": lanczos}
