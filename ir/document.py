"""The JSON form of the IR: `to_json` writes a document, `from_json` reads one that may come from anywhere.

    {"version": 1, "function": FUNCTION}
    FUNCTION  {"name": "main", "parameters": [VALUE, ...], "equations": [EQUATION, ...], "results": [name, ...]}
    VALUE     {"name": "x", "type": "f32[batch,10]"}
    EQUATION  {"results": [VALUE, ...], "op": "add", "operands": [name, ...], "attributes": {...}, "location": LOCATION}
    LOCATION  {"file": "train.py", "line": 11, "source": "y = x + b"}

Names are those of the text form, and so are types, dtypes and dimensions that are not numbers. Attributes that equal
their default, empty attributes and an unknown location are left out. A constant is {"type": "f32[2]"} with one of
"values" (nested lists), "splat" (one element for all) and "data" (the hash of an array kept elsewhere); in it an
infinity or nan is a string, as the text form has it, and a complex element is a list of its two parts. A nested
function is a FUNCTION; a host function is its name.

This module imports pydantic, which takes its time: import it where it is needed only.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any, TypeVar, cast

import numpy as np

from .attributes import KindName
from .constant import Constant
from .dimensions import Dim
from .dtypes import dtype_named
from .errors import ParseError, VerificationError
from .function import Equation, Function, HostFunction
from .limits import INLINE_ELEMENTS, MAX_DEPTH, MAX_STRING, MAX_TEXT
from .literal import Numbers
from .location import Location
from .names import ValueNames, function_label
from .op import Op
from .packing import Packer, Unpacker
from .schema import (
    ConstantModel,
    DocumentModel,
    EquationModel,
    FunctionModel,
    LocationModel,
    attributes_model,
    shown,
    validated,
)
from .scope import Scope, op_by_name
from .type_text import TypeReader
from .types import TensorType, shape_text
from .verifier import verify

VERSION = 1

T = TypeVar("T")

_MOST_NESTED = 4 * MAX_DEPTH + 100  # brackets inside brackets that a document needs at most
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_STRING_OR_BRACKET = re.compile(rf"{_STRING.pattern}|[\[\]{{}}]", re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))

# -- writing ----


def to_json(function: Function, *, inline_elements: int | None = INLINE_ELEMENTS) -> str:
    """The document of `function`, one equation a line. `function_data` with the same `inline_elements` gives the arrays
    of the constants that are left out."""
    fields = DocumentWriter(inline_elements).function(function, 1)
    equations = ",\n".join(json.dumps(equation) for equation in fields.pop("equations"))
    others = ",\n".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in fields.items())
    return f'{{"version": {VERSION}, "function": {{\n{others},\n"equations": [\n{equations}\n]}}}}\n'


def equation_document(equation: Equation, names: ValueNames) -> dict[str, Any]:
    """One equation of a document, its large constants by their hashes."""
    return DocumentWriter(INLINE_ELEMENTS).equation(equation, names, 1)


class DocumentWriter:
    """Writes functions and their parts as JSON has them."""

    def __init__(self, inline_elements: int | None) -> None:
        self.packer = Packer(inline_elements)

    def function(self, function: Function, depth: int) -> dict[str, Any]:
        if depth > MAX_DEPTH:
            raise VerificationError(function_label(function.name)[1:], [f"functions nest deeper than {MAX_DEPTH}"])
        names = ValueNames(function)
        return {
            "name": function.name,
            "parameters": [{"name": names[value], "type": str(value.type)} for value in function.parameters],
            "results": [names[value] for value in function.results],
            "equations": [self.equation(equation, names, depth) for equation in function.equations],
        }

    def equation(self, equation: Equation, names: ValueNames, depth: int) -> dict[str, Any]:
        fields: dict[str, Any] = {
            "results": [{"name": names[value], "type": str(value.type)} for value in equation.results],
            "op": equation.op.name,
            "operands": [names[value] for value in equation.operands],
        }
        attributes = self.attributes(equation, depth)
        if attributes:
            fields["attributes"] = attributes
        if equation.location is not None:
            fields["location"] = _location(equation.location)
        return fields

    def attributes(self, equation: Equation, depth: int) -> dict[str, Any]:
        """Those that are not their default."""
        attributes: dict[str, Any] = {}
        for name, attribute in equation.op.attributes.items():
            value = equation.attributes[name]
            if isinstance(value, Function):
                attributes[name] = self.function(value, depth + 1)
            elif isinstance(value, Constant):
                attributes[name] = self.constant(value)
            elif value != attribute.default:
                attributes[name] = _WRITE[attribute.kind](value)
        return attributes

    def constant(self, constant: Constant) -> dict[str, Any]:
        form, parts = self.packer.pack(constant)
        if form == "data":
            return {"type": str(constant.type), "data": parts[0]}
        elements: list[Any] = list(parts)
        if constant.type.dtype.is_complex:
            elements = [list(pair) for pair in zip(parts[::2], parts[1::2], strict=True)]
        if form == "splat":
            return {"type": str(constant.type), "splat": elements[0]}
        return {"type": str(constant.type), "values": _nested(elements, constant.array.shape)}


def _nested(elements: list[Any], shape: tuple[int, ...]) -> Any:
    if not elements:
        return []
    for size in reversed(shape):
        elements = [elements[start : start + size] for start in range(0, len(elements), size)]
    return elements[0]


def _location(location: Location) -> dict[str, Any]:
    fields: dict[str, Any] = {"file": location.file, "line": location.line}
    source = location.source()
    return {**fields, "source": source[:MAX_STRING]} if source else fields


def _size(dim: Dim) -> int | str:
    return dim if isinstance(dim, int) else shape_text((dim,))


def _same(value: Any) -> Any:
    return value


_WRITE: dict[KindName, Callable[[Any], Any]] = {
    "int": _same,
    "bool": _same,
    "choice": _same,
    "string": _same,
    "dtype": str,
    "dim": _size,
    "shape": lambda value: [_size(dim) for dim in value],
    "ints": _same,
    "pairs": _same,
    "types": lambda value: [str(type) for type in value],
    "optional": _same,
    "host": lambda value: value.name,
}

# -- reading ----


def from_json(text: str, *, data: Mapping[str, Any] | None = None) -> Function:
    """The function of a document; `data` has the arrays of constants given by their hashes.

    Raises ParseError with the place, as line and column or as a path such as function.equations[3].op, where the text
    is not a document; VerificationError where the program breaks a rule that no single place shows.
    """
    return read_document(load_json(text), data=data)


def read_document(raw: Any, *, data: Mapping[str, Any] | None = None) -> Function:
    """As `from_json`, of what `load_json` gives."""
    version = cast(dict[str, Any], raw).get("version") if isinstance(raw, dict) else None
    if type(version) is int and version != VERSION:
        raise ParseError(f"version is {str(version)[:40]} but must be {VERSION}, the one that this diptych reads")
    document = validated(DocumentModel, raw, "")
    function = DocumentReader(Unpacker(data)).function(document.function, "function", 1)
    verify(function)
    return function


def load_json(text: str) -> Any:
    """The JSON that `text` is: strictly, without repeated keys and without nan."""
    if len(text) > MAX_TEXT:
        raise ParseError(f"text has {len(text)} characters but must have at most {MAX_TEXT}")
    _check_depth(text)
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise ParseError(f"text is not JSON: {error.msg}", line=error.lineno, column=error.colno) from None
    except ParseError:
        raise
    except ValueError:  # Python's limit on the digits of an integer
        raise ParseError("text is not a document: it has a number of too many digits") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise ParseError(f"key {name[:40]!r} stands twice in one object")
            seen.add(name)
    return fields


def _no_constant(name: str) -> Any:
    raise ParseError(f'{name} is not JSON: "nan", "inf" and "-inf" are strings')


def _check_depth(text: str) -> None:
    """Raises ParseError where brackets nest deeper than a program's can. What JSON readers do there is up to them."""
    brackets = _STRING.sub("", text).encode("ascii", "replace").translate(None, _NOT_BRACKETS)
    codes = np.frombuffer(brackets, np.uint8)
    depths = np.cumsum(np.where((codes == ord("[")) | (codes == ord("{")), 1, -1))
    if not codes.size or depths.max() <= _MOST_NESTED:
        return
    too_deep = int(np.argmax(depths > _MOST_NESTED))
    place = next(islice((m.start() for m in _STRING_OR_BRACKET.finditer(text) if m[0][0] != '"'), too_deep, None))
    line = text.count("\n", 0, place) + 1
    column = place - text.rfind("\n", 0, place)
    raise ParseError(f"JSON nests deeper than {_MOST_NESTED}", line=line, column=column)


def _placed(path: str, read: Callable[[], T]) -> T:
    """What `read` gives; its ParseError is said to be at `path`."""
    try:
        return read()
    except ParseError as error:
        raise ParseError(f"{path[:200]}: {error.message}", hint=error.hint) from None


class DocumentReader:
    """Makes functions of raw JSON; only nested functions recurse, and their depth is capped."""

    def __init__(self, constants: Unpacker) -> None:
        self.types = TypeReader()
        self.constants = constants

    def function(self, raw: Any, path: str, depth: int) -> Function:
        if depth > MAX_DEPTH:
            raise ParseError(f"{path[:200]}: functions nest deeper than {MAX_DEPTH}")
        model = validated(FunctionModel, raw, path)
        scope = Scope()
        parameters = tuple(
            _placed(f"{path}.parameters[{number}]", lambda value=value: scope.value(value.name, self.type(value.type)))
            for number, value in enumerate(model.parameters)
        )
        equations: list[Equation] = []
        for number, equation in enumerate(model.equations):
            equations.append(self.equation(equation, scope, f"{path}.equations[{number}]", depth))
        results = _placed(f"{path}.results", lambda: tuple(scope.lookup(name) for name in model.results))
        return Function(model.name, parameters, tuple(equations), results)

    def type(self, text: str) -> TensorType:
        """The type of this text."""
        return self.types.type(text)

    def equation(self, raw: Any, scope: Scope, path: str, depth: int) -> Equation:
        model = validated(EquationModel, raw, path)
        op = _placed(path, lambda: op_by_name(model.op))
        attributes = self.attributes(op, model.attributes, path, depth)

        def build() -> Equation:
            operands = [scope.lookup(name) for name in model.operands]
            results = [(value.name, self.type(value.type)) for value in model.results]
            return scope.equation(op, operands, attributes, results, _read_location(model.location))

        return _placed(path, build)

    def attributes(self, op: Op, raw: dict[str, Any], path: str, depth: int) -> dict[str, Any]:
        """The attributes that are given."""
        values: dict[str, Any] = {}
        if not raw:
            return values
        for name in raw:
            if name not in op.attributes:
                known = ", ".join(op.attributes) or "none"
                raise ParseError(f"{path}: {op.name}: attribute {name[:64]} is unknown, its attributes are: {known}")
        model = validated(attributes_model(op), raw, f"{path}.attributes")
        for name in raw:
            kind, value, place = op.attributes[name].kind, getattr(model, name), f"{path}.attributes.{name}"
            if kind == "function":
                values[name] = self.function(value, place, depth + 1)
            elif kind == "constant":
                values[name] = _placed(place, lambda value=value: self.constant(value))
            elif kind in ("dim", "shape", "types"):
                values[name] = _placed(place, lambda kind=kind, value=value: self.sizes(kind, value))
            else:
                values[name] = _READ[kind](value)
        return values

    def sizes(self, kind: KindName, value: Any) -> Any:
        """A dimension, a shape, or types."""
        if kind == "dim":
            return self.dimension(value)
        return tuple(self.dimension(item) if kind == "shape" else self.type(item) for item in value)

    def dimension(self, value: int | str) -> Dim:
        return value if isinstance(value, int) else self.types.dimension(value)

    def constant(self, model: ConstantModel) -> Constant:
        type = self.types.type(model.type)
        numbers = self.constants.begin(type)
        given = [name for name in ("values", "splat", "data") if name in model.model_fields_set]
        if len(given) != 1:
            found = " and ".join(given) or "none"
            raise ParseError(f"constant has {found} but must have one of values, splat and data")
        if given == ["data"]:
            return self.constants.data(type, model.data or "")
        if given == ["splat"]:
            _gather([model.splat], numbers)
            return self.constants.splat(type, numbers)
        _gather(_flat(model.values, type.static_shape()), numbers)
        return self.constants.inline(type, numbers)


def _flat(values: Any, shape: tuple[int, ...]) -> list[Any]:
    """The elements of nested lists of the lengths that `shape` says; of an empty list where there is no element."""
    level: list[Any] = [values]
    for axis, size in enumerate((0,) if 0 in shape else shape):
        following: list[Any] = []
        for item in level:
            if not isinstance(item, list):
                raise ParseError(f"an element stands along axis {axis} but must be a list {size} long")
            items = cast(list[Any], item)
            if len(items) != size:
                raise ParseError(f"list along axis {axis} has {len(items)} items but must have {size}")
            following.extend(items)
        level = following
    return level


def _gather(elements: list[Any], numbers: Numbers) -> None:
    if numbers.dtype.is_complex:
        elements = _flat(elements, (len(elements), 2))
    for element in elements:
        numbers.add(_element_text(element))


def _element_text(element: Any) -> str:
    """A part of an element as the text form has it."""
    if isinstance(element, bool):
        return "true" if element else "false"
    if isinstance(element, str) and element.removeprefix("-")[:3] in ("inf", "nan"):
        return element
    if isinstance(element, float) and math.isfinite(element):
        return repr(element)
    if isinstance(element, int) and -(10**40) < element < 10**40:
        return str(element)
    found = "out of range" if isinstance(element, float) else shown(element)
    raise ParseError(f"element is {found} but must be a number, true, false, or a string such as 'inf'")


def _read_location(model: LocationModel | None) -> Location | None:
    return None if model is None else Location(model.file, model.line, model.source)


_READ: dict[KindName, Callable[[Any], Any]] = {
    "int": _same,
    "bool": _same,
    "choice": _same,
    "string": _same,
    "dtype": dtype_named,
    "ints": tuple,
    "pairs": lambda value: tuple(tuple(pair) for pair in value),
    "optional": _same,
    "host": HostFunction,
}
