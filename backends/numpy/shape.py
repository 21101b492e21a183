"""How moves of elements are written: views made once where the array they show stays in place."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from diptych.ir import Equation, Op, ops

from ..reference.shape import pad_places
from ..reference.table import kernel
from .elementwise import Emitter
from .writer import Writer


def _broadcast(w: Writer, equation: Equation) -> None:
    """Kept narrow: axes of size 1 where the value repeats, which numpy's functions broadcast themselves."""
    (operand,), (result,) = equation.operands, equation.results
    axes, rank = equation.attributes["axes"], result.rank
    source = w.operand(operand)
    trailing = tuple(range(rank - operand.rank, rank))
    if axes == trailing or operand in w.narrow:
        if axes == trailing:
            w.narrow[result] = source
            return
        source = w.array(operand)
    shape = [1] * rank
    for axis, size in zip(axes, operand.type.static_shape(), strict=True):
        shape[axis] = size
    w.narrow[result] = _reshaped(w, source, tuple(shape))


def _reshaped(w: Writer, source: str, shape: tuple[int, ...]) -> str:
    """Only axes of size 1 come in, so this is a view whatever the strides."""
    contiguous = source in w.contiguous
    return w.define(f"{source}.reshape({shape})", of=source, contiguous=contiguous)


def _reshape(w: Writer, equation: Equation) -> None:
    (operand,), (result,) = equation.operands, equation.results
    source = w.array(operand)
    expression = f"{source}.reshape({result.type.static_shape()})"
    if source in w.contiguous:
        w.full[result] = w.define(expression, of=source, contiguous=True)
    else:
        w.full[result] = w.define(expression, of=source, copies=result.type.bytes())


def _view(w: Writer, equation: Equation, suffix: str) -> None:
    source = w.array(equation.operands[0])
    w.full[equation.results[0]] = w.define(source + suffix, of=source)


def _transpose(w: Writer, equation: Equation) -> None:
    _view(w, equation, f".transpose({equation.attributes['permutation']})")


def _slice(w: Writer, equation: Equation) -> None:
    attributes = equation.attributes
    places = zip(attributes["start"], attributes["limit"], attributes["stride"], strict=True)
    _view(w, equation, _index(slice(int(start), int(limit), step) for start, limit, step in places))


def _reverse(w: Writer, equation: Equation) -> None:
    rank, axes = equation.operands[0].rank, equation.attributes["axes"]
    _view(w, equation, _index(slice(None, None, -1) if axis in axes else slice(None) for axis in range(rank)))


def _same(w: Writer, equation: Equation) -> None:
    w.full[equation.results[0]] = w.array(equation.operands[0])


def _iota(w: Writer, equation: Equation) -> None:
    """Counted once, along its axis alone."""
    shape, axis = equation.attributes["shape"], equation.attributes["axis"]
    (result,) = equation.results
    sizes = [size if place == axis else 1 for place, size in enumerate(shape)]
    (count,) = kernel(ops.iota)(shape=(shape[axis],), axis=0, dtype=equation.attributes["dtype"])
    name = w.constant(count.reshape(sizes), f"c{len(w.constants)}")
    w.fixed.add(name)
    w.contiguous.add(name)
    (w.full if result.type.static_shape() == tuple(sizes) else w.narrow)[result] = name


def _concatenate(w: Writer, equation: Equation) -> None:
    parts = "".join(f"{w.array(operand)}, " for operand in equation.operands)
    axis, out = equation.attributes["axis"], w.out(equation.results[0])
    w.line(f"{w.constant(np.concatenate, 'concatenate')}(({parts}), {axis}, {out})")


def _pad(w: Writer, equation: Equation) -> None:
    """The padding value everywhere, then the elements that stay, at their places."""
    x, value = equation.operands
    attributes = equation.attributes
    out = w.out(equation.results[0])
    sizes = x.type.static_shape()
    target, source = pad_places(sizes, attributes["low"], attributes["high"], attributes["interior"])
    w.line(f"{w.constant(np.copyto, 'copyto')}({out}, {w.operand(value)})")
    w.line(f"{out}{_index(target)} = {w.array(x)}{_index(source)}")


def _index(slices: Iterable[slice]) -> str:
    """Slices as they are written: `[0:3, ::-1]`; `[...]` of no axes, which is a view where `[()]` would be a number."""
    return f"[{', '.join(map(_slice_text, slices)) or '...'}]"


def _slice_text(part: slice) -> str:
    start, stop = ("" if end is None else end for end in (part.start, part.stop))
    return f"{start}:{stop}" if part.step in (None, 1) else f"{start}:{stop}:{part.step}"


EMITTERS: dict[Op, Emitter] = {
    ops.constant: Writer.literal,
    ops.iota: _iota,
    ops.broadcast: _broadcast,
    ops.reshape: _reshape,
    ops.transpose: _transpose,
    ops.slice: _slice,
    ops.reverse: _reverse,
    ops.identity: _same,
    ops.stop_gradient: _same,
    ops.graft: _same,
    ops.after: _same,
    ops.shard: _same,
    ops.concatenate: _concatenate,
    ops.pad: _pad,
}
