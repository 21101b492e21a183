"""Largest elements, sorted order, and places in sorted sequences."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

from diptych.ir import Value

from ...functions import constants
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.definitions import operation
from ..graphs.dtypes import INDICES, NUMBERS, REALS, DType, as_dtype, int32
from ..graphs.scopes import name_scope
from ..graphs.shapes import runtime_text
from ..graphs.site import Refusal, Site, require_rank
from ..graphs.tensor import Tensor
from .arrays import rank, reshape, shape, transpose
from .joining import concat
from .ranges import range as range_of
from .slicing import slice_tensor

TopKV2 = namedtuple("TopKV2", ["values", "indices"])


@operation("TopKV2", "input: T, k: int32 -> T, int32", T=REALS)
def lower_top_k(at: Site, x: Value, k: Value, *, sorted: bool = True) -> list[Value]:
    """The k largest elements along the last axis in descending order, and their places."""
    require_rank(x.shape, 1, f"input must be >= 1-D, got shape {runtime_text(x.shape)}", at_least=True)
    count = at.integer(k)
    if count < 0:
        raise Refusal(f"Need k >= 0, got {count}")
    if isinstance(x.shape[-1], int) and x.shape[-1] < count:
        raise Refusal(
            f"input must have last dimension >= k = {count} but is {x.shape[-1]}",
            f"input must have at least k columns. Had {x.shape[-1]}, needed {count}",
        )
    return list(at.b.top_k(x, k=count))


@export("nn.top_k", "math.top_k")
def top_k(input: Any, k: Any = 1, sorted: bool = True, name: str | None = None) -> tuple[Tensor, Tensor]:
    """(values, indices): the `k` largest elements along the last axis, the largest first, and their places."""
    return TopKV2(*apply("TopKV2", [input, k], name=name, sorted=sorted))


@operation("InTopKV2", "predictions: float32, targets: T, k: T -> bool", T=INDICES, blocks=True)
def lower_in_top_k(at: Site, predictions: Value, targets: Value, k: Value) -> Value:
    """Whether fewer than k predictions of a row are above that of its target; not where one is not finite."""
    b = at.b
    require_rank(predictions.shape, 2, "predictions must be 2-dimensional")
    require_rank(targets.shape, 1, "targets must be 1-dimensional")
    rows, classes = predictions.shape
    if targets.shape[0] != rows:
        raise Refusal(
            f"Dimensions must be equal, but are {rows} and {targets.shape[0]}",
            f"First dimension of predictions {rows} must match length of targets {targets.shape[0]}",
        )
    size = constants.size_of(b, classes, targets.dtype)
    none = constants.filled_like(b, 0, targets)
    inside = b.bitwise_and(b.ge(targets, none), b.lt(targets, b.broadcast(size, shape=targets.shape, axes=())))
    places = b.select(inside, targets, none)
    row = b.iota(shape=(rows,), axis=0, dtype=targets.dtype)
    score = b.gather(predictions, row, places, axes=(0, 1))
    above = b.gt(predictions, b.broadcast(score, shape=predictions.shape, axes=(0,)))
    count = b.reduce_sum(b.cast(above, dtype=targets.dtype), axes=(1,))
    fits = b.lt(count, b.broadcast(k, shape=(rows,), axes=()))
    finite = b.reduce_and(b.is_finite(predictions), axes=(1,))
    return b.bitwise_and(b.bitwise_and(fits, finite), inside)


@export("nn.in_top_k", "math.in_top_k")
def in_top_k(predictions: Any, targets: Any, k: Any, name: str | None = None) -> Tensor:
    """Whether the score of each target is among the `k` best of its row: bool [batch] of [batch, classes]."""
    with name_scope(name, "in_top_k") as scope:
        return apply("InTopKV2", [predictions, targets, k], name=scope)


# -- sorting ----


def _check_direction(direction: str) -> bool:
    if direction not in ("ASCENDING", "DESCENDING"):
        raise ValueError(f"`direction` should be one of 'ASCENDING' or 'DESCENDING', but is {direction!r}")
    return direction == "DESCENDING"


def _sorted(values: Any, axis: int, descending: bool, part: int) -> Tensor:
    """Part 0 of what TopKV2 gives, the values, or 1, the places, along `axis`."""
    values = convert_to_tensor(values, name="values")
    if not descending:
        found = _sorted(_turned(values), axis, True, part)
        return _turned(found) if part == 0 else found
    count, place = values.shape.ndims, int(axis)
    last = place == -1 or (count is not None and place + 1 == count)
    order = None
    if not last:
        if count is not None:
            if not -count <= place < count:
                raise ValueError(f"axis must be in the range [{-count}, {count}) but is {place}")
            order = list(range(count))
            order[place], order[-1] = order[-1], order[place]
        elif place < -1:
            raise ValueError(f"axis is {place} but must be -1 or at least 0 where the rank is unknown")
        else:
            whole = rank(values)
            head, tail = range_of(place), range_of(place + 1, whole - 1)
            order = concat([head, [whole - 1], tail, [place]], 0)
        values = transpose(values, order)
    length = slice_tensor(shape(values), -1)
    found = top_k(values, length)[part]
    return found if order is None else transpose(found, order)


def _turned(values: Tensor) -> Tensor:
    """Numbers in the opposite order: negated, of unsigned integers their complement."""
    return apply("Invert" if values.dtype.is_unsigned else "Neg", [values])


@export("sort")
def sort(values: Any, axis: int = -1, direction: str = "ASCENDING", name: str | None = None) -> Tensor:
    """The elements in order along `axis`. Raises ValueError."""
    descending = _check_direction(direction)
    with name_scope(name, "sort"):
        return _sorted(values, axis, descending, 0)


@export("argsort")
def argsort(
    values: Any, axis: int = -1, direction: str = "ASCENDING", stable: bool = False, name: str | None = None
) -> Tensor:
    """The places of the elements in order along `axis`; of equal ones the lower place comes first."""
    descending = _check_direction(direction)
    with name_scope(name, "argsort"):
        return _sorted(values, axis, descending, 1)


# -- places in a sorted sequence ----


def _declare_bound(type: str, op: str) -> None:
    @operation(type, "sorted_inputs: T, values: T -> out_type", T=NUMBERS, out_type=INDICES, blocks=True)
    def lower(at: Site, sequence: Value, values: Value, *, out_type: DType = int32) -> Value:
        b = at.b
        shape = (*values.shape, sequence.shape[-1])
        wide = b.broadcast(sequence, shape=shape, axes=(0, 2))
        before = getattr(b, op)(wide, b.broadcast(values, shape=shape, axes=(0, 1)))
        return b.reduce_sum(b.cast(before, dtype=out_type.ir), axes=(2,))


_declare_bound("LowerBound", "lt")
_declare_bound("UpperBound", "le")


@export("searchsorted")
def searchsorted(
    sorted_sequence: Any, values: Any, side: str = "left", out_type: Any = int32, name: str | None = None
) -> Tensor:
    """Where each value would go in the ascending sequence along the last axis: before its equals, or with side
    "right" after them. Raises ValueError."""
    if side not in ("left", "right"):
        raise ValueError(f"side must be either 'right' or 'left'.  Saw: {side}.")
    sequence, values = convert_to_tensor(sorted_sequence), convert_to_tensor(values)
    flat = [reshape(each, [-1, slice_tensor(shape(each), -1)]) for each in (sequence, values)]
    type = "UpperBound" if side == "right" else "LowerBound"
    return reshape(apply(type, flat, name=name, out_type=as_dtype(out_type)), shape(values))
