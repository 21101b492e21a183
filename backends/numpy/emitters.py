"""How every op is written: a line of its own where this folder has one, otherwise a call of the reference's kernel."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from math import prod
from typing import Any

import numpy as np
from diptych.ir import Equation, Function, Op, Value, ops
from diptych.passes.aliasing import VIEWS
from diptych.passes.blocks import Axes, Sizes, index_of
from diptych.passes.elementwise import ELEMENTWISE
from diptych.passes.plan import MemoryPlan, Slot

from ..binding import bind_attributes
from ..reference.table import kernel
from . import contraction, elementwise, indexing, reduction, shape, windows
from .elementwise import Emitter
from .layout import ANYWHERE, Pieces, in_arena, is_constant, runs
from .threads import together
from .writer import Writer

EMITTERS: dict[Op, Emitter] = {
    **elementwise.EMITTERS,
    **shape.EMITTERS,
    **reduction.EMITTERS,
    **contraction.EMITTERS,
    **windows.EMITTERS,
    **indexing.EMITTERS,
}


def emit(w: Writer, equation: Equation) -> None:
    """Writes one equation; in a checked program, also what fills memory without a value before it and behind it."""
    with w.written(equation):
        w.fill_targets(equation)
        _emit(w, equation)
        for slot in w.freed.get(equation, ()):
            w.fill(slot)


def _emit(w: Writer, equation: Equation) -> None:
    if equation.op is ops.fused:
        pieces = w.layout.pieces(equation.attributes["body"])
        if pieces is None:
            _emit_group(w, equation)
        else:
            _emit_pieces(w, equation, pieces)
    elif equation.op is ops.parallel:
        _emit_parallel(w, equation)
    elif equation.op is ops.scan and in_arena(equation):
        _emit_rounds(w, equation)
    elif equation.op in VIEWS or is_constant(equation):
        EMITTERS[equation.op](w, equation)
    elif equation.op in ELEMENTWISE and not elementwise.writes(equation):
        _copy_kernel(w, equation)
    elif in_arena(equation):
        EMITTERS[equation.op](w, equation)
    else:
        _call_kernel(w, equation)


def _emit_group(w: Writer, equation: Equation) -> None:
    """A fused group: its equations one after another, temporaries in its scratch room, results in their places."""
    body: Function = equation.attributes["body"]
    plan, start = w.layout.nested(body), w.room_begin(equation)
    _enter(w, body, plan, start)
    for parameter, operand in zip(body.parameters, equation.operands, strict=True):
        w.same(parameter, operand)
    _emit_body(w, body, [w.out(outer) for outer in equation.results], Slot(start, plan.arena))


def _emit_pieces(w: Writer, equation: Equation, pieces: Pieces) -> None:
    """A fused group block by block: a loop over views of what is cut. Parts of results are reduced in the end."""
    blocks, room = pieces.blocks, w.room_begin(equation)
    targets = [w.out(outer) for outer in equation.results]
    count = len(blocks.starts) + len(blocks.rest_starts)
    stacks = [
        w.place(room + slot.offset, (count, *result.type.static_shape()), result.dtype.numpy)
        if slot is not None
        else None
        for result, slot in zip(equation.results, pieces.parts, strict=True)
    ]
    first = 0
    for piece, starts, sizes in (
        (pieces.main, blocks.starts, blocks.shape),
        (pieces.rest, blocks.rest_starts, blocks.rest),
    ):
        if piece is None:
            continue
        body, loop = piece.block.function, _Loop(w, starts, sizes)
        _enter(w, body, piece.plan, room)
        for parameter, (number, axes) in zip(body.parameters, piece.block.parameters, strict=True):
            operand = equation.operands[number]
            if parameter.shape == operand.shape:
                w.same(parameter, operand)
            else:
                w.forget([parameter])
                w.full[parameter] = loop.over(w.array(operand), operand, axes)
        own = [
            loop.over(target, outer, axes) if stack is None else loop.over_rows(stack, first)
            for target, outer, stack, axes in zip(targets, equation.results, stacks, piece.block.results, strict=True)
        ]
        with loop.written():
            _emit_body(w, body, own, Slot(room, piece.plan.arena))
        first += len(starts)
    for target, stack, reducer in zip(targets, stacks, blocks.parts, strict=True):
        if stack is not None:
            ufunc = reduction.UFUNCS[reducer]
            w.line(f"{w.constant(ufunc, ufunc.__name__)}.reduce({stack}, 0, None, {target})")


class _Loop:
    """A loop over blocks of one shape: its variables, and what each goes over."""

    def __init__(self, w: Writer, starts: Sequence[Sizes], shape: Sizes) -> None:
        self.w, self.starts, self.shape = w, starts, shape
        self.variables: dict[str, str] = {}  # what is gone over -> variable
        self.views: list[tuple[str, str]] = []  # variables, and the expressions that they are bound to in the loop

    def over(self, name: str, whole: Value, axes: Axes) -> str:
        """A variable for the blocks of an array that is cut along `axes`."""
        w = self.w
        indices = [index_of(start, self.shape, axes) for start in self.starts]
        places = w.constant(indices, "blocks", key=("blocks", tuple(self.starts), self.shape, axes))
        if name in w.fixed:
            variable = self._variable(w.once(f"[{name}[i] for i in {places}]"))
        else:
            variable = w.fresh("v")
            w.showing(variable, name)
            self.views.append((variable, f"{name}[{self._variable(places)}]"))
        sizes = whole.type.static_shape()
        own = [size if axis is None else self.shape[axis] for size, axis in zip(sizes, axes, strict=True)]
        if name in w.contiguous and _lies_side_by_side(own, sizes):
            w.contiguous.add(variable)
        return variable

    def over_rows(self, name: str, first: int) -> str:
        """A variable for the elements of an array along its first axis, from `first` on."""
        variable = self._variable(self.w.once(f"[{name}[i, ...] for i in range({first}, {first + len(self.starts)})]"))
        self.w.contiguous.add(variable)
        return variable

    def written(self) -> AbstractContextManager[None]:
        """Lines within the block run for each block."""
        return self.w.loop(list(self.variables.values()), list(self.variables), self.views)

    def _variable(self, over: str) -> str:
        if over not in self.variables:
            self.variables[over] = self.w.fresh("v")
        return self.variables[over]


def _lies_side_by_side(part: Sequence[int], whole: Sequence[int]) -> bool:
    """Whether a box of these sizes of a contiguous array is contiguous: of size 1 before the axis that is cut, and all
    there is behind it."""
    cut = [place for place, (own, size) in enumerate(zip(part, whole, strict=True)) if own != size]
    return not cut or all(size == 1 for size in part[: cut[-1]])


def _emit_rounds(w: Writer, equation: Equation) -> None:
    """A scan: a loop over the rows of its sequences and of its stacked outputs. The state lies where the results do."""
    attributes = equation.attributes
    body: Function = attributes["body"]
    constants, carries = attributes["constants"], attributes["carries"]
    rounds, room = w.layout.rounds(equation), w.room_begin(equation)
    copy = w.constant(np.copyto, "copyto")
    state = [w.out(result) for result in equation.results[:carries]]
    stacks = [w.out(result) for result in equation.results[carries:]]
    for name, start in zip(state, equation.operands[constants:], strict=False):
        w.line(f"{copy}({name}, {w.operand(start)})")
    _enter(w, body, rounds.plan, room)
    for parameter, operand in zip(body.parameters[:constants], equation.operands, strict=False):
        w.array(operand)  # not anew in each round
        w.same(parameter, operand)
    for parameter, name in zip(body.parameters[constants:], state, strict=False):
        w.forget([parameter])
        w.full[parameter] = name
    rows = _Rows(w, attributes["length"], attributes["reverse"])
    first = constants + carries
    for parameter, operand in zip(body.parameters[first:], equation.operands[first:], strict=True):
        w.forget([parameter])
        w.full[parameter] = rows.of(w.array(operand))
    own = [rows.of(stack) for stack in stacks]
    given = dict(zip(body.results[carries:], own, strict=True))
    following: list[str] = []
    for place, (name, result) in enumerate(zip(state, body.results, strict=False)):
        slot = rounds.copied.get(place)
        if slot is None:
            following.append(name)
        elif result in given:
            following.append(given[result])
        else:
            following.append(w.place(room + slot.offset, result.type.static_shape(), result.dtype.numpy))
    with rows.written():
        _emit_body(w, body, [*following, *own], Slot(room, rounds.room))
        for name, source in zip(state, following, strict=True):
            if name != source:
                w.line(f"{copy}({name}, {source})")
        if not w.section.lines[-1].startswith(w.indent):
            w.line("pass")


class _Rows:
    """A loop over the first axis of arrays, in order or from the last one on."""

    def __init__(self, w: Writer, length: int, reverse: bool) -> None:
        self.w = w
        self.order = f"range({length - 1}, -1, -1)" if reverse else f"range({length})"
        self.variables: dict[str, str] = {}  # what is gone over -> variable

    def of(self, name: str) -> str:
        """A variable for the rows of an array."""
        w = self.w
        expression = f"[{name}[i, ...] for i in {self.order}]"
        over = w.once(expression) if name in w.fixed else expression
        if over not in self.variables:
            self.variables[over] = w.fresh("v")
        if name in w.contiguous:
            w.contiguous.add(self.variables[over])
        return self.variables[over]

    def written(self) -> AbstractContextManager[None]:
        """Lines within the block run for each row."""
        if not self.variables:
            self.variables[self.order] = self.w.fresh("v")
        return self.w.loop(list(self.variables.values()), list(self.variables))


def _emit_parallel(w: Writer, equation: Equation) -> None:
    """The parts as functions, each of its slices of the operands, with temporaries in scratch room of its own, writing
    into its slices of the results."""
    attributes = equation.attributes
    targets = [w.out(outer) for outer in equation.results]
    for operand, axis in zip(equation.operands, attributes["operand_axes"], strict=True):
        if axis != -1 or operand not in w.narrow:
            w.array(operand)
    names = [*targets, *(n for o in equation.operands for n in (w.full.get(o), w.narrow.get(o)) if n is not None)]
    given = [name for name in dict.fromkeys(names) if name not in w.fixed]
    outer, w.layout = w.layout, w.layout.shared
    first: Function = attributes["body"]
    parts: list[str] = []
    start = w.room_begin(equation)
    for body in [body for body, count in runs(equation) for _ in range(count)]:
        inner_plan, number = w.layout.nested(body), len(parts)
        with w.part(given) as name:
            parts.append(name)
            _enter(w, body, inner_plan, start)
            for parameter, equal, operand, axis in zip(
                body.parameters, first.parameters, equation.operands, attributes["operand_axes"], strict=True
            ):
                if axis == -1:
                    w.same(parameter, operand)
                else:
                    w.forget([parameter])
                    w.full[parameter] = _part(w, w.full[operand], parameter, axis, number * _size(equal, axis))
            own = [
                _part(w, target, inner, axis, number * _size(equal, axis))
                for target, inner, equal, axis in zip(
                    targets, body.results, first.results, attributes["result_axes"], strict=True
                )
            ]
            _emit_body(w, body, own, Slot(start, inner_plan.arena))
        start += inner_plan.arena
    w.layout = outer
    w.line(f"{w.constant(together, 'together')}(({''.join(f'{part}, ' for part in parts)}), {', '.join(given)})")


def _size(value: Value, axis: int) -> int:
    return value.type.static_shape()[axis]


def _part(w: Writer, whole: str, part: Value, axis: int, start: int) -> str:
    """The name of the part that starts there, of the type of `part`, of an array."""
    index = f"{':, ' * axis}{start}:{start + _size(part, axis)}"
    return w.define(f"{whole}[{index}]", of=whole, contiguous=axis == 0 and whole in w.contiguous)


def _enter(w: Writer, body: Function, inner_plan: MemoryPlan, start: int) -> None:
    """Makes the places of a nested function's values known, whose memory begins at `start`."""
    w.forget(result for member in body.equations for result in member.results)  # of another one with the same body
    for value, slot in inner_plan.slots.items():
        w.slots[value] = Slot(start + slot.offset, slot.size)
    for place, slot in inner_plan.scratch.items():
        w.scratch[body.equations[place]] = Slot(start + slot.offset, slot.size)
    for place, slots in inner_plan.freed.items():
        w.freed[body.equations[place]] = [Slot(start + slot.offset, slot.size) for slot in slots]


def _emit_body(w: Writer, body: Function, targets: Sequence[str], room: Slot) -> None:
    """The equations of a nested function, which leave its results in the arrays `targets`. Their places lie in the
    `room`."""
    w.fill(room)
    elementwise_results = {r for member in body.equations if member.op in ANYWHERE for r in member.results}
    for inner, target in zip(body.results, targets, strict=True):
        if target in w.contiguous or inner in elementwise_results:
            w.place_output(inner, target)
    for member in body.equations:
        emit(w, member)
    for inner, target in zip(body.results, targets, strict=True):
        source = w.operand(inner)
        if source != target:  # a parameter, a view, a constant, or a value that is a result twice
            w.line(f"{w.constant(np.copyto, 'copyto')}({target}, {source})")


def _copy_kernel(w: Writer, equation: Equation) -> None:
    """An elementwise equation that numpy has no function for: what the reference's kernel makes, copied; block by block
    where there is much of it, since kernels make many arrays on their way."""
    run = partial(_first, kernel(equation.op), bind_attributes(equation, {}, w.nested))
    shape = equation.results[0].type.static_shape()
    if prod(shape) > elementwise.KERNEL_BLOCK:
        operands = ", ".join(map(w.array, equation.operands))
        function = w.constant(partial(_in_blocks, run), equation.op.name)
        w.line(f"{function}({w.out(equation.results[0])}, {operands})")
        return
    text = w.operand if len(equation.operands) == 1 else w.array  # not all kernels broadcast
    operands = ", ".join(map(text, equation.operands))
    made = f"{w.constant(run, equation.op.name)}({operands})"
    w.line(f"{w.constant(np.copyto, 'copyto')}({w.out(equation.results[0])}, {made})")


def _in_blocks(run: Callable[..., np.ndarray], out: np.ndarray, *operands: np.ndarray) -> None:
    """Writes what an elementwise function makes of operands of the shape of `out`, or of numbers, some places of the
    longest axis at a time."""
    axis = out.shape.index(max(out.shape))
    step = max(1, elementwise.KERNEL_BLOCK * out.shape[axis] // out.size)
    before = (slice(None),) * axis
    for first in range(0, out.shape[axis], step):
        block = (*before, slice(first, first + step))
        np.copyto(out[block], run(*(operand[block] if operand.ndim else operand for operand in operands)))


def _first(
    run: Callable[..., tuple[np.ndarray, ...]], attributes: Mapping[str, Any], *operands: np.ndarray
) -> np.ndarray:
    return run(*operands, **attributes)[0]


def _call_kernel(w: Writer, equation: Equation) -> None:
    attributes = bind_attributes(equation, {}, w.nested)
    run = partial(_owned, kernel(equation.op), dict(attributes), equation.op is ops.host_call)
    operands = ", ".join([w.array(operand) for operand in equation.operands])
    call = f"{w.constant(run, equation.op.name)}({operands})"
    if not equation.results:
        w.line(call)
    elif equation.op.is_single:
        w.line(f"{w.made(equation.results[0])} = {call}[0]")
    else:
        w.line(f"{''.join(f'{w.made(result)}, ' for result in equation.results)}= {call}")


def _owned(
    run: Callable[..., tuple[np.ndarray, ...]], attributes: dict[str, Any], foreign: bool, *operands: np.ndarray
) -> tuple[np.ndarray, ...]:
    """The kernel's results, copied where they may show memory of an operand, whose place is used again, of another
    result, or, when `foreign`, of someone else's."""
    roots = {id(part) for operand in operands for part in (operand, operand.base)}
    roots.discard(id(None))
    owned: list[np.ndarray] = []
    for result in run(*operands, **attributes):
        base = result.base
        if foreign or not result.flags.writeable or id(result) in roots or (base is not None and id(base) in roots):
            result = result.copy()
        else:
            roots.add(id(result))
            if base is not None:
                roots.add(id(base))
        owned.append(result)
    return tuple(owned)
