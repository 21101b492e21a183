"""Norms of whole tensors, and tensors scaled down to a norm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import constant, convert_to_tensor
from ..graphs.dtypes import float32
from ..graphs.scopes import name_scope
from ..graphs.tensor import Tensor
from .arrays import either, identity, size
from .casting import cast
from .indexed_slices import values_of, with_values
from .joining import stack
from .neural import l2_loss
from .ranges import ones_like
from .reductions import reduced
from .selection import where


def _listed(t_list: Any) -> list[Any]:
    if not isinstance(t_list, Sequence) or isinstance(t_list, str | bytes):
        raise TypeError("t_list should be a sequence")
    return list(t_list)


def _tensors(values: Sequence[Any]) -> list[Tensor | None]:
    """What the norms are of: of IndexedSlices the values, as if no row came twice."""
    return [
        None if t is None else convert_to_tensor(values_of(t), name=f"t_{number}") for number, t in enumerate(values)
    ]


@export("global_norm", "linalg.global_norm")
def global_norm(t_list: Any, name: str | None = None) -> Tensor:
    """The square root of the sum of all squares of a list of tensors, among which None counts for nothing."""
    values = _listed(t_list)
    with name_scope(name, "global_norm", [values_of(t) for t in values]):
        halves = [l2_loss(t) for t in _tensors(values) if t is not None]
        total = reduced("Sum", stack(halves), None, False, None)
        return apply("Sqrt", [total * constant(2.0, dtype=total.dtype)], name="global_norm")


@export("clip_by_global_norm")
def clip_by_global_norm(
    t_list: Any, clip_norm: Any, use_norm: Any = None, name: str | None = None
) -> tuple[list[Any], Tensor]:
    """The tensors, IndexedSlices and None among them as such, all scaled by one factor so that their global norm is at
    most `clip_norm`; and that norm.

    All are nan where the norm is not finite. `use_norm` is the norm where it is known already.
    """
    values = _listed(t_list)
    norm = global_norm(values, name) if use_norm is None else use_norm
    with name_scope(name, "clip_by_global_norm", [*map(values_of, values), clip_norm]) as scope:
        norm = convert_to_tensor(norm)
        one = constant(1.0, dtype=norm.dtype)
        scale = clip_norm * apply("Minimum", [1.0 / norm, one / clip_norm])
        nan = constant(float("nan"), dtype=norm.dtype)
        scale = where(apply("IsFinite", [norm]), scale, nan)
        clipped = [
            None if tensor is None else with_values(t, identity(tensor * scale, name=f"{scope}_{number}"))
            for number, (t, tensor) in enumerate(zip(values, _tensors(values), strict=True))
        ]
    return clipped, norm


@export("clip_by_norm")
def clip_by_norm(t: Any, clip_norm: Any, axes: Any = None, name: str | None = None) -> Any:
    """`t` scaled so that its norm over `axes`, by default over all, is at most `clip_norm`; IndexedSlices stay such."""
    with name_scope(name, "clip_by_norm", [values_of(t), clip_norm]) as scope:
        values = convert_to_tensor(values_of(t), name="t")
        squares = reduced("Sum", values * values, axes, True, None)
        positive = squares > 0
        # the square root of 0 has no finite gradient: 1 stands in for it
        safe = where(positive, squares, ones_like(squares))
        norm = where(positive, apply("Sqrt", [safe]), squares)
        scaled = values * clip_norm
        scaled.shape.assert_is_compatible_with(values.shape)
        return with_values(t, identity(scaled / apply("Maximum", [norm, clip_norm]), name=scope))


@export("clip_by_average_norm")
def clip_by_average_norm(t: Any, clip_norm: Any, name: str | None = None) -> Tensor:
    """`t` scaled so that its norm divided by its number of elements is at most `clip_norm`."""
    with name_scope(name, "clip_by_average_norm", [t, clip_norm]) as scope:
        t = convert_to_tensor(t, name="t")
        count = cast(size(t), float32)
        inverse = apply("Rsqrt", [reduced("Sum", t * t, None, False, None)])
        factor = apply("Minimum", [inverse * count, constant(1.0) / clip_norm])
        return identity(t * clip_norm * factor, name=scope)


@export("math.l2_normalize", "linalg.l2_normalize", "nn.l2_normalize")
def l2_normalize(x: Any, axis: Any = None, epsilon: float = 1e-12, name: str | None = None, dim: Any = None) -> Tensor:
    """x / sqrt(max(sum(x**2), epsilon)), summed over `axis`."""
    axis = either("axis", axis, "dim", dim)
    with name_scope(name, "l2_normalize", [x]) as scope:
        x = convert_to_tensor(x, name="x")
        squares = reduced("Sum", apply("Square", [x]), axis, True, None)
        return apply("Mul", [x, apply("Rsqrt", [apply("Maximum", [squares, epsilon])])], name=scope)
