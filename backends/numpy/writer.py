"""Writes the Python source of one function: names for values, lines that run once, lines that run each time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from diptych.ir import Constant, Equation, Function, Value
from diptych.passes.plan import MemoryPlan, Slot

from ..kernels.control import Nested


class Writer:
    """The source of one compiled function while it is written.

        def make(arena):
            s0 = at(arena, 0, ...)      # setup: buffers in the arena, and views of them
            def run(p0, p1):            # body: one line an equation
                multiply(p0, p1, s0)
                ...
                return (o0,)
            return run

    A value has up to two expressions: its array, and a narrow one that numpy broadcasts to it, made of a smaller array.
    """

    def __init__(self, function: Function, plan: MemoryPlan, nested: Callable[[Function], Nested]) -> None:
        self.function = function
        self.plan = plan
        self.slots = dict(plan.slots)
        self.scratch = {function.equations[place]: slot for place, slot in plan.scratch.items()}
        self.nested = nested  # compiles a nested function
        self.setup: list[str] = []
        self.body: list[str] = []
        self.constants: dict[str, Any] = {}  # what the source refers to by name
        self._known: dict[int, str] = {}  # names of constants, by identity
        self.full: dict[Value, str] = {}
        self.narrow: dict[Value, str] = {}
        self.fixed: set[str] = set()  # names bound in the setup: arrays that stay where they are
        self.contiguous: set[str] = set()
        self._count = 0
        self._outputs: dict[Value, str] = {}

    # -- names ----

    def fresh(self, letter: str) -> str:
        """A new variable name."""
        self._count += 1
        return f"{letter}{self._count}"

    def constant(self, value: Any, name: str | None = None) -> str:
        """The name under which the source sees a Python object."""
        known = self._known.get(id(value))
        if known is not None:
            return known
        chosen = name or f"c{len(self.constants)}"
        if self.constants.setdefault(chosen, value) is not value:
            chosen = f"{chosen}_{len(self.constants)}"
            self.constants[chosen] = value
        self._known[id(value)] = chosen
        return chosen

    def array(self, value: Value) -> str:
        """An expression for the array of `value`, of its whole shape."""
        name = self.full.get(value)
        if name is None:
            narrow = self.narrow[value]
            shape = self.constant(value.type.static_shape())
            name = self.define(f"{self.constant(np.broadcast_to, 'broadcast_to')}({narrow}, {shape})", of=narrow)
            self.full[value] = name
        return name

    def operand(self, value: Value) -> str:
        """An expression that numpy broadcasts to the array of `value`: the cheapest for a ufunc."""
        return self.narrow.get(value) or self.array(value)

    # -- lines ----

    def line(self, text: str) -> None:
        self.body.append(text)

    def define(self, expression: str, *, of: str = "", contiguous: bool = False) -> str:
        """A new variable for `expression`, a view of the variable `of`; made once where that one stays in place."""
        name = self.fresh("v")
        if of in self.fixed:
            self.setup.append(f"{name} = {expression}")
            self.fixed.add(name)
        else:
            self.body.append(f"{name} = {expression}")
        if contiguous:
            self.contiguous.add(name)
        return name

    def bind(self, value: Value, expression: str, *, contiguous: bool = False) -> None:
        """`value` is what `expression` makes when it runs."""
        name = self.fresh("v")
        self.body.append(f"{name} = {expression}")
        self.full[value] = name
        if contiguous:
            self.contiguous.add(name)

    def slot(self, slot: Slot, shape: tuple[int, ...], dtype: np.dtype[Any]) -> str:
        """A name for an array in the arena."""
        name = self.fresh("s")
        place = f"{slot.offset}, {self.constant(shape)}, {self.constant(dtype, f'd_{dtype.name}')}"
        self.setup.append(f"{name} = {self.constant(array_at, 'array_at')}(arena, {place})")
        self.fixed.add(name)
        self.contiguous.add(name)
        return name

    def out(self, value: Value) -> str:
        """The array to write `value` into: its slot, a donated parameter, or a buffer of its own."""
        slot = self.slots.get(value)
        if slot is not None:
            self.full[value] = self.slot(slot, value.type.static_shape(), value.dtype.numpy)
        elif value in self._outputs:
            self.full[value] = self._outputs[value]
        else:
            shape, dtype = self.constant(value.type.static_shape()), value.dtype.numpy
            empty = self.constant(np.empty, "empty")
            name = self.fresh("o")
            self.line(f"{name} = {empty}({shape}, {self.constant(dtype, f'd_{dtype.name}')})")
            self.full[value] = name
            self.contiguous.add(name)
        return self.full[value]

    def same(self, value: Value, other: Value) -> None:
        """`value` has the array that `other` has."""
        for names in (self.full, self.narrow):
            names.pop(value, None)
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

    def parameters(self) -> list[str]:
        """Names the function's parameters, and donated ones as the places of the results that take them over."""
        names: list[str] = []
        for number, parameter in enumerate(self.function.parameters):
            self.full[parameter] = f"p{number}"
            names.append(f"p{number}")
        for result, parameter in self.plan.donated.items():
            self.contiguous.add(names[parameter])
            self.place_output(self.function.results[result], names[parameter])
        return names

    def literal(self, equation: Equation) -> None:
        """A constant: an array that the source refers to, a scalar as an array of no axes."""
        value: Constant = equation.attributes["value"]
        name = self.constant(value.array)
        self.full[equation.results[0]] = name
        self.fixed.add(name)
        self.contiguous.add(name)

    def source(self, parameters: list[str], results: str) -> str:
        """The whole text."""
        setup = "".join(f"    {line}\n" for line in self.setup)
        body = "".join(f"        {line}\n" for line in self.body)
        return (
            f"def make(arena):\n{setup}    def run({', '.join(parameters)}):\n{body}        return {results}\n"
            "    return run\n"
        )


def array_at(arena: np.ndarray, offset: int, shape: tuple[int, ...], dtype: np.dtype[Any]) -> np.ndarray:
    """The array of this shape and dtype that begins `offset` bytes into the arena."""
    return np.ndarray(shape, dtype, buffer=arena.data, offset=offset)
