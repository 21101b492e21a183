"""jax's symbols for names of dimensions. They are told what a program takes for granted of its sizes, without which jax
cannot tell that slices and windows lie within what they are of, nor that two quotients are one size."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from diptych.ir import Dim, Dimension, Equation, Function, Unsupported, evaluate, floor_divide, named, ops
from diptych.ir.ops.contraction import convolution_layout
from jax import export
from jax.errors import InconclusiveDimensionOperation


class Requirement(NamedTuple):
    """A `room` must be `least` or more, and is gone along in steps of `stride`."""

    room: Dim
    stride: int = 1
    least: int = 0


NO_BOUNDS: Mapping[str, int] = {}


def symbols(function: Function, least: Mapping[str, int] = NO_BOUNDS) -> Mapping[str, Any]:
    """Symbols for the names of a function's dimensions. Files refuse sizes below the `least` ones, and those for which
    slices or windows would not fit.

    Raises Unsupported for a name whose number does not follow from the sizes of parameters.
    """
    names = sorted(function.names())
    if not names:
        return {}
    _check_solvable(function, names)
    plain = _named(names, ())
    bounds: dict[Dim, int] = {named(name): least[name] for name in names if name in least}
    quotients: dict[str, str] = {}
    for room, stride, lowest in dict.fromkeys(_requirements(function)):
        if isinstance(room, Dimension):
            constant = dict(room.terms).get((), 0)
            rest, low = room - constant, lowest - constant
            bounds[rest] = max(bounds.get(rest, low), low)
            quotients |= _quotient(room, stride, plain)
    told = [f"{evaluate(rest, plain)} >= {low}" for rest, low in bounds.items() if not _is_known(rest, low, plain)]
    return _named(names, (*(f"{left} == {right}" for left, right in quotients.items()), *told))


def _named(names: list[str], constraints: tuple[str, ...]) -> dict[str, Any]:
    return dict(zip(names, export.symbolic_shape(", ".join(names), constraints=constraints), strict=True))


def _check_solvable(function: Function, names: list[str]) -> None:
    sizes = [dim for parameter in function.parameters for dim in parameter.shape if isinstance(dim, Dimension)]
    known: set[str] = set()
    for _ in names:
        for dim in sizes:
            unknown = dim.names() - known
            if len(unknown) == 1 and _is_linear(dim, *unknown):
                known |= unknown
    for name in names:
        if name not in known:
            problem = f"export: @{function.name}: dimension {name} does not follow from the size of a parameter's axis"
            raise Unsupported(problem, hint=f"--size {name}=32")


def _is_linear(dim: Dimension, name: str) -> bool:
    """Whether a number for a size gives one for a name in it."""
    monomials = [monomial for monomial, _ in dim.terms]
    return all(isinstance(atom, str) for monomial in monomials for atom, _ in monomial) and all(
        monomial == ((name, 1),) or name not in dict(monomial) for monomial in monomials
    )


def _is_known(rest: Dim, low: int, plain: Mapping[str, Any]) -> bool:
    try:
        return bool(evaluate(rest, plain) >= low)
    except InconclusiveDimensionOperation:
        return False


def _quotient(room: Dimension, stride: int, plain: Mapping[str, Any]) -> dict[str, str]:
    """jax's form of a quotient, with the one that sizes have here; nothing where these are the same."""
    if stride == 1:
        return {}
    theirs, ours = evaluate(room, plain) // stride, evaluate(floor_divide(room, stride), plain)
    return {} if theirs == ours or not _is_atom(str(theirs)) else {str(theirs): str(ours)}


def _is_atom(text: str) -> bool:
    """Whether a text is one quotient."""
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if letter == ")" and depth == 0:
            return text.startswith("floordiv(") and place == len(text) - 1
    return False


# -- what equations need ----


def _requirements(function: Function) -> Iterator[Requirement]:
    for equation in function.every_equation():
        rule = _RULES.get(equation.op)
        if rule is not None:
            yield from rule(equation)


def _slice(equation: Equation) -> Iterator[Requirement]:
    given = equation.attributes
    shape = equation.operands[0].shape
    for size, start, limit, stride in zip(shape, given["start"], given["limit"], given["stride"], strict=True):
        yield Requirement(start)
        yield Requirement(size - limit)
        yield Requirement(limit - start - 1, stride, least=-1)


def _windows(equation: Equation) -> Iterator[Requirement]:
    given = equation.attributes
    shape = equation.operands[0].shape
    each = (given[name] for name in ("window", "stride", "padding", "dilation"))
    for size, window, stride, padding, dilation in zip(shape, *each, strict=True):
        yield Requirement(size + sum(padding) - ((window - 1) * dilation + 1), stride)


def _convolution(equation: Equation) -> Iterator[Requirement]:
    given = equation.attributes
    x, kernel = (operand.shape for operand in equation.operands)
    roles = convolution_layout(given["layout"])
    each = (given[name] for name in ("stride", "padding", "x_dilation", "kernel_dilation"))
    for axis, (stride, padding, between, dilation) in enumerate(zip(*each, strict=True), 2):
        size, window = x[roles.x[axis]], kernel[roles.kernel[axis]]
        spread = size if between == 1 else (size - 1) * between + 1
        extent = window if dilation == 1 else (window - 1) * dilation + 1
        yield Requirement(spread + sum(padding) - extent, stride)


def _top_k(equation: Equation) -> Iterator[Requirement]:
    yield Requirement(equation.operands[0].shape[-1] - equation.attributes["k"])


def _block(equation: Equation) -> Iterator[Requirement]:
    x = equation.operands[0].shape
    sizes = equation.attributes["sizes"] if equation.op is ops.dynamic_slice else equation.operands[1].shape
    yield from (Requirement(whole - size) for whole, size in zip(x, sizes, strict=True))


def _pad(equation: Equation) -> Iterator[Requirement]:
    yield from map(Requirement, equation.results[0].shape)


_RULES: Mapping[Any, Callable[[Equation], Iterator[Requirement]]] = {
    ops.slice: _slice,
    ops.window_sum: _windows,
    ops.window_max: _windows,
    ops.window_gather: _windows,
    ops.window_scatter: _windows,
    ops.convolution: _convolution,
    ops.top_k: _top_k,
    ops.dynamic_slice: _block,
    ops.dynamic_update_slice: _block,
    ops.pad: _pad,
}
