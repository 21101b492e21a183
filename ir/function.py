"""Values, equations and functions: what a program of the language is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .dimensions import Shape
from .dtypes import DType
from .fingerprint import fingerprint
from .location import Location
from .types import TensorType

if TYPE_CHECKING:
    from .op import Op


class HostFunction:
    """A Python callable that a `host_call` runs. Equal by name, which is unique in its process.

    Text and JSON carry the name only: what is read back cannot be run until `function` is set.
    """

    __slots__ = ("function", "name")

    def __init__(self, name: str, function: Callable[..., Any] | None = None) -> None:
        self.name = name
        self.function = function

    def __eq__(self, other: object) -> bool:
        return isinstance(other, HostFunction) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"HostFunction({self.name})"


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """A parameter or the result of an equation. Identity is the object; `name` is a hint for people."""

    type: TensorType
    name: str | None = None

    @property
    def dtype(self) -> DType:
        return self.type.dtype

    @property
    def shape(self) -> Shape:
        return self.type.shape

    @property
    def rank(self) -> int:
        return len(self.type.shape)


@dataclass(frozen=True, slots=True, eq=False)
class Equation:
    """`results = op operands {attributes}`. Attributes are complete and in the type rule's order."""

    op: Op
    operands: tuple[Value, ...]
    attributes: Mapping[str, Any]
    results: tuple[Value, ...]
    location: Location | None = None

    @property
    def has_effect(self) -> bool:
        """Whether running it does more than make its results; such an equation is never dropped or shared."""
        op = self.op
        return op.has_effect or (op.has_functions and any(function.has_effect for _, function in self.functions()))

    def functions(self) -> Iterator[tuple[str, Function]]:
        """The nested functions among the attributes, with their names."""
        if self.op.has_functions:
            for name, value in self.attributes.items():
                if isinstance(value, Function):
                    yield name, value


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """An ordered tuple of equations between parameters and results.

    Functions are closed: a nested function sees its own parameters only. Two functions are equal when
    they hold the same equations in the same order, whatever the names and locations.
    """

    name: str
    parameters: tuple[Value, ...]
    equations: tuple[Equation, ...]
    results: tuple[Value, ...]
    _cache: dict[str, Any] = field(default_factory=dict[str, Any], repr=False)

    @property
    def parameter_types(self) -> tuple[TensorType, ...]:
        return tuple(value.type for value in self.parameters)

    @property
    def result_types(self) -> tuple[TensorType, ...]:
        return tuple(value.type for value in self.results)

    @property
    def fingerprint(self) -> str:
        """32 hex digits that depend on what is computed alone: not on names, locations or order."""
        if "fingerprint" not in self._cache:
            self._cache["fingerprint"] = fingerprint(self)
        return self._cache["fingerprint"]

    @property
    def files(self) -> frozenset[str]:
        """The files of the user's that its equations, not nested ones, were made by."""
        if "files" not in self._cache:
            places = (equation.location for equation in self.equations)
            self._cache["files"] = frozenset(place.file for place in places if place is not None)
        return self._cache["files"]

    @property
    def has_effect(self) -> bool:
        """Whether any equation has an effect."""
        if "has_effect" not in self._cache:
            self._cache["has_effect"] = any(equation.has_effect for equation in self.equations)
        return self._cache["has_effect"]

    def every_equation(self) -> Iterator[Equation]:
        """The equations in order, each before those of functions nested in it."""
        stack = [iter(self.equations)]
        while stack:
            for equation in stack[-1]:
                yield equation
                nested = [iter(function.equations) for _, function in equation.functions()]
                if nested:
                    stack.extend(reversed(nested))
                    break
            else:
                stack.pop()

    def names(self) -> set[str]:
        """The names of dimensions that the parameters depend on."""
        return set[str]().union(*(value.type.names() for value in self.parameters))

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return isinstance(other, Function) and _equal(self, other)

    def __str__(self) -> str:
        from .printer import print_function

        return print_function(self)


def _equal(left: Function, right: Function) -> bool:
    if (len(left.parameters), len(left.equations), len(left.results)) != (
        len(right.parameters),
        len(right.equations),
        len(right.results),
    ):
        return False
    twin: dict[Value, Value] = {}
    for ours, theirs in zip(left.parameters, right.parameters, strict=True):
        if ours.type != theirs.type:
            return False
        twin[ours] = theirs
    for mine, other in zip(left.equations, right.equations, strict=True):
        if mine.op is not other.op or len(mine.results) != len(other.results):
            return False
        if tuple(twin.get(value) for value in mine.operands) != other.operands:
            return False
        if dict(mine.attributes) != dict(other.attributes):
            return False
        for ours, theirs in zip(mine.results, other.results, strict=True):
            if ours.type != theirs.type:
                return False
            twin[ours] = theirs
    return tuple(twin.get(value) for value in left.results) == right.results
