"""Views of the same bits as numbers of another dtype."""

from __future__ import annotations

from typing import Any

import numpy as np
from diptych.functions.constants import filled
from diptych.ir import Builder, Constant, DType, Value, dtypes

from ..dtypes import dtype, float16, float32, float64
from ..tapes.operation import operation
from ..tensors import views
from ..tensors.layout import Layout, layout_of
from ..tensors.reading import Reading
from ..tensors.tensor import Tensor
from .complexes import view_as_complex, view_as_real

_PARTS = {"complex32": float16, "complex64": float32, "complex128": float64}  # of which each number is two
_WORDS = {8: dtypes.u8, 16: dtypes.u16, 32: dtypes.u32, 64: dtypes.u64}


def _width(target: DType) -> int:
    return 8 if target.is_bool else target.bits


def _word(b: Builder, x: Value) -> Value:
    """The bits of x as unsigned integers."""
    return b.cast(x, dtype=dtypes.u8) if x.dtype.is_bool else b.bitcast(x, dtype=_WORDS[x.dtype.bits])


def _number(b: Builder, word: Value, target: DType) -> Value:
    return b.cast(word, dtype=target) if target.is_bool else b.bitcast(word, dtype=target)


def _shifts(b: Builder, shape: tuple[int, ...], word: DType, width: int) -> Value:
    """How far each part of a word, least first, lies from its end, in the last axis of `shape`."""
    line = b.constant(value=Constant(np.arange(shape[-1]).astype(word.numpy) * word.numpy.type(width)))
    return b.broadcast(line, shape=shape, axes=(len(shape) - 1,))


def _read(b: Builder, x: Value, target: DType, width: int) -> Value:
    """x, of numbers `width` bits wide, read as `target`."""
    word, wanted = _word(b, x), _WORDS[_width(target)]
    if wanted.bits < width:
        parts = (*x.shape, width // wanted.bits)
        spread = b.broadcast(word, shape=parts, axes=tuple(range(x.rank)))
        part = b.shift_right(spread, _shifts(b, parts, word.dtype, wanted.bits))
        part = b.cast(b.bitwise_and(part, filled(b, 2**wanted.bits - 1, parts, word.dtype)), dtype=wanted)
        word = b.reshape(part, shape=(*x.shape[:-1], x.shape[-1] * parts[-1]))
    elif wanted.bits > width:
        count = wanted.bits // width
        parts = (*x.shape[:-1], x.shape[-1] // count, count)
        wide = b.cast(b.reshape(word, shape=parts), dtype=wanted)
        word = b.reduce_sum(b.shift_left(wide, _shifts(b, parts, wanted, width)), axes=(x.rank,))
    return _number(b, word, target)


def _moves(layout: Layout, target: DType, width: int) -> Layout:
    wanted = _width(target)
    if wanted == width:
        return layout
    sizes, strides = ((*of[:-1], of[-1] * width // wanted) for of in (layout.sizes, layout.strides))
    strides = (*(each * width // wanted for each in strides[:-1]), 1)
    return Layout(sizes, strides, layout.offset * width // wanted)


_view = Reading(_read, _moves, lambda array, target, width: array.view(target.numpy))


@operation
def _write(b: Builder, base: Value, part: Value, target: DType, width: int) -> Value:
    return _read(b, part, base.dtype, _width(target))


def view_as_dtype(x: Tensor, wanted: dtype) -> Tensor:
    """A view of x's bits as numbers of another dtype, which has no gradient; where that is narrower or wider, the last
    axis has more or fewer of them. Raises RuntimeError where x's elements do not lie so that there is one."""
    base = x.detach()
    if x.dtype is wanted:
        return base.view(x.shape)
    _check(x, wanted)
    if x.dtype.is_complex:
        pairs = view_as_real(base)
        return view_as_dtype(pairs.view((*x.shape[:-1], 2 * x.shape[-1])), wanted)
    if wanted.is_complex:
        parts = view_as_dtype(base, _PARTS[wanted.name])
        return view_as_complex(parts.view((*parts.shape[:-1], parts.shape[-1] // 2, 2)))
    return views.view_of(base, _view, _write, (wanted.ir, _width(x.dtype.ir)))


def _check(x: Tensor, wanted: dtype) -> None:
    width, target = x.dtype.itemsize, wanted.itemsize
    if width == target:
        return
    ways = f"to view {x.dtype.scalar} as {wanted.scalar} (different element sizes)"
    if not x.ndim:
        raise RuntimeError(f"self.dim() cannot be 0 {ways}")
    layout = layout_of(x)
    if layout.strides[-1] != 1:
        raise RuntimeError(f"self.stride(-1) must be 1 {ways}, but got {layout.strides[-1]}")
    if width > target:
        return
    ratio = target // width
    places: list[tuple[str, Any]] = [("size(-1)", layout.sizes[-1]), ("storage_offset()", layout.offset)]
    places += [(f"stride({axis})", stride) for axis, stride in enumerate(layout.strides[:-1])]
    for name, found in places:
        if found % ratio:
            raise RuntimeError(f"self.{name} must be divisible by {ratio} {ways}, but got {found}")
