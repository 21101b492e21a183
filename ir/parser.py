"""Reads the text of the IR, whose grammar stands at the head of `printer.py`. Nothing in it is ever executed.

Text may come from anywhere: whatever it holds, it becomes a verified function or one clear error, in time and memory
linear in its length. The caps are those of `limits.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, TypeVar

from .attributes import Attribute, KindName
from .constant import Constant
from .dimensions import MAX_TEXT as MAX_DIMENSION_TEXT
from .dimensions import Dim
from .dtypes import DTYPES, DType, dtype_named
from .errors import ParseError
from .function import Equation, Function, HostFunction, Value
from .lexer import DECIMALS, ELEMENT, FUNCTION, INTEGER, INTEGERS, TYPE, VALUE, WORD, Lexer
from .limits import MAX_DEPTH, MAX_TEXT
from .literal import Numbers
from .op import Op
from .packing import Unpacker
from .scope import Scope, op_by_name
from .type_text import TypeReader
from .types import TensorType
from .verifier import verify

T = TypeVar("T")

_DTYPE_NAMES = tuple(dtype.name for dtype in DTYPES)


def parse(text: str, *, data: Mapping[str, Any] | None = None) -> Function:
    """The function that `text` holds; `data` has the arrays of constants written as hashes.

    Raises ParseError with line and column where the text is not a program, VerificationError where the program breaks
    a rule that no single place shows.
    """
    if len(text) > MAX_TEXT:
        raise ParseError(f"text has {len(text)} characters but must have at most {MAX_TEXT}")
    parser = _Parser(text, data)
    function = parser.function()
    if not parser.lexer.at_end():
        raise parser.lexer.expected("the end of the text")
    verify(function)
    return function


class _Parser:
    """Recursive descent; only nested functions recurse, and their depth is capped."""

    def __init__(self, text: str, data: Mapping[str, Any] | None) -> None:
        self.lexer = Lexer(text)
        self.types = TypeReader()
        self.constants = Unpacker(data)
        self.depth = 0

    def function(self, attribute: Attribute | None = None) -> Function:
        lexer = self.lexer
        if not lexer.accept_word("func"):
            raise lexer.expected(self.wanted(attribute) if attribute else "'func'")
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise lexer.error(f"functions nest deeper than {MAX_DEPTH}")
        name = lexer.require(FUNCTION, "a function's name such as @main") or lexer.string("a function's name")
        scope = Scope()
        lexer.expect("(")
        parameters = tuple(self.define(scope, *binder) for binder in self.listed(self.binder, ")"))
        lexer.expect("->")
        declared_at = lexer.position
        lexer.expect("(")
        declared = tuple(self.listed(self.type, ")"))
        lexer.expect("{")
        equations = self.equations(scope)
        function = Function(name, parameters, equations, tuple(self.operands(scope)))
        lexer.expect("}")
        if function.result_types != declared:
            given, found = (", ".join(map(str, types)) for types in (declared, function.result_types))
            raise lexer.error(f"result types are ({given}) but must be ({found}), as returned", declared_at)
        self.depth -= 1
        return function

    def define(self, scope: Scope, at: int, name: str, type: TensorType) -> Value:
        return self.placed(at, lambda: scope.value(name, type))

    def equations(self, scope: Scope) -> tuple[Equation, ...]:
        """All equations up to and with the word `return`."""
        found: list[Equation] = []
        lexer = self.lexer
        while True:
            binders: list[tuple[int, str, TensorType]] = []
            if lexer.text.startswith("%", lexer.position):
                binders.append(self.binder())
                while lexer.accept(","):
                    binders.append(self.binder())
                lexer.expect("=")
            at = lexer.position
            word = lexer.require(WORD, "an op" if binders else "an equation or 'return'")
            if word == "return" and not binders:
                return tuple(found)
            try:
                op = op_by_name(word)
            except ParseError as error:
                raise lexer.error(error.message, at, hint=error.hint) from None
            operands = self.operands(scope)
            attributes = self.attributes(op) if lexer.accept("{") else {}
            location = lexer.location()
            try:
                found.append(scope.equation(op, operands, attributes, [binder[1:] for binder in binders], location))
            except ParseError as error:
                raise lexer.error(error.message, binders[0][0] if binders else at, hint=error.hint) from None

    def binder(self) -> tuple[int, str, TensorType]:
        """Position, name and type."""
        at = self.lexer.position
        name = self.lexer.require(VALUE, "a value such as %x")
        self.lexer.expect(":")
        return at, name, self.type()

    def operands(self, scope: Scope) -> list[Value]:
        values: list[Value] = []
        lexer = self.lexer
        while True:
            at = lexer.position
            name = lexer.take(VALUE)
            if name is None:
                if values:
                    raise lexer.expected("a value such as %x")
                return values
            try:
                values.append(scope.lookup(name))
            except ParseError as error:
                raise lexer.error(error.message, at, hint=error.hint) from None
            if not lexer.accept(","):
                return values

    def attributes(self, op: Op) -> dict[str, Any]:
        """What stands after `{`, and the `}`."""
        values: dict[str, Any] = {}
        lexer = self.lexer
        while True:
            at = lexer.position
            name = lexer.require(WORD, "an attribute's name")
            attribute = op.attributes.get(name)
            if attribute is None:
                known = ", ".join(op.attributes) or "none"
                raise lexer.error(f"{op.name}: attribute {name} is unknown, its attributes are: {known}", at)
            if name in values:
                raise lexer.error(f"{op.name}: attribute {name} is given twice", at)
            lexer.expect("=")
            values[name] = _READ[attribute.kind](self, attribute)
            if not lexer.accept(","):
                lexer.expect("}")
                return values

    # -- pieces ----

    def placed(self, at: int, read: Callable[[], T]) -> T:
        """What `read` gives; its ParseError is said to be at position `at`."""
        try:
            return read()
        except ParseError as error:
            raise self.lexer.error(error.message, at, hint=error.hint) from None

    def listed(self, item: Callable[[], T], close: str) -> list[T]:
        """Items between commas up to and with `close`."""
        items: list[T] = []
        if self.lexer.accept(close):
            return items
        while True:
            items.append(item())
            if not self.lexer.accept(","):
                self.lexer.expect(close)
                return items

    def type(self) -> TensorType:
        at = self.lexer.position
        text = self.lexer.require(TYPE, "a type such as f32[2,batch]")
        try:
            return self.types.type(text)
        except ParseError as error:
            raise self.lexer.error(error.message, at, hint=error.hint) from None

    # -- attribute values, by kind ----

    def wanted(self, attribute: Attribute) -> str:
        return f"{attribute.name}, {attribute.described},"

    def integer(self, attribute: Attribute) -> int:
        at = self.lexer.position
        digits = self.lexer.require(INTEGER, self.wanted(attribute))
        if len(digits) > 20:
            raise self.lexer.error(f"{attribute.name} has {len(digits)} digits but must fit in 64 bits", at)
        return int(digits)

    def optional(self, attribute: Attribute) -> int | None:
        return None if self.lexer.accept_word("none") else self.integer(attribute)

    def word(self, attribute: Attribute, known: Sequence[str]) -> str:
        word = self.lexer.peek(WORD)
        if word is None or word not in known:
            near = get_close_matches(word[:64], known, n=1) if word else []
            raise self.lexer.expected(self.wanted(attribute), hint=near[0] if near else None)
        self.lexer.accept(word)
        return word

    def boolean(self, attribute: Attribute) -> bool:
        return self.word(attribute, ("true", "false")) == "true"

    def choice(self, attribute: Attribute) -> str:
        return self.word(attribute, attribute.choices)

    def dtype(self, attribute: Attribute) -> DType:
        return dtype_named(self.word(attribute, _DTYPE_NAMES))

    def string(self, attribute: Attribute) -> str:
        return self.lexer.string(self.wanted(attribute))

    def host(self, attribute: Attribute) -> HostFunction:
        if not self.lexer.accept_word("host"):
            raise self.lexer.expected(self.wanted(attribute))
        return HostFunction(self.lexer.string("a host function's name"))

    def dimension(self, attribute: Attribute) -> Dim:
        at = self.lexer.position
        text = self.lexer.dimension(MAX_DIMENSION_TEXT)
        try:
            return self.types.dimension(text)
        except ParseError as error:
            raise self.lexer.error(error.message, at, hint=error.hint) from None

    def sequence(self, attribute: Attribute, item: Callable[[], T]) -> tuple[T, ...]:
        if not self.lexer.accept("["):
            raise self.lexer.expected(self.wanted(attribute))
        return tuple(self.listed(item, "]"))

    def integers(self, attribute: Attribute) -> tuple[int, ...]:
        row = self.lexer.take(INTEGERS)  # what lists are, but for blanks and comments in odd places
        if row is not None:
            return tuple(map(int, row.split(",")))
        return self.sequence(attribute, lambda: self.integer(attribute))

    def pairs(self, attribute: Attribute) -> tuple[tuple[int, ...], ...]:
        return self.sequence(attribute, lambda: self.integers(attribute))

    def shape(self, attribute: Attribute) -> tuple[Dim, ...]:
        return self.sequence(attribute, lambda: self.dimension(attribute))

    def type_list(self, attribute: Attribute) -> tuple[TensorType, ...]:
        return self.sequence(attribute, self.type)

    # -- constants ----

    def constant(self, attribute: Attribute) -> Constant:
        """One of the three forms: the hash of its data, nested lists of elements, one element for all."""
        lexer = self.lexer
        at = lexer.position
        type = self.type()
        numbers = self.placed(at, lambda: self.constants.begin(type))
        if lexer.accept_word("data"):
            name = lexer.string("the hash of the data")
            return self.placed(at, lambda: self.constants.data(type, name))
        if type.shape and lexer.text.startswith("[", lexer.position):
            self.elements(type.static_shape(), numbers)
            return self.placed(at, lambda: self.constants.inline(type, numbers))
        self.element(numbers)
        make = self.constants.splat if type.shape else self.constants.inline
        return self.placed(at, lambda: make(type, numbers))

    def elements(self, shape: tuple[int, ...], numbers: Numbers) -> None:
        """Nested lists, one level an axis, of the lengths that `shape` says; `[]` where there is no element."""
        lexer = self.lexer
        if 0 in shape:
            lexer.expect("[")
            lexer.expect("]")
            return
        counts: list[int] = []  # of items so far, one for each list that is open
        while True:
            if len(counts) == len(shape) - 1 and self.row(numbers, shape):
                pass
            elif len(counts) < len(shape):
                lexer.expect("[")
                counts.append(0)
                continue
            else:
                self.element(numbers)
            while counts:  # an item has ended; after `,` comes another, after `]` the list around it has one more
                counts[-1] += 1
                if lexer.accept(","):
                    break
                at = lexer.position
                lexer.expect("]")
                self.check_length(len(counts) - 1, shape, counts.pop(), at)
            if not counts:
                return

    def row(self, numbers: Numbers, shape: tuple[int, ...]) -> bool:
        """Takes an innermost list of plain numbers in one step, which is ten times faster; False where none is here."""
        lexer = self.lexer
        dtype = numbers.dtype
        pattern = INTEGERS if dtype.is_integer else DECIMALS if dtype.is_float else None
        match = pattern.match(lexer.text, lexer.position) if pattern else None
        if match is None:
            return False
        self.check_length(len(shape) - 1, shape, match[1].count(",") + 1, match.end() - 1)
        if not numbers.add_row(match[1]):
            return False
        lexer.move(match.end())
        return True

    def check_length(self, axis: int, shape: tuple[int, ...], count: int, at: int) -> None:
        if count != shape[axis]:
            raise self.lexer.error(f"list along axis {axis} has {count} items but must have {shape[axis]}", at)

    def element(self, numbers: Numbers) -> None:
        if not numbers.dtype.is_complex:
            self.part(numbers)
            return
        self.lexer.expect("(")
        self.part(numbers)
        self.lexer.expect(",")
        self.part(numbers)
        self.lexer.expect(")")

    def part(self, numbers: Numbers) -> None:
        at = self.lexer.position
        text = self.lexer.require(ELEMENT, f"an element of {numbers.dtype}")
        try:
            numbers.add(text)
        except ParseError as error:
            raise self.lexer.error(error.message, at) from None


_READ: dict[KindName, Callable[[_Parser, Attribute], Any]] = {
    "int": _Parser.integer,
    "bool": _Parser.boolean,
    "choice": _Parser.choice,
    "string": _Parser.string,
    "dtype": _Parser.dtype,
    "dim": _Parser.dimension,
    "shape": _Parser.shape,
    "ints": _Parser.integers,
    "pairs": _Parser.pairs,
    "types": _Parser.type_list,
    "optional": _Parser.optional,
    "constant": _Parser.constant,
    "function": _Parser.function,
    "host": _Parser.host,
}
