"""Every refusal's exact message, and a refusal for every line that can refuse a call of an op."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from types import FrameType, ModuleType

import pytest
from diptych.ir import OPS, Builder, Op, TypeRuleError
from diptych.ir.ops import GROUPS, checks

from tests.samples import Refusal
from tests.samples.every import REFUSALS

Line = tuple[str, int]  # a file's name and a line of it
MODULES: dict[str, ModuleType] = {
    "checks": checks,
    **{group: import_module(f"diptych.ir.ops.{group}") for group in GROUPS},
}

# Lines that a call of the op cannot reach, by a part of their text.
UNREACHABLE = {
    **dict.fromkeys(("eq", "ne"), ("has an order",)),  # they compare complex values
    **dict.fromkeys(("qr", "svd", "lu"), ("square in its last two axes",)),
    **dict.fromkeys(("argmax", "argmin"), ("in ascending order",)),  # there is one axis
    "pad": ("without negative sizes",),  # its own check comes first
    # The update's rank is checked before its sizes are counted, and it is no larger than x.
    "dynamic_update_slice": ("without negative sizes", "under 2**62", "entries long"),
}


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.message[:70])
def test_message(refusal: Refusal) -> None:
    b = Builder()
    operands = [b.parameter(type) for type in refusal.operands]
    with pytest.raises(TypeRuleError) as caught:
        b.emit(refusal.op, operands, refusal.attributes)
    assert caught.value.message.splitlines()[0] == refusal.message
    assert caught.value.location is not None
    assert caught.value.location.file == __file__


@pytest.mark.parametrize("op", OPS.values(), ids=str)
def test_every_refusing_line_has_a_refusal(op: Op) -> None:
    lines = refusing_lines(op.group, op.rule.__name__)
    lines = {line for line in lines if not any(part in _text(line) for part in UNREACHABLE.get(op.name, ()))}
    found = {line for refusal in REFUSALS if refusal.op is op and (line := line_of(refusal)) is not None}
    missing = sorted(f"{file}:{line}" for file, line in lines - found)
    assert not missing, f"tests/samples/{op.group}.py: ops.{op.name} has no refusal for {missing}"


def line_of(refusal: Refusal) -> Line | None:
    """The line of the type rule, or of a check, that refuses; None where the attributes or the arity do."""
    try:
        refusal.op.rule(*refusal.operands, **refusal.op.complete(refusal.attributes))
    except (TypeRuleError, TypeError) as error:
        frames = [(frame.f_code.co_name, frame, line) for frame, line in _frames(error)]
        if frames[-1][0] != "refuse":
            return None
        _, frame, line = frames[-2]
        return Path(frame.f_code.co_filename).name, line
    return None


def _frames(error: Exception) -> Iterator[tuple[FrameType, int]]:
    trace = error.__traceback__
    while trace is not None:
        yield trace.tb_frame, trace.tb_lineno
        trace = trace.tb_next


@cache
def _functions(module: str) -> dict[str, ast.FunctionDef]:
    tree = ast.parse(inspect.getsource(MODULES[module]))
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def _text(line: Line) -> str:
    module = MODULES[line[0].removesuffix(".py")]
    return inspect.getsource(module).splitlines()[line[1] - 1]


def refusing_lines(module: str, function: str) -> set[Line]:
    """The lines that call `refuse` in the function and in all that it calls."""
    lines: set[Line] = set()
    done: set[tuple[str, str]] = set()
    todo = [(module, function)]
    while todo:
        place = todo.pop()
        if place in done or place[1] not in _functions(place[0]):
            continue
        done.add(place)
        for node in ast.walk(_functions(place[0])[place[1]]):
            match node:
                case ast.Call(func=ast.Name(id="refuse")):
                    lines.add((f"{place[0]}.py", node.lineno))
                case ast.Call(func=ast.Name(id=name)):
                    todo.append((place[0], name))
                case ast.Call(func=ast.Attribute(value=ast.Name(id="checks"), attr=name)):
                    todo.append(("checks", name))
    return lines
