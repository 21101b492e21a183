"""Tensors with updates written at indices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from diptych.ir import Value

from ...functions import arithmetic, constants
from ..exports import export
from ..graphs.apply import apply
from ..graphs.definitions import operation
from ..graphs.dtypes import INDICES, NUMBERS, REALS, bool_, int32
from ..graphs.shapes import Dims, compatible, disagreement, runtime_text
from ..graphs.site import Refusal, Site, require_rank
from ..graphs.tensor import Tensor
from .gathering import index_parts
from .ranges import shape_in

Combine = Literal["set", "add", "mul", "min", "max"]


def scattered(at: Site, x: Value, indices: Value, updates: Value, how: str) -> Value:
    """x with updates [..., rest] combined with what the index vectors along the last axis of `indices` pick: `how` is
    an op's way to combine, or sub or div."""
    require_rank(indices.shape, 1, at_least=True)
    b, parts = at.b, index_parts(at, indices)
    if len(parts) > x.rank:
        raise Refusal(f"Inner dimension {len(parts)} of indices is larger than the rank {x.rank} of the output")
    if updates.shape != (*indices.shape[:-1], *x.shape[len(parts) :]):
        raise Refusal(
            "Outer dimensions of indices and update must match. Indices shape: "
            f"{runtime_text(indices.shape)}, updates shape:{runtime_text(updates.shape)}"
        )
    if not parts:
        whole = b.reshape(x, shape=(1, *x.shape))
        none = constants.filled(b, 0, indices.shape[:-1], int32.ir)
        return b.reshape(_combined(at, whole, updates, [none], how), shape=x.shape)
    return _combined(at, x, updates, parts, how)


def check_updates(x: Dims | None, indices: Dims | None, updates: Dims | None) -> None:
    """Raises Refusal where updates [..., rest] are not compatible with what index vectors in `indices` pick of x."""
    if x is None or updates is None or not indices or indices[-1] is None:
        return
    outer, count, theirs = len(indices) - 1, indices[-1], runtime_text(updates)
    if count > len(x):
        raise Refusal(f"Inner dimension {count} of indices is larger than the rank {len(x)} of the output")
    if not compatible(indices[:-1], updates[:outer]):
        raise Refusal(
            f"The outer {outer} dimensions of indices.shape={runtime_text(indices)} must match the outer {outer} "
            f"dimensions of updates.shape={theirs}: {disagreement(indices[:-1], updates[:outer])}"
        )
    inner, rest = x[count:], updates[outer:]
    if not compatible(inner, rest):
        raise Refusal(
            f"The inner {len(inner)} dimensions of output.shape={runtime_text(x)} must match the inner {len(rest)} "
            f"dimensions of updates.shape={theirs}: {disagreement(inner, rest)}"
        )


def _combined(at: Site, x: Value, updates: Value, parts: list[Value], how: str) -> Value:
    b = at.b
    combine: Combine = "add" if how == "sub" else "mul" if how == "div" else how
    if how == "sub":
        updates = b.neg(updates)
    if how == "div":
        updates = arithmetic.reciprocal(b, updates)
    return b.scatter(x, updates, *parts, axes=range(len(parts)), combine=combine)


def _scattered_shape(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
    found = shape_in(inputs[2])
    check_updates(found, inputs[0]._dims, inputs[1]._dims)
    return [found]


@operation(
    "ScatterNd", "indices: Tindices, updates: T, shape: Tindices -> T", defaults={"Tindices": int32},
    T=(*NUMBERS, bool_), Tindices=INDICES, shape=_scattered_shape,
)  # fmt: skip
def lower_scatter_nd(at: Site, indices: Value, updates: Value, shape: Value) -> Value:
    """Zeros of a shape, to which updates are added."""
    zeros = constants.filled(at.b, 0, at.shape(shape), updates.dtype)
    return scattered(at, zeros, indices, updates, "add")


@export("scatter_nd", "manip.scatter_nd")
def scatter_nd(indices: Any, updates: Any, shape: Any, name: str | None = None) -> Tensor:
    """Zeros of `shape`, with `updates` added at the index vectors along the last axis of `indices`."""
    return apply("ScatterNd", [indices, updates, shape], name=name)


def _updated_shape(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
    check_updates(*(tensor._dims for tensor in inputs))
    return [inputs[0]._dims]


def _declare(how: str, names: tuple[str, ...], means: str) -> None:
    type = "TensorScatterUpdate" if how == "set" else f"TensorScatter{how.capitalize()}"
    allowed = {"T": REALS if how in ("min", "max") else NUMBERS} if how != "set" else {}

    @operation(
        type, "tensor: T, indices: Tindices, updates: T -> T", defaults={"Tindices": int32}, Tindices=INDICES,
        shape=_updated_shape, **allowed,
    )  # fmt: skip
    def lower(at: Site, x: Value, indices: Value, updates: Value) -> Value:
        return scattered(at, x, indices, updates, how)

    @export(*names)
    def function(tensor: Any, indices: Any, updates: Any, name: str | None = None) -> Tensor:
        return apply(type, [tensor, indices, updates], name=name)

    function.__name__ = function.__qualname__ = names[0]
    function.__doc__ = f"`tensor` with `updates` {means} the index vectors along the last axis of `indices`."


_declare("set", ("tensor_scatter_update", "tensor_scatter_nd_update"), "put at")
_declare("add", ("tensor_scatter_add", "tensor_scatter_nd_add"), "added at")
_declare("sub", ("tensor_scatter_sub", "tensor_scatter_nd_sub"), "subtracted at")
_declare("max", ("tensor_scatter_nd_max",), "combined by maximum with what stands at")
_declare("min", ("tensor_scatter_nd_min",), "combined by minimum with what stands at")
