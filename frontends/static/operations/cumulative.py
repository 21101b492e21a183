"""Running sums and products along an axis."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from diptych.ir import Value

from ...functions import cumulative
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.definitions import operation
from ..graphs.dtypes import FLOATS, INDICES, NUMBERS, DType, int32
from ..graphs.scopes import name_scope
from ..graphs.site import Refusal, Site
from ..graphs.tensor import Tensor

_Running = Callable[..., Value]


def _place(at: Site, x: Value, axis: Value) -> int:
    place = at.integer(axis)
    if not -x.rank <= place < x.rank:
        raise Refusal(
            f"Dimension {place} must be in the range [{-x.rank}, {x.rank})",
            f"ScanOp: Expected scan axis in the range [{-x.rank}, {x.rank}), but got {place}",
        )
    return place % x.rank


def _declare(type: str, compute: _Running, allowed: tuple[DType, ...]) -> None:
    @operation(type, "x: T, axis: Tidx -> T", defaults={"Tidx": int32}, T=allowed, Tidx=INDICES)
    def lower(at: Site, x: Value, axis: Value, *, exclusive: bool = False, reverse: bool = False) -> Value:
        return compute(at.b, x, _place(at, x, axis), exclusive=exclusive, reverse=reverse)


_declare("Cumsum", cumulative.running_sum, NUMBERS)
_declare("Cumprod", cumulative.running_product, NUMBERS)
_declare("CumulativeLogsumexp", cumulative.running_logsumexp, FLOATS)


@export("cumsum", "math.cumsum")
def cumsum(x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None) -> Tensor:
    """The running sum along `axis`, from the end with `reverse`; with `exclusive` without the element itself."""
    with name_scope(name, "Cumsum", [x]) as scope:
        x = convert_to_tensor(x, name="x")
        return apply("Cumsum", [x, axis], name=scope, exclusive=exclusive, reverse=reverse)


@export("cumprod", "math.cumprod")
def cumprod(x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None) -> Tensor:
    """The running product along `axis`, from the end with `reverse`; with `exclusive` without the element itself."""
    with name_scope(name, "Cumprod", [x]) as scope:
        x = convert_to_tensor(x, name="x")
        return apply("Cumprod", [x, axis], name=scope, exclusive=exclusive, reverse=reverse)


@export("math.cumulative_logsumexp")
def cumulative_logsumexp(
    x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None
) -> Tensor:
    """The logarithm of the running sum of exp(x) along `axis`; the options are those of tf.cumsum."""
    with name_scope(name, "CumulativeLogsumexp", [x]) as scope:
        x = convert_to_tensor(x, name="x")
        return apply("CumulativeLogsumexp", [x, axis], name=scope, exclusive=exclusive, reverse=reverse)
