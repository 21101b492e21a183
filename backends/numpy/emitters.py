"""How every op is written: a line of its own where this folder has one, otherwise a call of the reference's kernel."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np
from diptych.ir import Equation, Function, Op, ops
from diptych.passes.aliasing import VIEWS
from diptych.passes.plan import MemoryPlan, Slot, plan_memory

from ..binding import bind_attributes
from ..failing import FAILING, last_failing
from ..reference.table import kernel
from . import contraction, elementwise, reduction, shape, windows
from .elementwise import Emitter
from .writer import Writer

EMITTERS: dict[Op, Emitter] = {
    **elementwise.EMITTERS,
    **shape.EMITTERS,
    **reduction.EMITTERS,
    **contraction.EMITTERS,
    **windows.EMITTERS,
}

ROOM: dict[Op, Callable[[Equation], int]] = {**contraction.ROOM, **windows.ROOM}


def in_arena(equation: Equation) -> bool:
    """Whether the equation is written so that it fills arrays given to it."""
    op = equation.op
    if op in elementwise.EMITTERS:
        return elementwise.writes(equation)
    if op in reduction.EMITTERS:
        return reduction.writes(equation)
    if op in contraction.EMITTERS:
        return contraction.writes(equation)
    if op in windows.EMITTERS:
        return windows.writes(equation)
    if op is ops.fused:
        return all(member.op in VIEWS or member.op is ops.constant or in_arena(member) for member in _members(equation))
    return op in EMITTERS


def _members(equation: Equation) -> tuple[Equation, ...]:
    body: Function = equation.attributes["body"]
    return body.equations


def plan(function: Function, donate: Iterable[int] = ()) -> MemoryPlan:
    """Where the values of `function` live when it is written by these emitters."""
    places = tuple(donate)
    first = last_failing(function, FAILING["numpy"]) + 1 if places else 0
    return plan_memory(function, donate=places, donate_from=first, views=VIEWS, in_arena=in_arena, scratch=scratch)


def scratch(equation: Equation) -> int:
    """Bytes that the equation needs while it runs: a group's temporaries, what a convolution makes on its way."""
    if equation.op is ops.fused:
        return plan(equation.attributes["body"]).arena if in_arena(equation) else 0
    room = ROOM.get(equation.op)
    return room(equation) if room is not None and in_arena(equation) else 0


def emit(w: Writer, equation: Equation) -> None:
    """Writes one equation."""
    w.begin(equation)
    if equation.op is ops.fused and in_arena(equation):
        _emit_group(w, equation)
    elif equation.op in VIEWS or equation.op is ops.constant or in_arena(equation):
        EMITTERS[equation.op](w, equation)
    else:
        _call_kernel(w, equation)


def _emit_group(w: Writer, equation: Equation) -> None:
    """A fused group: its equations one after another, temporaries in its scratch room, results in their places."""
    body: Function = equation.attributes["body"]
    room = w.scratch.get(equation)
    inner_plan = plan(body)
    start = room.offset if room is not None else 0
    w.forget(result for member in body.equations for result in member.results)  # of another group of the same body
    for value, slot in inner_plan.slots.items():
        w.slots[value] = Slot(start + slot.offset, slot.size)
    for place, slot in inner_plan.scratch.items():
        w.scratch[body.equations[place]] = Slot(start + slot.offset, slot.size)
    for parameter, operand in zip(body.parameters, equation.operands, strict=True):
        w.same(parameter, operand)
    targets = [w.out(outer) for outer in equation.results]
    for inner, target in zip(body.results, targets, strict=True):
        w.place_output(inner, target)
    for member in body.equations:
        emit(w, member)
    w.begin(equation)
    for inner, target in zip(body.results, targets, strict=True):
        source = w.operand(inner)
        if source != target:  # a parameter, a view, a constant, or a value that is a result twice
            w.line(f"{w.constant(np.copyto, 'copyto')}({target}, {source})")


def _call_kernel(w: Writer, equation: Equation) -> None:
    attributes = bind_attributes(equation, {}, w.nested)
    run = partial(_owned, kernel(equation.op), dict(attributes), equation.op is ops.host_call)
    operands = ", ".join([w.array(operand) for operand in equation.operands])
    call = f"{w.constant(run, equation.op.name)}({operands})"
    if not equation.results:
        w.line(call)
    elif equation.op.is_single:
        w.bind(equation.results[0], f"{call}[0]")
    else:
        whole = w.fresh("r")
        w.line(f"{whole} = {call}")
        for place, result in enumerate(equation.results):
            w.bind(result, f"{whole}[{place}]")


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
