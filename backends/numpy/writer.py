"""Writes the Python source of one function: names for values, lines that run once, lines that run each time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from diptych.ir import Constant, Equation, Function, Value
from diptych.ir.names import location_label, written_name
from diptych.passes.plan import MemoryPlan, Slot

from ..kernels.control import Nested


class Writer:
    """The source of one compiled function while it is written.

        s1 = array_at(arena, 0, (5, 3), float32)      # setup: buffers in the arena, and views of them
        def run(p0, p1):                              # body: one line an equation
            multiply(p0, p1, out=s1)
            ...
            return (o2,)

    All is module level, whose names one instance has for itself: a function of as many closed-over variables takes
    Python quadratic time to compile. A value has up to two expressions: its array, and a narrow one that numpy
    broadcasts to it, made of a smaller array.
    """

    def __init__(self, function: Function, plan: MemoryPlan, nested: Callable[[Function], Nested]) -> None:
        self.function = function
        self.plan = plan
        self.slots = dict(plan.slots)
        self.scratch = {function.equations[place]: slot for place, slot in plan.scratch.items()}
        self.nested = nested  # compiles a nested function
        self.setup: list[str] = []
        self.body: list[str] = []
        self.equations: list[Equation | None] = []  # the equation behind each line of the body
        self.constants: dict[str, Any] = {}  # what the source refers to by name
        self.full: dict[Value, str] = {}
        self.narrow: dict[Value, str] = {}
        self.fixed: set[str] = set()  # names bound in the setup: arrays that stay where they are
        self.contiguous: set[str] = set()
        self._equation: Equation | None = None  # what lines are written for
        self._known: dict[int, str] = {}  # names of constants, by identity
        self._made: dict[str, str] = {}  # names of what the setup makes, by expression
        self._count = 0
        self._outputs: dict[Value, str] = {}

    # -- names ----

    def fresh(self, letter: str) -> str:
        """A new variable name."""
        self._count += 1
        return f"{letter}{self._count}"

    def constant(self, value: Any, name: str) -> str:
        """The name, `name` where it is free, under which the source sees a Python object."""
        known = self._known.get(id(value))
        if known is not None:
            return known
        chosen = name if name not in self.constants else f"{name}_{len(self.constants)}"
        self.constants[chosen] = value
        self._known[id(value)] = chosen
        return chosen

    def dtype(self, dtype: np.dtype[Any]) -> str:
        """The name under which the source sees a dtype."""
        return self.constant(dtype, dtype.name)

    def array(self, value: Value) -> str:
        """An expression for the array of `value`, of its whole shape."""
        name = self.full.get(value)
        if name is None:
            narrow = self.narrow[value]
            broadcast = self.constant(np.broadcast_to, "broadcast_to")
            name = self.define(f"{broadcast}({narrow}, {value.type.static_shape()})", of=narrow)
            self.full[value] = name
        return name

    def operand(self, value: Value) -> str:
        """An expression that numpy broadcasts to the array of `value`: the cheapest for a ufunc."""
        return self.narrow.get(value) or self.array(value)

    # -- lines ----

    def begin(self, equation: Equation) -> None:
        """The lines from here on are written for `equation`."""
        self._equation = equation

    def line(self, text: str) -> None:
        self.body.append(text)
        self.equations.append(self._equation)

    def define(self, expression: str, *, of: str = "", contiguous: bool = False) -> str:
        """A variable for `expression`, a view of the variable `of`; made once where that one stays in place."""
        if of in self.fixed:
            name = self._once(expression)
        else:
            name = self.fresh("v")
            self.line(f"{name} = {expression}")
        if contiguous:
            self.contiguous.add(name)
        return name

    def bind(self, value: Value, expression: str) -> None:
        """`value` is what `expression` makes when it runs."""
        self.full[value] = self.define(expression)

    def slot(self, slot: Slot, value: Value) -> str:
        """A name for the array of `value` in the arena."""
        place = f"{slot.offset}, {value.type.static_shape()}, {self.dtype(value.dtype.numpy)}"
        name = self._once(f"{self.constant(array_at, 'array_at')}(arena, {place})")
        self.contiguous.add(name)
        return name

    def room(self, equation: Equation, dtype: np.dtype[Any]) -> str:
        """A name for the extra room that an equation was planned, as elements of `dtype`."""
        slot = self.scratch.get(equation, Slot(0, 0))
        place = f"{slot.offset}, ({slot.size // dtype.itemsize},), {self.dtype(dtype)}"
        return self._once(f"{self.constant(array_at, 'array_at')}(arena, {place})")

    def _once(self, expression: str) -> str:
        """The name of what the setup makes by `expression`."""
        name = self._made.get(expression)
        if name is None:
            name = self._made[expression] = self.fresh("s")
            self.setup.append(f"{name} = {expression}")
            self.fixed.add(name)
        return name

    def out(self, value: Value) -> str:
        """The array to write `value` into: its slot, a donated parameter, or a buffer of its own."""
        slot = self.slots.get(value)
        if slot is not None:
            self.full[value] = self.slot(slot, value)
        elif value in self._outputs:
            self.full[value] = self._outputs[value]
        else:
            empty, dtype = self.constant(np.empty, "empty"), self.dtype(value.dtype.numpy)
            name = self.fresh("o")
            self.line(f"{name} = {empty}({value.type.static_shape()}, {dtype})")
            self.full[value] = name
            self.contiguous.add(name)
        return self.full[value]

    def same(self, value: Value, other: Value) -> None:
        """`value` has the array that `other` has."""
        self.forget([value])
        for names in (self.full, self.narrow):
            if other in names:
                names[value] = names[other]

    def forget(self, values: Iterable[Value]) -> None:
        """Drops the expressions of `values`, which are about to be made anew."""
        for value in values:
            self.full.pop(value, None)
            self.narrow.pop(value, None)

    def place_output(self, value: Value, name: str) -> None:
        """`value` is to be written into the array `name`."""
        self._outputs[value] = name

    def parameters(self) -> None:
        """Names the function's parameters, and donated ones as the places of the results that take them over."""
        for number, parameter in enumerate(self.function.parameters):
            self.full[parameter] = f"p{number}"
        for result, parameter in self.plan.donated.items():
            self.contiguous.add(f"p{parameter}")
            self.place_output(self.function.results[result], f"p{parameter}")

    def literal(self, equation: Equation) -> None:
        """A constant: an array that the source refers to, a scalar as an array of no axes."""
        value: Constant = equation.attributes["value"]
        name = self.constant(value.array, f"c{len(self.constants)}")
        self.full[equation.results[0]] = name
        self.fixed.add(name)
        self.contiguous.add(name)

    # -- text ----

    def source(self, results: Sequence[str], *, comments: bool = False) -> str:
        """The whole text; with `comments`, what each line computes and for which line of the user's."""
        given = ", ".join(f"p{number}" for number in range(len(self.function.parameters)))
        lines = [*self.setup, f"def run({given}):", *(f"    {line}" for line in self.body)]
        if comments:
            names = "".join(f"  p{n} = {_described(p)}" for n, p in enumerate(self.function.parameters))
            lines[len(self.setup)] += f"  #{names}" if names else ""
            width = max((len(line) for line in self.body if len(line) < 80), default=0) + 4
            for place, equation in enumerate(self.equations, len(self.setup) + 1):
                if equation is not None:
                    lines[place] = f"{lines[place].ljust(width)}  # {_comment(equation)}".rstrip()
        return "\n".join([*lines, f"    return ({''.join(f'{text}, ' for text in results)})", ""])

    def equation_at(self, line: int) -> Equation | None:
        """The equation behind a line of the source, counted from 1."""
        place = line - len(self.setup) - 2
        return self.equations[place] if 0 <= place < len(self.equations) else None


def _described(value: Value) -> str:
    """`%x: f32[3]`; nothing in it can end a comment."""
    name = written_name(value.name)
    return f"%{name}: {value.type}" if name else str(value.type)


def _comment(equation: Equation) -> str:
    results = ", ".join(map(_described, equation.results))
    place = f"  {location_label(equation.location, full=False)}" if equation.location is not None else ""
    return f"{results}{place}"


def array_at(arena: np.ndarray, offset: int, shape: tuple[int, ...], dtype: np.dtype[Any]) -> np.ndarray:
    """The array of this shape and dtype that begins `offset` bytes into the arena."""
    return np.ndarray(shape, dtype, buffer=arena.data, offset=offset)
