"""Joining tensors, cutting them into pieces, and repeating them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from diptych.ir import Dim, Value

from ...functions import arrays
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.definitions import operation
from ..graphs.dtypes import INDICES, int32
from ..graphs.scopes import name_scope
from ..graphs.shapes import Dimension, disagreement, runtime_text
from ..graphs.site import Refusal, Site, require_rank
from ..graphs.tensor import Tensor
from .arrays import axis_of, identity


@operation("ConcatV2", "values: N*T, axis: Tidx -> T", defaults={"Tidx": int32}, Tidx=INDICES)
def lower_concat(at: Site, *operands: Value, N: int) -> Value:
    """Tensors one after another along an axis."""
    *values, axis = operands
    place = at.integer(axis)
    least = place + 1 if place >= 0 else -place
    first = values[0]
    bounds = f"[{-first.rank}, {first.rank})"
    message = f"ConcatOp : Expected concatenating dimensions in the range {bounds}, but got {place}"
    require_rank(first.shape, least, message, at_least=True)
    for number, other in enumerate(values[1:], 1):
        kept = [value.shape[:place] + value.shape[place + 1 or value.rank :] for value in (first, other)]
        if kept[0] != kept[1]:
            what = "Ranks of all input tensors" if first.rank != other.rank else "Dimensions of inputs"
            shapes = f"shape[0] = {runtime_text(first.shape)} vs. shape[{number}] = {runtime_text(other.shape)}"
            raise Refusal(disagreement(*kept), f"ConcatOp : {what} should match: {shapes}")
    return arrays.concatenate(at.b, values, place)


@export("concat")
def concat(values: Any, axis: Any, name: str = "concat") -> Tensor:
    """Tensors one after another along `axis`."""
    pieces = list(values) if isinstance(values, list | tuple) else [values]
    if len(pieces) == 1:
        with name_scope(name):
            convert_to_tensor(axis, dtype=int32, name="concat_dim").shape.assert_has_rank(0)
            return identity(pieces[0], name=name)
    return apply("ConcatV2", [pieces, axis], name=name)


def check_equal(values: Sequence[Value], in_run: Callable[[Value, int], str]) -> None:
    """Raises Refusal where shapes differ; in a run it says `in_run` of the first that does, and its number."""
    for number, other in enumerate(values[1:], 1):
        if other.shape != values[0].shape:
            message = disagreement(values[0].shape, other.shape)
            raise Refusal(f"{message}\n\tFrom merging shape {number - 1} with other shapes.", in_run(other, number))


def _unequal(first: Value, other: Value, number: int) -> str:
    shapes = f"values[0].shape = {runtime_text(first.shape)} != values[{number}].shape = {runtime_text(other.shape)}"
    return f"Shapes of all inputs must match: {shapes}"


@operation("Pack", "values: N*T -> T")
def lower_pack(at: Site, *values: Value, N: int, axis: int = 0) -> Value:
    """Tensors of one shape side by side along a new axis."""
    check_equal(values, lambda other, number: _unequal(values[0], other, number))
    place = axis_of(axis, values[0].rank + 1, "the result")
    return arrays.stack(at.b, values, place)


@export("stack")
def stack(values: Any, axis: int = 0, name: str = "stack") -> Tensor:
    """Tensors of one shape side by side along a new axis."""
    if axis == 0:
        try:
            return convert_to_tensor(values, name=name)
        except (TypeError, ValueError):
            pass  # what could not be packed is refused below, in better words
    first = convert_to_tensor(values[0])
    if first._dims is not None and not -len(first._dims) - 1 <= axis <= len(first._dims):
        bound = len(first._dims) + 1
        raise ValueError(f"axis = {axis} not in [{-bound}, {bound})")
    return apply("Pack", [list(values)], name=name, axis=axis)


@operation("Unpack", "value: T -> num*T")
def lower_unpack(at: Site, x: Value, *, num: int, axis: int = 0) -> Sequence[Value]:
    """The slices along an axis."""
    place = axis_of(axis, x.rank)
    if x.shape[place] != num:
        raise Refusal(
            f"Dimension must be {num} but is {x.shape[place]}",
            f"Input shape axis {place} must equal {num}, got shape {runtime_text(x.shape)}",
        )
    return arrays.unstack(at.b, x, place)


@export("unstack")
def unstack(value: Any, num: int | None = None, axis: int = 0, name: str = "unstack") -> list[Tensor]:
    """The slices along `axis`, whose size must be known while the graph is built, or given as `num`."""
    x = convert_to_tensor(value)
    if num is None:
        if x._dims is not None and not -len(x._dims) <= axis < len(x._dims):
            raise ValueError(f"axis = {axis} not in [{-len(x._dims)}, {len(x._dims)})")
        num = None if x._dims is None else x._dims[axis]
        if num is None:
            raise ValueError(f"Cannot infer num from shape {x.shape}")
    return apply("Unpack", [x], name=name, num=num, axis=axis)


@operation("Split", "split_dim: int32, value: T -> num_split*T")
def lower_split(at: Site, split_dim: Value, x: Value, *, num_split: int) -> Sequence[Value]:
    """Equal pieces along an axis."""
    axis = axis_of(at.integer(split_dim), x.rank)
    whole = x.shape[axis]
    if isinstance(whole, int) and whole % num_split:
        raise Refusal(
            f"Dimension size must be evenly divisible by {num_split} but is {whole}",
            "Number of ways to split should evenly divide the split dimension, but got split_dim "
            f"{axis} (size = {whole}) and num_split {num_split}",
        )
    return arrays.split(at.b, x, [whole // num_split] * num_split, axis)


@operation("SplitV", "value: T, size_splits: Tlen, split_dim: int32 -> num_split*T", Tlen=INDICES)
def lower_split_v(at: Site, x: Value, size_splits: Value, split_dim: Value, *, num_split: int) -> Sequence[Value]:
    """Pieces of given sizes along an axis, one of which may be -1: what the others leave."""
    axis = axis_of(at.integer(split_dim), x.rank)
    sizes = at.sizes(size_splits)
    if -1 in sizes:
        rest: Dim = x.shape[axis]
        for size in sizes:
            rest = rest - (0 if size == -1 else size)
        sizes = [rest if size == -1 else size for size in sizes]
    return arrays.split(at.b, x, sizes, axis)


@export("split")
def split(
    value: Any, num_or_size_splits: Any, axis: Any = 0, num: int | None = None, name: str = "split"
) -> list[Tensor]:
    """`value` cut along `axis` into that many equal pieces, or into pieces of those sizes."""
    if isinstance(num_or_size_splits, int | Dimension):
        return apply("Split", [axis, value], name=name, num_split=int(num_or_size_splits))
    sizes = convert_to_tensor(num_or_size_splits)
    if sizes.shape.ndims == 0:
        raise ValueError(
            "Rank-0 tensors are not supported as the num_or_size_splits argument to split. Argument provided: "
            f"{num_or_size_splits}"
        )
    if num is None:
        num = sizes.shape.as_list()[0]
        if num is None:
            raise ValueError(f"Cannot infer num from shape {num_or_size_splits}")
    return apply("SplitV", [value, sizes, axis], name=name, num_split=num)


@operation("Tile", "input: T, multiples: Tmultiples -> T", defaults={"Tmultiples": int32}, Tmultiples=INDICES)
def lower_tile(at: Site, x: Value, multiples: Value) -> Value:
    """x repeated as a whole."""
    repeats = at.vector(multiples)
    if len(repeats) != x.rank:
        raise Refusal(
            f"Dimension must be {x.rank} but is {len(repeats)}",
            f"Expected multiples argument to be a vector of length {x.rank} but got length {len(repeats)}",
        )
    return arrays.tile(at.b, x, repeats)


@export("tile", "manip.tile")
def tile(input: Any, multiples: Any, name: str | None = None) -> Tensor:
    """`input` repeated as a whole, multiples[i] times along axis i."""
    return apply("Tile", [input, multiples], name=name)
