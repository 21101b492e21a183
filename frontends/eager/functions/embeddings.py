"""Rows of a table by number: embeddings, bags of them, and one-hot vectors."""

from __future__ import annotations

import math

import numpy as np
from diptych.functions import arithmetic, arrays, reductions, segments
from diptych.functions.constants import filled, filled_like
from diptych.ir import Builder, Value, dtypes

from ..tapes.batches import check_single
from ..tapes.mode import mode, no_grad
from ..tapes.operation import operation
from ..tapes.recording import call
from ..tapes.stand_ins import stand_in
from ..tensors import views
from ..tensors.tensor import Tensor
from .losses import known
from .operands import tensor, tensors

# -- operations: what is written as equations ----


@operation
def _embedding(b: Builder, weight: Value, places: Value, padding: int, by_frequency: bool) -> Value:
    """Rows of `weight`; that of `padding` gets no gradient, others one divided by how often they are taken where
    `by_frequency`."""
    places = _wide(b, places)
    rows = b.gather(weight, places, axes=(0,))
    if by_frequency:
        counts = segments.parts(
            b, b.reshape(places, shape=(math.prod(places.type.static_shape()),)), weight.shape[0], weight
        )
        share = arithmetic.reciprocal(b, b.gather(counts, places, axes=(0,)))
        rows = b.graft(rows, b.mul(rows, b.broadcast(share, shape=rows.shape, axes=tuple(range(places.rank)))))
    if padding < 0:
        return rows
    is_padding = b.eq(places, filled_like(b, padding, places))
    return b.select(_over_rows(b, is_padding, rows), b.stop_gradient(rows), rows)


def _wide(b: Builder, places: Value) -> Value:
    return places if places.dtype is dtypes.i64 else b.cast(places, dtype=dtypes.i64)


def _over_rows(b: Builder, x: Value, rows: Value) -> Value:
    """x, a number a row, for each element."""
    return b.broadcast(x, shape=rows.shape, axes=tuple(range(x.rank)))


@operation
def _renormalized(b: Builder, weight: Value, places: Value, largest: float, order: float) -> Value:
    """`weight`, whose rows in `places` have a norm of at most `largest`."""
    sizes = b.abs(weight)
    if order == 2:
        norms = b.sqrt(reductions.sum(b, arithmetic.square(b, sizes), 1))
    elif order == float("inf"):
        norms = reductions.max(b, sizes, 1)
    else:
        powers = reductions.sum(b, b.pow(sizes, filled_like(b, order, sizes)), 1)
        norms = b.pow(powers, filled_like(b, 1 / order, powers))
    flat = b.reshape(_wide(b, places), shape=(math.prod(places.type.static_shape()),))
    taken = segments.parts(b, flat, weight.shape[0], norms)
    limit, zero, one = (filled_like(b, number, norms) for number in (largest, 0, 1))
    is_scaled = b.bitwise_and(b.gt(norms, limit), b.gt(taken, zero))
    scale = b.select(is_scaled, b.div(limit, b.add(norms, filled_like(b, 1e-7, norms))), one)
    return b.mul(weight, b.broadcast(scale, shape=weight.shape, axes=(0,)))


@operation
def _bags(b: Builder, weight: Value, places: Value, *rest: object) -> Value:
    """`rest`: as `_bags_of_rows` has it, with whether gradients are divided by frequency at last."""
    *given, padding, ends, by_frequency = rest
    rows = _embedding.function(b, weight, places, padding, by_frequency)
    return _bags_of_rows.function(b, rows, places, *given, padding, ends)


@operation
def _bags_of_rows(b: Builder, rows: Value, places: Value, *rest: object) -> Value:
    """`rest`: the offsets [bags] where places are flat, a weight for each place where there are some, then attributes:
    whether each of the two is there, the mode, the padding, and whether the last offset is an end."""
    *given, has_offsets, has_weights, mode, padding, ends = rest
    places = _wide(b, places)
    counted = b.ne(places, filled_like(b, padding, places))
    one, zero = filled_like(b, 1, rows), filled_like(b, 0, rows)
    if has_weights:
        rows = b.mul(rows, _over_rows(b, given[-1], rows))
    is_counted = _over_rows(b, counted, rows)
    if mode == "max":
        rows = b.select(is_counted, rows, filled_like(b, -np.inf, rows)) if padding >= 0 else rows
    elif padding >= 0:
        rows = b.select(is_counted, rows, zero)
    counts = b.select(is_counted, one, zero)
    if not has_offsets:
        if not places.shape[1]:
            return filled(b, 0, (places.shape[0], rows.shape[-1]), rows.dtype)
        found = (reductions.max if mode == "max" else reductions.sum)(b, rows, 1)
        number = reductions.sum(b, counts, 1)
    else:
        ids, count = _bag_numbers(b, given[0], places, ends)
        found = segments.reduced(b, rows, ids, count, "max" if mode == "max" else "sum")
        number = segments.reduced(b, counts, ids, count, "sum")
    none = b.eq(number, filled_like(b, 0, number))
    if mode == "mean":
        found = b.div(found, b.select(none, filled_like(b, 1, number), number))
    return b.select(none, filled_like(b, 0, found), found)


def _bag_numbers(b: Builder, offsets: Value, places: Value, ends: bool) -> tuple[Value, int]:
    """The number of each place's bag, and how many bags there are: bag i starts at offset i."""
    offsets = _wide(b, offsets)
    size, bags = int(places.shape[0]), int(offsets.shape[0])
    ones = filled(b, 1, offsets.shape, dtypes.i64)
    starts = b.scatter(filled(b, 0, (size + 1,), dtypes.i64), ones, offsets, axes=(0,), combine="add")
    numbers = b.cumulative_sum(starts, axis=0)
    numbers = b.slice(numbers, start=(0,), limit=(size,), stride=(1,))
    return b.sub(numbers, filled_like(b, 1, numbers)), bags - 1 if ends else bags


@operation
def _shown_rows(b: Builder, rows: Value) -> Value:
    return b.identity(rows)


_shown_rows.name, _bags_of_rows.name = "_embedding", "_embedding_bag"


@operation
def _one_hot(b: Builder, places: Value, classes: int) -> Value:
    on, off = (filled(b, number, (), dtypes.i64) for number in (1, 0))
    return arrays.one_hot(b, places, classes, on, off)


# -- functions: what users call ----


def embedding(
    input: Tensor,
    weight: Tensor,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:
    """weight[input] [..., width] for weight [rows, width]. The row `padding_idx` gets no gradient; with `max_norm` rows
    that are taken and longer are shortened first, in place; with `scale_grad_by_freq` the gradient of a row is divided
    by how often it is taken; with `sparse` it is a sparse tensor of the rows that were taken, where weight is a leaf.
    Raises IndexError for rows that are not there, where their numbers are known already."""
    padding = _padding(padding_idx, weight)
    if max_norm is not None:
        _shorten(weight, input, max_norm, norm_type)
    places, table = _checked("embedding", input, weight)
    _check_rows(places, table)
    if sparse and collects_rows(table):
        return call(_shown_rows, (rows_of(table, places, padding, bool(scale_grad_by_freq)),))
    return call(_embedding, (table, places), (padding, bool(scale_grad_by_freq)))


def _padding(padding_idx: int | None, weight: Tensor) -> int:
    """The row of padding, -1 for none. Raises AssertionError for one that is not there."""
    if padding_idx is None:
        return -1
    rows = weight.shape[0]
    if not -rows <= padding_idx < rows:
        raise AssertionError("Padding_idx must be within num_embeddings")
    return padding_idx % rows


def _checked(name: str, input: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
    table = tensor(name, "weight", 1, weight)
    places = tensor(name, "indices", 2, input)
    if table.ndim != 2:
        raise RuntimeError("'weight' must be 2-D")
    if places.dtype.ir not in (dtypes.i64, dtypes.i32):
        raise RuntimeError(
            "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got "
            f"{places.dtype.legacy_name} instead (while checking arguments for {name})"
        )
    return places, table


def collects_rows(table: Tensor) -> bool:
    """Whether gradients of rows of a table are collected by it: where it is a leaf."""
    return mode.enabled and table._meta is not None and table._meta.requires_grad


def rows_of(table: Tensor, places: Tensor, padding: int, by_frequency: bool) -> Tensor:
    """Rows of a leaf, standing in for it: their gradient is sparse. That of the row `padding` is left out."""
    rows = call(_embedding, (table.detach(), places), (-1, False))

    def form(owner: Tensor, gradient: Tensor) -> Tensor:
        from ..sparse.making import of_rows

        if by_frequency:
            raise RuntimeError("embedding_backward: scale_grad_by_freq not supported with sparse gradients")
        return of_rows(places, gradient, tuple(owner.shape), padding)

    return stand_in(rows._storage, lambda: table, form)


def _check_rows(places: Tensor, weight: Tensor) -> None:
    values = known(places)
    if values is not None and values.size:
        largest = int(values.view(f"u{values.itemsize}").max())  # read as unsigned, negative ones are the largest
        if largest >= weight.shape[0]:
            raise IndexError("index out of range in self")


def _shorten(weight: Tensor, places: Tensor, max_norm: float, norm_type: float) -> None:
    with no_grad():
        views.write(weight, call(_renormalized, (weight, places), (float(max_norm), float(norm_type))))


def embedding_bag(
    input: Tensor,
    weight: Tensor,
    offsets: Tensor | None = None,
    max_norm: float | None = None,
    norm_type: float = 2,
    scale_grad_by_freq: bool = False,
    mode: str = "mean",
    sparse: bool = False,
    per_sample_weights: Tensor | None = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Tensor:
    """The sum, mean or maximum (`mode`) of rows of `weight` in each bag: input [bags, size], or flat input [places] and
    `offsets` [bags], the place where each bag starts, with the end of all at last where `include_last_offset`. Rows
    equal to `padding_idx` do not count; an empty bag is 0. Raises ValueError, RuntimeError and NotImplementedError for
    what does not fit."""
    if per_sample_weights is not None and input.shape != per_sample_weights.shape:
        raise ValueError(
            f"embedding_bag: If per_sample_weights ({per_sample_weights.shape}) is not None, then it must have the "
            f"same shape as the input ({input.shape})"
        )
    _check_bag_shapes(input, offsets)
    if mode not in ("sum", "mean", "max"):
        raise ValueError("mode has to be one of sum, mean or max")
    if mode == "max" and scale_grad_by_freq:
        raise ValueError("max mode does not support scaling the gradient by the frequency")
    if mode == "max" and sparse:
        raise ValueError("max mode does not support sparse weights")
    if max_norm is not None:
        _shorten(weight, input, max_norm, norm_type)
    if per_sample_weights is not None and mode != "sum":
        raise NotImplementedError(
            "embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for mode='sum' (got "
            f"mode='{mode}'). Please open a feature request on GitHub."
        )
    places, table = _checked("embedding_bag", input, weight)
    _check_bags(places, table, offsets)
    given = tuple(each for each in (offsets, per_sample_weights) if each is not None)
    padding = _padding(padding_idx, table)
    attributes = (offsets is not None, per_sample_weights is not None, mode, padding, bool(include_last_offset))
    if sparse and collects_rows(table):
        rows = rows_of(table, places, padding, bool(scale_grad_by_freq))
        return call(_bags_of_rows, (rows, places, *given), attributes)
    return call(_bags, (table, places, *given), (*attributes, bool(scale_grad_by_freq)))


def _check_bag_shapes(input: Tensor, offsets: Tensor | None) -> None:
    if input.ndim == 2:
        if offsets is not None:
            raise ValueError(
                "if input is 2D, then offsets has to be None, as input is treated is a mini-batch of fixed length "
                f"sequences. However, found offsets of type <class 'torch.{type(offsets).__name__}'>"
            )
    elif input.ndim == 1:
        if offsets is None:
            raise ValueError("offsets has to be a 1D Tensor but got None")
        if offsets.ndim != 1:
            raise ValueError("offsets has to be a 1D Tensor")
    else:
        raise ValueError(f"input has to be 1D or 2D Tensor, but got Tensor of dimension {input.ndim}")


def _check_bags(places: Tensor, weight: Tensor, offsets: Tensor | None) -> None:
    starts = None if offsets is None else known(offsets)
    if starts is not None and starts.size:
        if starts[0] != 0:
            raise RuntimeError(
                "offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from position 0. "
                f"However, got {starts[0]}\n[ torch.LongTensor{{}} ]"
            )
        if starts[-1] > places.shape[0]:
            raise RuntimeError(
                f"offsets[-1] can not be greater than input's length {places.shape[0]} but got offsets[-1] of "
                f"{starts[-1]}"
            )
    values = known(places)
    if values is not None:
        wrong = np.flatnonzero((values < 0) | (values >= weight.shape[0]))
        if wrong.size:
            raise RuntimeError(
                f"Index {wrong[0]} of input takes value {values.flat[wrong[0]]} which is not in the valid range [0, "
                f"{weight.shape[0]})"
            )


def one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    """1 in the place that each number names and 0 elsewhere, int64 [..., classes]; without `num_classes` as many as the
    largest number needs, which is read now. Raises RuntimeError for numbers that are no classes, where known."""
    (places,) = tensors("one_hot", self=tensor)
    if places.dtype.ir is not dtypes.i64:
        raise RuntimeError("one_hot is only applicable to index tensor of type LongTensor.")
    if not places.numel():
        if num_classes <= 0:
            raise RuntimeError("Can not infer total number of classes from empty tensor.")
        return call(_one_hot, (places,), (num_classes,))
    if num_classes == -1:
        check_single(
            places,
            "When vmap-ing torch.nn.functional.one_hot, please provide an explicit positive num_classes argument.",
        )
    values = np.asarray(places._array()) if num_classes == -1 else known(places)
    if values is not None and values.min() < 0:
        raise RuntimeError("Class values must be non-negative.")
    if values is not None and num_classes == -1:
        num_classes = int(values.max()) + 1
    if num_classes < 1 or (values is not None and values.max() >= num_classes):
        raise RuntimeError("Class values must be smaller than num_classes.")
    return call(_one_hot, (places,), (num_classes,))
