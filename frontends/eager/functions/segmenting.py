"""Reductions of runs of rows that follow one another."""

from __future__ import annotations

from typing import Any

import numpy as np
from diptych.functions import segments
from diptych.functions.constants import filled_like
from diptych.ir import Builder, Value

from ..tapes.operation import operation
from ..tapes.recording import call
from ..tensors.data import from_array
from ..tensors.tensor import Tensor
from .operands import not_implemented, tensor

_STARTS = {"sum": 0.0, "prod": 1.0, "mean": 0.0, "max": -np.inf, "min": np.inf}


@operation
def _segment_reduce(b: Builder, x: Value, ids: Value, empty: Value, count: int, how: str, start: float | None) -> Value:
    """Rows of x [rows, ...] by the number of their segment, which is `count` of those that belong to none."""
    if not x.dtype.is_float:
        raise not_implemented("_segment_reduce_cpu", x)
    found = segments.reduced(b, x, ids, count, how, empty=_STARTS[how])
    if start is not None:
        other = filled_like(b, start, found)
        if how == "mean":  # of what is there and the start, divided by how many are there
            other = b.div(other, segments.parts(b, ids, count, found))
        found = {"sum": b.add, "mean": b.add, "prod": b.mul, "max": b.max, "min": b.min}[how](found, other)
    instead = np.nan if how == "mean" and start is None else _STARTS[how] if start is None else start
    wide = b.broadcast(empty, shape=found.shape, axes=(0,))
    return b.select(wide, filled_like(b, instead, found), found)


def segment_reduce(
    data: Tensor,
    reduce: str,
    *,
    lengths: Tensor | None = None,
    indices: Tensor | None = None,
    offsets: Tensor | None = None,
    axis: int = 0,
    unsafe: bool = False,
    initial: float | None = None,
) -> Tensor:
    """The sum, prod, mean, max or min of each run of data along `axis`, which is the last one of `lengths`, or of
    `offsets`, with as many numbers before it as data has axes there. Runs without elements are `initial`, or what the
    reduction starts from, nan for a mean. Raises RuntimeError where the lengths do not add up to data's size. The
    lengths are read now."""
    x = tensor("segment_reduce", "data", 1, data)
    if indices is not None:
        raise RuntimeError("segment_reduce(): indices based reduction is not supported yet.")
    if reduce not in _STARTS:
        raise RuntimeError(f"reduce argument must be either sum, prod, mean, amax or amin, got {reduce}")
    given = offsets if lengths is None else lengths
    if given is None:
        raise RuntimeError("segment_reduce(): Either lengths or offsets must be defined.")
    if axis != given.ndim - 1:
        raise RuntimeError(
            f"segment_reduce(): Expected axis to be the last dimension of "
            f"{'offsets' if lengths is None else 'lengths'} but got {axis}."
        )
    if given.dtype.is_floating_point:
        raise NotImplementedError(f"\"_segment_reduce_lengths_cpu_kernel1\" not implemented for '{given.dtype.scalar}'")
    numbers = np.asarray(given.detach()._array())
    runs = np.diff(numbers, axis=-1) if lengths is None else numbers
    _check(runs, x.shape[axis], unsafe)
    return _reduced(x, runs, numbers[..., :1] if lengths is None else np.zeros_like(runs[..., :1]), reduce, initial)


def _check(runs: np.ndarray, size: int, unsafe: bool) -> None:
    if unsafe:
        return
    if (runs < 0).any():
        raise RuntimeError("lengths contains negative value!")
    if (runs.sum(axis=-1) != size).any():
        raise RuntimeError(
            "segment_reduce(): Expected all rows of lengths along axis to sum to data.size(lengths.dim()-1) when "
            "!unsafe."
        )


def _reduced(x: Tensor, runs: np.ndarray, starts: np.ndarray, how: str, initial: Any) -> Tensor:
    """The runs of each row, numbered through all rows."""
    size, each = x.shape[runs.ndim - 1], runs.shape[-1]
    flat, first = runs.reshape(-1, each), starts.reshape(-1)
    ids = np.full((len(flat), size), flat.size)
    for row, (lengths, start) in enumerate(zip(flat, first, strict=True)):
        numbers = np.repeat(np.arange(each) + row * each, lengths)
        ids[row, start : start + len(numbers)] = numbers
    rest = tuple(x.shape[runs.ndim :])
    places, none = from_array(ids.reshape(-1), x.device), from_array(flat.reshape(-1) == 0, x.device)
    found = call(_segment_reduce, (x.reshape((ids.size, *rest)), places, none), (flat.size, how, initial))
    return found.reshape((*runs.shape, *rest))
