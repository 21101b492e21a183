"""The kinds of attribute an op may have. The annotation in its type rule picks the kind.

kind        annotation in the type rule       in the text of the IR
int         int                               3
bool        bool                              true
choice      Literal["sum", "max"]             sum
string      str                               "nc,oi->nc"
dtype       DType                             f32
dim         Dim                               2*batch+1
shape       Shape                             [batch, 784]
ints        Axes                              [0, 2]
pairs       Pairs                             [[0, 1], [2, 3]]
types       Types                             [f32[batch], i32[]]
optional    int | None                        none
constant    Constant                          f32[2] [0.5, 1.0]   f32[9,9] 0.0   f32[5000] data "9f3c..."
function    Function, Function | None         func @body(%x: f32[]) -> (f32[]) { ... }
host        HostFunction                      host "print#1"
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from .constant import Constant
from .dimensions import Dim, Dimension, Shape
from .dtypes import DType
from .function import Function, HostFunction
from .types import TensorType

Axes = tuple[int, ...]
Pairs = tuple[tuple[int, int], ...]
Types = tuple[TensorType, ...]

KindName = Literal[
    "int", "bool", "choice", "string", "dtype", "dim", "shape", "ints", "pairs",
    "types", "optional", "constant", "function", "host",
]  # fmt: skip


class _Required:
    def __repr__(self) -> str:
        return "required"


REQUIRED = _Required()  # the default of an attribute that has none


@dataclass(frozen=True, slots=True)
class Attribute:
    """The declaration of one attribute: its kind, default (or REQUIRED) and, for a choice, its words."""

    name: str
    kind: KindName
    default: Any = REQUIRED
    choices: tuple[str, ...] = ()

    @property
    def described(self) -> str:
        """What a value must be, for errors: `a sequence of integers`."""
        return f"one of {', '.join(self.choices)}" if self.kind == "choice" else _DESCRIBED[self.kind]

    def coerce(self, value: Any) -> Any:
        """`value` as the kind keeps it: lists become tuples, numpy's integers Python's. Raises TypeError."""
        if self.kind == "choice":
            if value not in self.choices:
                raise TypeError(f"{self.name} is {value!r} but must be {self.described}")
            return value
        if value is None and self.default is None and self.kind == "function":
            return None
        try:
            return _COERCE[self.kind](value)
        except TypeError:
            raise TypeError(f"{self.name} is {value!r} but must be {self.described}") from None
        except OverflowError:
            raise TypeError(f"{self.name} is {value!r} but must fit in 64 bits") from None


def declare(name: str, annotation: Any, default: Any) -> Attribute:
    """The attribute that a keyword-only parameter of a type rule declares. Raises TypeError."""
    if get_origin(annotation) is Literal:
        return Attribute(name, "choice", default, get_args(annotation))
    kind = _KIND_OF.get(annotation)
    if kind is None:
        raise TypeError(f"{name} is annotated {annotation!r} but must be a kind listed in {__name__}")
    return Attribute(name, kind, default)


def _int(value: Any) -> int:
    if isinstance(value, bool):
        raise TypeError
    number = operator.index(value)
    if not -(2**63) <= number < 2**63:
        raise OverflowError
    return number


def _dim(value: Any) -> Dim:
    return value if isinstance(value, Dimension) else _int(value)


def _pairs(value: Any) -> Pairs:
    pairs = tuple(tuple(_int(number) for number in pair) for pair in value)
    if any(len(pair) != 2 for pair in pairs):
        raise TypeError
    return pairs  # pyright: ignore[reportReturnType]


def _instance(cls: type) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if not isinstance(value, cls):
            raise TypeError
        return value

    return check


def _types(value: Any) -> Types:
    types = tuple(value)
    if not all(isinstance(item, TensorType) for item in types):
        raise TypeError
    return types


_COERCE: dict[KindName, Callable[[Any], Any]] = {
    "int": _int,
    "bool": _instance(bool),
    "string": _instance(str),
    "dtype": _instance(DType),
    "dim": _dim,
    "shape": lambda value: tuple(_dim(item) for item in value),
    "ints": lambda value: tuple(_int(item) for item in value),
    "pairs": _pairs,
    "types": _types,
    "optional": lambda value: None if value is None else _int(value),
    "constant": _instance(Constant),
    "function": _instance(Function),
    "host": _instance(HostFunction),
}

_KIND_OF: dict[Any, KindName] = {
    int: "int",
    bool: "bool",
    str: "string",
    DType: "dtype",
    Dim: "dim",
    Shape: "shape",
    Axes: "ints",
    Pairs: "pairs",
    Types: "types",
    int | None: "optional",
    Constant: "constant",
    Function: "function",
    Function | None: "function",
    HostFunction: "host",
}

_DESCRIBED: dict[KindName, str] = {
    "int": "an integer",
    "bool": "true or false",
    "string": "a string",
    "dtype": "a dtype",
    "dim": "a dimension",
    "shape": "a shape",
    "ints": "a sequence of integers",
    "pairs": "a sequence of pairs of integers",
    "types": "a sequence of tensor types",
    "optional": "an integer or none",
    "constant": "a constant",
    "function": "a function",
    "host": "a host function",
}
