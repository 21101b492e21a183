"""Summaries of many numbers: how many fall into each bucket."""

from __future__ import annotations

import sys
from functools import cache
from typing import Any

import numpy as np

from .summary import HistogramProto


@cache
def default_buckets() -> tuple[float, ...]:
    """TensorFlow's limits: powers of 1.1 from 1e-12 to 1e20, their negatives, and 0."""
    limits: list[float] = []
    limit = 1e-12
    while limit < 1e20:
        limits.append(limit)
        limit *= 1.1
    return (*(-limit for limit in reversed(limits)), 0.0, *limits)


@cache
def _limits() -> np.ndarray:
    return np.array([-sys.float_info.max, *default_buckets(), sys.float_info.max])


def tensorflow_histogram(values: np.ndarray) -> HistogramProto:
    """As TensorFlow's own summary operation counts: its limits with the largest floats at both ends, and each run of
    empty buckets as one."""
    most = sys.float_info.max
    limits = _limits()
    flat = np.asarray(values, np.float64).reshape(-1)
    places = np.searchsorted(limits, flat, side="right").clip(max=len(limits) - 1)
    counts = np.bincount(places, minlength=len(limits))
    kept = (counts > 0) | np.append(counts[1:] > 0, True)
    with np.errstate(over="ignore"):
        total, squares = flat.sum(), flat.dot(flat)
    return HistogramProto(
        min=flat.min() if flat.size else most,
        max=flat.max() if flat.size else -most,
        num=flat.size,
        sum=total,
        sum_squares=squares,
        bucket_limit=limits[kept],
        bucket=counts[kept],
    )


def histogram(values: np.ndarray, bins: Any, max_bins: int | None = None) -> HistogramProto:
    """Values [...] counted into bins, which are limits, a number, or the name of one of numpy's rules; neighbours are
    joined where there are more than `max_bins`. Empty bins outside are left out, but for one on the left, since limits
    are those on the right. Raises ValueError where nothing was counted."""
    if values.size == 0:
        raise ValueError("The input has no element.")
    flat = values.reshape(-1)
    counts, limits = np.histogram(flat, bins=bins)
    if max_bins is not None and len(counts) > max_bins:
        counts, limits = _joined(counts, limits, len(counts) // max_bins)
    filled = np.flatnonzero(counts > 0)
    if not filled.size and len(counts) > 1:
        raise ValueError("The histogram is empty, please file a bug report.")
    first, last = (int(filled[0]), int(filled[-1]) + 1) if filled.size else (1, 1)
    counts = np.concatenate([[0], counts[first:last]])
    return HistogramProto(
        min=flat.min(),
        max=flat.max(),
        num=flat.size,
        sum=flat.sum(),
        sum_squares=flat.dot(flat),
        bucket_limit=limits[first : last + 1],
        bucket=counts,
    )


def _joined(counts: np.ndarray, limits: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Each `width` neighbouring bins as one, the last of which may be narrower."""
    missing = -len(counts) % width
    joined = np.pad(counts, (0, missing)).reshape(-1, width).sum(axis=-1)
    return joined, np.append(limits[:-1:width], limits[-1])
