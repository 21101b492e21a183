"""Running products, extremes and sums along an axis; differences and integrals of what is sampled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diptych.functions import cumulative, sorting
from diptych.functions.constants import filled_like
from diptych.ir import Builder, Op, Value, dtypes, ops

from .. import dtypes as dtype_module
from ..calling.autocasting import full_precision_on_cuda
from ..dtypes import dtype
from ..promotion import summable
from ..tapes.operation import Operation, operation
from ..tapes.recording import call
from ..tensors.tensor import Tensor
from .arithmetic import add, div, mul, sub
from .axes import counted, reduced_one
from .indexing import narrow
from .joining import cat
from .logic import logical_xor
from .named_results import named
from .operands import not_implemented, tensors
from .pointwise import cast
from .reductions import cumsum, narrowed, refuse_bools, sum

cummax_result = named("cummax", "values indices")
cummin_result = named("cummin", "values indices")

# -- operations: what is written as equations ----


@operation
def _cumprod(b: Builder, x: Value, axes: tuple[int, ...]) -> Value:
    x = summable(b, x)
    return b.cumulative_prod(x, axis=axes[0]) if axes else b.identity(x)


def _extreme(name: str, op: Op) -> Operation:
    def write(b: Builder, x: Value, axis: int) -> tuple[Value, Value]:
        """The values are picked by their places: of equal elements the last, and the last nan from the first on."""
        if x.dtype.is_complex:
            raise not_implemented(f"{name}_cpu", x)
        if not x.rank:
            places = filled_like(b, 0, b.cast(x, dtype=dtypes.i64))
            return b.identity(x), places
        plain = b.cast(x, dtype=dtypes.u8) if x.dtype.is_bool else b.stop_gradient(x) if x.dtype.is_float else x
        extremes = b.emit(op, (plain,), {"axis": axis, "reverse": False})[0]
        counts = b.iota(shape=x.shape, axis=axis, dtype=dtypes.i64)
        is_new = b.bitwise_or(b.eq(plain, extremes), b.ne(plain, plain))
        places = b.cumulative_max(b.select(is_new, counts, filled_like(b, 0, counts)), axis=axis)
        return sorting.taken(b, x, places, axis), places

    write.__name__ = name
    return operation(write)


_cummax, _cummin = _extreme("cummax", ops.cumulative_max), _extreme("cummin", ops.cumulative_min)


@operation
def _logcumsumexp(b: Builder, x: Value, axes: tuple[int, ...]) -> Value:
    if not x.dtype.is_float:
        raise not_implemented("logcumsumexp_out_cpu", x)
    if not axes or not x.type.static_shape()[axes[0]]:
        return b.identity(x)
    return cumulative.running_logsumexp(b, x, axes[0])


# -- functions: what users call ----


@full_precision_on_cuda
def cumprod(input: Tensor, dim: int, *, dtype: dtype | None = None) -> Tensor:
    """Running product along `dim`; integers and bools as int64."""
    (x,) = tensors("cumprod", input=input)
    target = dtype_module.chosen("cumprod", dtype)
    x = x if target is None else cast(x, target)
    refuse_bools("cumprod", x, dtype)
    return narrowed(call(_cumprod, (x,), (reduced_one("cumprod", dim, x.ndim),)), x, dtype)


def cummax(input: Tensor, dim: int) -> Any:
    """(values, indices) of the largest element so far along `dim`, the last of equal ones."""
    (x,) = tensors("cummax", input=input)
    return cummax_result(*call(_cummax, (x,), (counted(dim, x.ndim),)))


def cummin(input: Tensor, dim: int) -> Any:
    """(values, indices) of the smallest element so far along `dim`, the last of equal ones."""
    (x,) = tensors("cummin", input=input)
    return cummin_result(*call(_cummin, (x,), (counted(dim, x.ndim),)))


def logcumsumexp(input: Tensor, dim: int) -> Tensor:
    """The logarithm of the running sum of exp(input) along `dim`, without overflow."""
    (x,) = tensors("logcumsumexp", input=input)
    return call(_logcumsumexp, (x,), (reduced_one("logcumsumexp", dim, x.ndim),))


def diff(
    input: Tensor, n: int = 1, dim: int = -1, prepend: Tensor | None = None, append: Tensor | None = None
) -> Tensor:
    """The n-th differences of neighbours along `dim`, with other elements before and behind."""
    (x,) = tensors("diff", input=input)
    if not x.ndim:
        raise RuntimeError("diff expects input to be at least one-dimensional")
    axis = counted(dim, x.ndim)
    if n < 0:
        raise RuntimeError(f"order must be non-negative but got {n}")
    for each in (prepend, append):
        if each is not None and each.ndim != x.ndim:
            raise RuntimeError("diff expects prepend or append to be the same dimension as input")
        if each is not None and any(
            size != wanted
            for place, (size, wanted) in enumerate(zip(each.shape, x.shape, strict=True))
            if place != axis
        ):
            raise RuntimeError(
                "diff expects the shape of tensor to prepend or append to match that of input except along the "
                "differencing dimension; input.size(0) = "
                f"{x.shape[0]}, but got tensor.size(0) = {each.shape[0]}"
            )
    parts = [each for each in (prepend, x, append) if each is not None]
    found = cat(parts, axis) if len(parts) > 1 else x
    if not n:
        return found.clone()
    for _ in range(min(n, found.shape[axis])):
        count = max(found.shape[axis] - 1, 0)
        after, before = narrow(found, axis, min(1, found.shape[axis]), count), narrow(found, axis, 0, count)
        found = logical_xor(after, before) if found.dtype.ir.is_bool else sub(after, before)
    return found


def gradient(input: Tensor, *, spacing: Any = None, dim: Any = None, edge_order: int = 1) -> tuple[Tensor, ...]:
    """The derivative along each axis of `dim`, or all, by central differences inside and one-sided ones of `edge_order`
    at the edges; `spacing` is a distance, one for each axis, or the coordinates of each."""
    (x,) = tensors("gradient", input=input)
    dims = list(range(x.ndim)) if dim is None else [dim] if isinstance(dim, int) else list(dim)
    steps = _spacings(x, 1 if spacing is None else spacing, dims)
    if edge_order not in (1, 2):
        raise RuntimeError("torch.gradient only supports edge_order=1 and edge_order=2.")
    found: list[Tensor] = []
    axes = [counted(each, x.ndim) for each in dims]
    if len(set(axes)) != len(axes):
        raise RuntimeError(
            f"dim {next(a for a in axes if axes.count(a) > 1)} appears multiple times in the list of dims"
        )
    whole = x if x.dtype.ir.is_differentiable else cast(x, dtype_module.get_default_dtype())
    for axis, step in zip(axes, steps, strict=True):
        if x.shape[axis] < edge_order + 1:
            raise RuntimeError("torch.gradient expected each dimension size to be at least edge_order+1")
        found.append(_along_axis(whole, axis, step, edge_order))
    return tuple(found)


def _spacings(x: Tensor, spacing: Any, dims: Sequence[int]) -> list[Any]:
    if isinstance(spacing, (int, float, complex)) or (isinstance(spacing, Tensor) and not spacing.ndim):
        return [spacing] * len(dims)
    given = list(spacing)
    if len(given) != len(dims):
        raise RuntimeError(
            "torch.gradient expected spacing to be unspecified, a scalar, or a list of length equal to 'self.dim() = "
            f"{len(dims)}', since dim argument was not given, but got a list of length {len(given)}"
        )
    return given


def _along_axis(x: Tensor, axis: int, step: Any, edge_order: int) -> Tensor:
    size = x.shape[axis]

    def part(start: int, length: int) -> Tensor:
        return narrow(x, axis, start, length)

    if isinstance(step, Tensor) and step.ndim:
        shape = [-1 if other == axis else 1 for other in range(x.ndim)]
        gaps = diff(step).reshape(shape)
        before, after = narrow(gaps, axis, 0, size - 2), narrow(gaps, axis, 1, size - 2)
        both = add(before, after)
        inner = add(
            add(mul(part(0, size - 2), div(-after, mul(before, both))),
                mul(part(1, size - 2), div(sub(after, before), mul(before, after)))),
            mul(part(2, size - 2), div(before, mul(after, both))),
        )  # fmt: skip
        first, second = narrow(gaps, axis, 0, 1), narrow(gaps, axis, size - 2, 1)
        low = div(sub(part(1, 1), part(0, 1)), first)
        high = div(sub(part(size - 1, 1), part(size - 2, 1)), second)
        if edge_order == 2:
            low = _second_order([part(0, 1), part(1, 1), part(2, 1)], first, narrow(gaps, axis, 1, 1), 1)
            high = _second_order(
                [part(size - 1, 1), part(size - 2, 1), part(size - 3, 1)], second, narrow(gaps, axis, size - 3, 1), -1
            )
        return cat([low, inner, high], axis)
    inner = div(sub(part(2, size - 2), part(0, size - 2)), step * 2)
    if edge_order == 1:
        low = div(sub(part(1, 1), part(0, 1)), step)
        high = div(sub(part(size - 1, 1), part(size - 2, 1)), step)
    else:
        low = div(sub(sub(mul(part(1, 1), 2), mul(part(0, 1), 1.5)), mul(part(2, 1), 0.5)), step)
        high = div(add(sub(mul(part(size - 1, 1), 1.5), mul(part(size - 2, 1), 2)), mul(part(size - 3, 1), 0.5)), step)
    return cat([low, inner, high], axis)


def _second_order(points: Sequence[Tensor], near: Tensor, far: Tensor, sign: int) -> Tensor:
    """The derivative at the first of three points, whose gaps are `near` and `far`, counted outwards."""
    both = add(near, far)
    first = mul(points[0], div(-add(mul(near, 2), far), mul(near, both)))
    second = mul(points[1], div(both, mul(near, far)))
    third = mul(points[2], div(-near, mul(far, both)))
    return mul(add(add(first, second), third), sign)


def trapezoid(y: Tensor, x: Tensor | None = None, *, dx: float | None = None, dim: int = -1) -> Tensor:
    """The integral along `dim` of what is sampled at x, or at a distance of dx."""
    return _halves(_pieces("trapezoid", y, x, dx, dim), dim, sum)


def trapz(y: Tensor, x: Tensor | None = None, *, dx: float | None = None, dim: int = -1) -> Tensor:
    """As `trapezoid`."""
    return trapezoid(y, x, dx=dx, dim=dim)


def cumulative_trapezoid(y: Tensor, x: Tensor | None = None, *, dx: float | None = None, dim: int = -1) -> Tensor:
    """The integral up to each sample but the first."""
    return _halves(_pieces("cumulative_trapezoid", y, x, dx, dim), dim, cumsum)


def _pieces(name: str, y: Tensor, x: Tensor | None, dx: Any, dim: int) -> Tensor:
    (values,) = tensors(name, y=y)
    axis = counted(dim, values.ndim)
    size = values.shape[axis]
    if not size:
        shape = [each for place, each in enumerate(values.shape)]
        return values.new_zeros(shape) if hasattr(values, "new_zeros") else values
    both = add(narrow(values, axis, 0, size - 1), narrow(values, axis, 1, size - 1))
    if x is None:
        return mul(both, 1 if dx is None else dx)
    if x.ndim == 1 and values.ndim > 1:
        if x.shape[0] != size:
            raise RuntimeError(f"{name}(): There must be one `x` value for each sample point")
        gaps = diff(x).reshape([-1 if other == axis else 1 for other in range(values.ndim)])
    else:
        gaps = diff(x, dim=dim)
    return mul(both, gaps)


def _halves(pieces: Tensor, dim: int, total: Any) -> Tensor:
    return div(total(pieces, dim), 2)
