"""Writes the Python source of one function: names for values, lines that run once, lines that run each time."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import CodeType
from typing import TYPE_CHECKING, Any

import numpy as np
from diptych.ir import Constant, Equation, Function, Value
from diptych.ir.names import location_label, written_name
from diptych.passes.aliasing import VIEWS
from diptych.passes.plan import MemoryPlan, Slot

from ..kernels.control import Nested
from ..paths import Path
from .pairing import threads_of
from .poison import BYTE, fill, filled

if TYPE_CHECKING:
    from .layout import Layout


TOGETHER = 256  # lines of the setup that are compiled together
LARGE = 1 << 16  # bytes of an array that is let go of behind its last use
_VARIABLE = re.compile(r"\bv\d+\b")


@dataclass(slots=True)
class _Section:
    """A Python function of the source: its lines, and the path of the equation behind each of them."""

    head: str
    lines: list[str] = field(default_factory=list[str])
    paths: list[Path] = field(default_factory=list[Path])

    def add(self, line: str, path: Path) -> None:
        self.lines.append(line)
        self.paths.append(path)


class Writer:
    """The source of one compiled function while it is written.

        s1 = array_at(arena, 0, (5, 3), float32)      # setup: buffers in the arena, and views of them
        def part1(p0, p1):                            # sections: what runs at the same time
            ...
        def run(p0, p1):                              # the last one: one line an equation
            multiply(p0, p1, out=s1)
            together((part1, part2), p0, p1)
            ...
            return (o2,)

    All is module level, whose names one instance has for itself: a function of as many closed-over variables takes
    Python quadratic time to compile. A value has up to two expressions: its array, and a narrow one that numpy
    broadcasts to it, made of a smaller array.
    """

    def __init__(
        self,
        function: Function,
        plan: MemoryPlan,
        layout: Layout,
        nested: Callable[[Function], Nested],
        *,
        checked: bool = False,
    ) -> None:
        self.function = function
        self.checked = checked  # whether memory without a value is filled
        self.plan = plan
        self.layout = layout  # of what is written now
        self.slots = dict(plan.slots)
        self.scratch = {function.equations[place]: slot for place, slot in plan.scratch.items()}
        self.freed = {function.equations[place]: slots for place, slots in plan.freed.items()}
        self.nested = nested  # compiles a nested function
        self.setup: list[str] = []
        self.sections: list[_Section] = []  # those that are complete
        self.section = _Section("")  # that lines go to
        self.indent = ""
        self.constants: dict[str, Any] = {}  # what the source refers to by name
        self.full: dict[Value, str] = {}
        self.narrow: dict[Value, str] = {}
        self.fixed: set[str] = set()  # names bound in the setup: arrays that stay where they are
        self.contiguous: set[str] = set()
        self.threads = threads_of(function)  # that a product may take
        self.maker: dict[Value, Equation] = {}  # of what has been written
        self.let_go: set[str] = set()  # variables that keep memory of their own alive
        self.path: Path = ()  # of the equation that lines are written for
        self._known: dict[Hashable, str] = {}  # names of constants, by identity or key
        self._made: dict[str, str] = {}  # names of what the setup makes, by expression
        self._count = 0
        self._outputs: dict[Value, str] = {}
        self._donated: dict[Value, Value] = {}  # results -> the parameters that they are written into

    # -- names ----

    def fresh(self, letter: str) -> str:
        """A new variable name."""
        self._count += 1
        return f"{letter}{self._count}"

    def constant(self, value: Any, name: str, *, key: Hashable = None) -> str:
        """The name, `name` where it is free, under which the source sees a Python object. One with a `key` is the same
        as others with it."""
        key = id(value) if key is None else key
        known = self._known.get(key)
        if known is not None:
            return known
        chosen = name if name not in self.constants else f"{name}_{len(self.constants)}"
        self.constants[chosen] = value
        self._known[key] = chosen
        return chosen

    def dtype(self, dtype: np.dtype[Any]) -> str:
        """The name under which the source sees a dtype."""
        return self._known.get(id(dtype)) or self.constant(dtype, dtype.name)  # its name takes long to make

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

    @contextmanager
    def written(self, equation: Equation) -> Iterator[None]:
        """Lines within the block are written for `equation`."""
        self.maker.update(dict.fromkeys(equation.results, equation))
        around = self.path
        self.path = (*around, equation)
        yield
        self.path = around

    def line(self, text: str) -> None:
        self.section.add(f"{self.indent}{text}", self.path)

    @contextmanager
    def part(self, arguments: Iterable[str]) -> Iterator[str]:
        """Lines within the block are those of a function of their own, of the `arguments` that they name; its name."""
        name, outer = self.fresh("part"), self.section
        self.section, before = _Section(f"def {name}({', '.join(arguments)}):"), self.indent
        self.indent = ""
        yield name
        self.end(())
        if not self.section.lines:
            self.line("pass")
        self.sections.append(self.section)
        self.section, self.indent = outer, before

    @contextmanager
    def loop(
        self, variables: Sequence[str], over: Sequence[str], bound: Iterable[tuple[str, str]] = ()
    ) -> Iterator[None]:
        """Lines within the block run for each of the elements, side by side, of what is gone `over`; first of all,
        variables are `bound` to expressions."""
        zipped = over[0] if len(over) == 1 else f"zip({', '.join(over)})"
        self.line(f"for {', '.join(variables)} in {zipped}:")
        self.indent += "    "
        for variable, expression in bound:
            self.line(f"{variable} = {expression}")
        yield
        self.indent = self.indent[:-4]

    def define(self, expression: str, *, of: str, contiguous: bool = False, copies: int = 0) -> str:
        """A variable for `expression`, a view of the variable `of`; made once where that one stays in place, unless it
        `copies` so many bytes, perhaps: parameters it need not as a rule."""
        if of in self.fixed and not copies:
            name = self.once(expression)
        else:
            name = self.fresh("v")
            self.line(f"{name} = {expression}")
            if copies >= LARGE and not of.startswith("p"):
                self.let_go.add(name)
            self.showing(name, of)
        if contiguous:
            self.contiguous.add(name)
        return name

    def shaped(self, name: str, value: Value, shape: tuple[int, ...]) -> str:
        """A view in another shape of the contiguous array of `value`; itself where it has that shape."""
        if value.type.static_shape() == shape:
            return name
        return self.define(f"{name}.reshape({shape})", of=name, contiguous=True)

    def showing(self, name: str, of: str) -> None:
        """The variable `name` shows what the variable `of` does."""
        if of in self.let_go:
            self.let_go.add(name)

    def made(self, value: Value) -> str:
        """A variable for `value`, which a kernel makes."""
        name = self.full[value] = self.fresh("v")
        if value.type.bytes() >= LARGE:
            self.let_go.add(name)
        return name

    def room_begin(self, equation: Equation) -> int:
        """Where the room in the arena begins that an equation has while it runs."""
        slot = self.scratch.get(equation)
        return slot.offset if slot is not None else 0

    def place(self, offset: int, shape: tuple[int, ...], dtype: np.dtype[Any]) -> str:
        """A name for an array in the arena."""
        where = f"{offset}, {shape}, {self.dtype(dtype)}"
        name = self.once(f"{self.constant(array_at, 'array_at')}(arena, {where})")
        self.contiguous.add(name)
        return name

    def room(self, equation: Equation, dtype: np.dtype[Any]) -> str:
        """A name for the extra room that an equation was planned, as elements of `dtype`."""
        slot = self.scratch.get(equation)
        size = slot.size // dtype.itemsize if slot is not None else 0
        return self.place(self.room_begin(equation), (size,), dtype)

    def once(self, expression: str) -> str:
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
            self.full[value] = self.place(slot.offset, value.type.static_shape(), value.dtype.numpy)
        elif value in self._outputs:
            self.full[value] = self._outputs[value]
        else:
            empty = self.constant(filled if self.checked else np.empty, "empty")
            dtype = self.dtype(value.dtype.numpy)
            name = self.fresh("o")
            self.line(f"{name} = {empty}({value.type.static_shape()}, {dtype})")
            self.full[value] = name
            self.contiguous.add(name)
        return self.full[value]

    def fill(self, slot: Slot) -> None:
        """In a checked program, fills a piece of the arena, which holds no value here."""
        if self.checked and slot.size:
            self.line(f"{self.once(f'arena[{slot.offset}:{slot.offset + slot.size}]')}.fill({BYTE})")

    def fill_targets(self, equation: Equation) -> None:
        """In a checked program, fills the donated parameters that an equation writes results into and does not read."""
        if not self.checked or self._donated.keys().isdisjoint(equation.results):
            return
        read = set(map(self._shown, equation.operands))
        for result in equation.results:
            parameter = self._donated.get(result)
            if parameter is not None and parameter not in read:
                self.line(f"{self.constant(fill, 'fill')}({self.full[parameter]})")

    def _shown(self, value: Value) -> Value:
        """The value whose memory a view shows."""
        while (made := self.maker.get(value)) is not None and made.op in VIEWS:
            value = made.operands[0]
        return value

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
            self._donated[self.function.results[result]] = self.function.parameters[parameter]

    def literal(self, equation: Equation) -> None:
        """A constant: an array that the source refers to, a scalar as an array of no axes."""
        value: Constant = equation.attributes["value"]
        name = self.constant(value.array, f"c{len(self.constants)}")
        self.full[equation.results[0]] = name
        self.fixed.add(name)
        self.contiguous.add(name)

    def end(self, results: Iterable[str]) -> None:
        """Lets go of memory that is not the arena's behind the last line that names it, but for `results`."""
        last = {name: number for number, line in enumerate(self.section.lines) for name in _VARIABLE.findall(line)}
        kept = set(_VARIABLE.findall(" ".join(results)))
        over: dict[int, list[str]] = {}
        for name in sorted(self.let_go & last.keys() - kept, key=lambda name: (last[name], name)):
            over.setdefault(last[name], []).append(name)
        lines, paths = self.section.lines, self.section.paths
        self.section.lines, self.section.paths = [], []
        waiting: list[str] = []
        before: Path = ()
        for number, (line, path) in enumerate(zip(lines, paths, strict=True)):
            if waiting and not line.startswith(" "):  # behind a loop
                self.section.add(f"del {', '.join(waiting)}", before)
                waiting = []
            self.section.add(line, path)
            before = path
            waiting += over.get(number, ())
        if waiting:
            self.section.add(f"del {', '.join(waiting)}", before)

    # -- text ----

    def source(self, results: Sequence[str], *, comments: bool = False) -> str:
        """The whole text; with `comments`, what each line computes and for which line of the user's."""
        return "\n".join([*(line for piece in self._pieces(results, comments) for line in piece), ""])

    def compiled(self, results: Sequence[str], file: str) -> list[CodeType]:
        """The text as code, in pieces to be run one after another, their lines those of the text: Python takes a
        hundred times the memory of a text to compile it."""
        codes: list[CodeType] = []
        above = 0
        for piece in self._pieces(results, comments=False):
            text = "\n".join(piece)
            codes.append(compile("\n" * above + text, file, "exec"))
            above += len(piece)
        return codes

    def _pieces(self, results: Sequence[str], comments: bool) -> Iterator[list[str]]:
        """The lines of the text: those of the setup, some at a time, and of each section."""
        for first in range(0, len(self.setup), TOGETHER):
            yield self.setup[first : first + TOGETHER]
        for section in self._all_sections():
            lines = [section.head]
            if comments:
                if section is self.section:
                    names = "".join(f"  p{n} = {_described(p)}" for n, p in enumerate(self.function.parameters))
                    lines[-1] += f"  #{names}" if names else ""
                width = max((len(line) for line in section.lines if len(line) < 80), default=0) + 4
                for line, path in zip(section.lines, section.paths, strict=True):
                    comment = f"  # {_comment(path[-1])}" if path else ""
                    lines.append(f"    {line.ljust(width - 4)}{comment}".rstrip())
            else:
                lines.extend(f"    {line}" for line in section.lines)
            if section is self.section:
                lines.append(f"    return ({''.join(f'{text}, ' for text in results)})")
            yield lines

    def equation_at(self, line: int) -> Equation | None:
        """The equation behind a line of the source, counted from 1."""
        place = line - len(self.setup) - 1
        for section in self._all_sections():
            if place <= len(section.lines):
                return section.paths[place - 1][-1] if place > 0 and section.paths[place - 1] else None
            place -= len(section.lines) + 1
        return None

    def _all_sections(self) -> list[_Section]:
        self.section.head = f"def run({', '.join(f'p{number}' for number in range(len(self.function.parameters)))}):"
        return [*self.sections, self.section]


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
