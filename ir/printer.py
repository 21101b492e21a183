r"""The text of the IR: `print_function` writes what `parse` reads.

    function  = "func" "@" name "(" [ binder { "," binder } ] ")" "->" "(" [ type { "," type } ] ")" "{"
                { equation } "return" [ value { "," value } ] "}" ;
    equation  = [ binder { "," binder } "=" ] op [ value { "," value } ] [ "{" attribute { "," attribute } "}" ] ;
    binder    = value ":" type ;
    attribute = word "=" ( integer | word | string | dimension | integers | pairs | dimensions | types
                         | constant | function | host ) ;                    (* which of them, the op declares *)
    integers  = "[" [ integer { "," integer } ] "]" ;
    pairs     = "[" [ integers { "," integers } ] "]" ;                      (* of two integers each *)
    dimensions = "[" [ dimension { "," dimension } ] "]" ;
    types     = "[" [ type { "," type } ] "]" ;
    host      = "host" string ;
    constant  = type ( list | element | "data" string ) ;                    (* one element stands for all *)
    list      = "[" [ item { "," item } ] "]" ;      item = list | element ; (* "[]" where there is no element *)
    element   = part | "(" part "," part ")" ;                               (* real and imaginary part *)
    part      = integer | float | "inf" | "-inf" | "nan" | "nan(0x" hexdigits ")" | "true" | "false" ;
    type      = dtype "[" [ dimension { "," dimension } ] "]" ;
    dimension = [ "-" ] term { ( "+" | "-" ) term } ;
    term      = power { "*" power } ;                power = factor [ "^" integer ] ;
    factor    = integer | word | "(" dimension ")" | "floordiv" "(" dimension "," dimension ")" ;
    value     = "%" ( plain | digits ) ;             name = plain | string ;
    plain     = letter { letter | digit | "." } { "/" ( letter | digit | "." ) { letter | digit | "." } } ;
    op        = word ;                               word = letter { letter | digit } ;   (* "_" is a letter *)
    integer   = [ "-" ] digits ;                     digits = digit { digit } ;
    float     = integer [ "." digits ] [ ( "e" | "E" ) [ "+" | "-" ] digits ] ;

Letters and digits are ASCII's; a string is JSON's. Blanks, line ends and comments, from `//` to the end of the line,
may stand between any two tokens. A value, the `@` and name of a function, a type and a dimension are one token each;
blanks may stand inside the last two. A comment `// file:line` right after an equation, on its last line, is its
location; the file is a string where it must be.

A value is defined once, before its use; a nested function sees its own parameters only. Values named by digits have
no name. Attributes that equal their default are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np

from .attributes import Attribute, KindName
from .constant import Constant
from .errors import VerificationError
from .function import Equation, Function
from .limits import INLINE_ELEMENTS, MAX_DEPTH
from .literal import part_text
from .names import ValueNames, function_label, location_label, quoted
from .packing import Packer
from .types import shape_text

Locations = bool | Literal["full"]

_WIDEST_BINDER = 48  # characters: wider ones stand out rather than push every `=` to the right
_WIDEST_LINE = 110  # the same for comments


def print_function(
    function: Function, *, locations: Locations = False, inline_elements: int | None = INLINE_ELEMENTS
) -> str:
    """The text of `function`, without a line end after it.

    `locations` adds where each equation was made: True the file's name and line, "full" with its folders. A constant
    of more than `inline_elements` elements becomes a hash, whose array `function_data` gives; None writes out all.
    """
    return "\n".join(_Printer(locations, Packer(inline_elements)).function(function, "", 1))


def print_equation(equation: Equation, names: ValueNames) -> str:
    """One equation in one line, its nested functions by their names alone."""
    left = ", ".join(f"%{names[result]}: {result.type}" for result in equation.results)
    operands = ", ".join(f"%{names[operand]}" for operand in equation.operands)
    attributes = print_attributes(equation)
    right = " ".join(part for part in (equation.op.name, operands, f"{{{attributes}}}" * bool(attributes)) if part)
    return f"{left} = {right}" if left else right


def print_attributes(equation: Equation) -> str:
    """The attributes that are not their default, nested functions by their names alone."""
    printer = _Printer(False, Packer(INLINE_ELEMENTS))
    attributes: list[str] = []
    for name, attribute in equation.op.attributes.items():
        value = equation.attributes[name]
        if isinstance(value, Function):
            attributes.append(f"{name}={function_label(value.name)}")
        elif value != attribute.default:
            attributes.append(f"{name}={printer.attribute(attribute, value)}")
    return ", ".join(attributes)


def function_data(
    function: Function, *, inline_elements: int | None = INLINE_ELEMENTS
) -> dict[str, np.ndarray[Any, Any]]:
    """The arrays that `print_function` with the same `inline_elements` leaves out, by their hash."""
    packer = Packer(inline_elements)
    _Printer(False, packer).function(function, "", 1)
    return packer.data


class _Printer:
    def __init__(self, locations: Locations, packer: Packer) -> None:
        self.locations = locations
        self.packer = packer

    def function(self, function: Function, indent: str, depth: int) -> list[str]:
        """The lines of a function; all but the first begin with `indent`."""
        if depth > MAX_DEPTH:
            raise VerificationError(function_label(function.name)[1:], [f"functions nest deeper than {MAX_DEPTH}"])
        names = ValueNames(function)
        parameters = ", ".join(f"%{names[value]}: {value.type}" for value in function.parameters)
        results = ", ".join(map(str, function.result_types))
        returned = "".join(f"{',' if index else ''} %{names[value]}" for index, value in enumerate(function.results))
        return [
            f"func {function_label(function.name)}({parameters}) -> ({results}) {{",
            *self.equations(function.equations, names, indent + "  ", depth),
            f"{indent}  return{returned}",
            f"{indent}}}",
        ]

    def equations(self, equations: Sequence[Equation], names: ValueNames, indent: str, depth: int) -> list[str]:
        binders = [", ".join(f"%{names[result]}: {result.type}" for result in e.results) for e in equations]
        width = max((len(binder) for binder in binders if len(binder) <= _WIDEST_BINDER), default=0)
        blocks: list[list[str]] = []
        for equation, binder in zip(equations, binders, strict=True):
            left = f"{binder.ljust(width)} = " if binder else ""
            blocks.append(self.equation(equation, names, indent, left, depth))
        if self.locations:
            self.comment(equations, blocks)
        return [line for block in blocks for line in block]

    def equation(self, equation: Equation, names: ValueNames, indent: str, left: str, depth: int) -> list[str]:
        """The lines of an equation: one, or with nested functions one a line of theirs and two around them."""
        operands = "".join(f"{',' if index else ''} %{names[value]}" for index, value in enumerate(equation.operands))
        plain: list[str] = []
        nested: list[str] = []
        for name, attribute in equation.op.attributes.items():
            value = equation.attributes[name]
            if isinstance(value, Function):
                lines = self.function(value, indent + "  ", depth + 1)
                nested += [f"{indent}  {name}={lines[0]}", *lines[1:-1], f"{lines[-1]},"]
            elif value != attribute.default:
                plain.append(f"{name}={self.attribute(attribute, value)}")
        first = f"{indent}{left}{equation.op.name}{operands}"
        if nested:
            nested[-1] = nested[-1].removesuffix(",")
            return [f"{first} {{{', '.join(plain)}{',' if plain else ''}", *nested, f"{indent}}}"]
        return [f"{first} {{{', '.join(plain)}}}" if plain else first]

    def comment(self, equations: Sequence[Equation], blocks: list[list[str]]) -> None:
        """Adds the locations, in one column where the lines leave room."""
        lengths = [len(block[0]) for block in blocks if len(block) == 1 and len(block[0]) <= _WIDEST_LINE]
        column = max(lengths, default=0)
        for equation, block in zip(equations, blocks, strict=True):
            if equation.location is not None:
                label = location_label(equation.location, full=self.locations == "full")
                last = block[-1].ljust(column) if len(block) == 1 else block[-1]
                block[-1] = f"{last}  // {label}"

    def attribute(self, attribute: Attribute, value: Any) -> str:
        return self.constant(value) if attribute.kind == "constant" else _TEXT[attribute.kind](value)

    def constant(self, constant: Constant) -> str:
        form, parts = self.packer.pack(constant)
        texts = [part_text(part) for part in parts]
        if form == "data":
            return f"{constant.type} data {quoted(texts[0])}"
        if constant.type.dtype.is_complex:
            texts = [f"({real}, {imag})" for real, imag in zip(texts[::2], texts[1::2], strict=True)]
        if form == "splat":
            return f"{constant.type} {texts[0]}"
        return f"{constant.type} {_nested(texts, constant.array.shape)}"


def _nested(texts: list[str], shape: tuple[int, ...]) -> str:
    """Row-major `texts` in brackets, one level an axis."""
    if not texts:
        return "[]"
    for size in reversed(shape):
        texts = [_list(texts[start : start + size]) for start in range(0, len(texts), size)]
    return texts[0]


def _list(texts: Sequence[str]) -> str:
    return f"[{', '.join(texts)}]"


_TEXT: dict[KindName, Callable[[Any], str]] = {
    "int": str,
    "bool": part_text,
    "choice": str,
    "string": quoted,
    "dtype": str,
    "dim": lambda value: shape_text((value,)),
    "shape": lambda value: _list([shape_text((dim,)) for dim in value]),
    "ints": lambda value: _list([str(number) for number in value]),
    "pairs": lambda value: _list([_list([str(number) for number in pair]) for pair in value]),
    "types": lambda value: _list([str(type) for type in value]),
    "optional": lambda value: "none" if value is None else str(value),
    "host": lambda value: f"host {quoted(value.name)}",
}
