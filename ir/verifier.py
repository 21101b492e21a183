"""Checks that a function keeps the rules of the language, and says everything that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

from .dimensions import Dimension, parse_dimension
from .errors import ParseError, TypeRuleError, VerificationError
from .function import Equation, Function, Value
from .limits import MAX_DEPTH, MAX_RANK, MAX_STRING
from .names import ValueNames, function_label, location_label
from .op import OPS
from .ops import checks
from .types import TensorType, shape_text


def verify(function: Function) -> None:
    """Raises VerificationError, which lists every fault, unless `function` keeps the rules of the language:

    - attributes are complete, in order, and of their kinds; the type rule of every equation gives its results' types;
    - names of functions and host functions, and strings, are no longer than MAX_STRING;
    - sizes are numbers from 0 to 2**62 in product, or dimensions that can be read back from their text;
    - an operand is a parameter or a result of an earlier equation of the same function, and so is what is returned;
      no value is defined twice;
    - nested functions keep the same rules, and nest no deeper than MAX_DEPTH.
    """
    faults = _Verifier().run(function)
    if faults:
        raise VerificationError(function_label(function.name)[1:], faults)


@dataclass(slots=True)
class _Visit:
    """A function on the way from the outermost one, and where it stands there."""

    function: Function
    parent: _Visit | None = None
    equation: Equation | None = None
    attribute: str = ""
    nested: Iterator[tuple[Equation, str, Function]] = field(default_factory=lambda: iter(()))
    height: int = 1  # levels of functions from here down, as far as they have been visited
    names: ValueNames | None = None


class _Verifier:
    def __init__(self) -> None:
        self.faults: list[str] = []
        self.sound_types: set[TensorType] = set()
        self.sound_dimensions: set[Dimension] = set()

    def run(self, function: Function) -> list[str]:
        """Visits every distinct nested function once, depth first, without recursion."""
        heights: dict[int, int] = {}  # of the functions done, by identity: a broken one has no hash
        path = [self.visit(_Visit(function))]
        while path:
            current = path[-1]
            following = next(current.nested, None)
            if following is None:
                path.pop()
                heights[id(current.function)] = current.height
                if path:
                    path[-1].height = max(path[-1].height, current.height + 1)
                continue
            equation, attribute, child = following
            height = heights.get(id(child))
            if len(path) + (height or 1) > MAX_DEPTH:
                outermost = path[1] if len(path) > 1 else _Visit(child, current, equation, attribute)
                self.faults.append(f"{self.prefix(outermost)}functions nest deeper than {MAX_DEPTH}")
                current.nested = iter(())
            elif height is None:
                path.append(self.visit(_Visit(child, current, equation, attribute)))
            else:
                current.height = max(current.height, height + 1)
        return self.faults

    def visit(self, visit: _Visit) -> _Visit:
        """Checks one function, without those nested in it, which it notes."""
        function = visit.function
        if len(function.name) > MAX_STRING:
            self.fault(visit, f"name has {len(function.name)} characters but must have at most {MAX_STRING}")
        defined: dict[Value, int] = {}
        for number, parameter in enumerate(function.parameters):
            if parameter in defined:
                problem = f"%{self.name(visit, parameter)}, is parameter {defined[parameter]} too"
                self.fault(visit, f"parameter {number}, {problem}")
            defined[parameter] = number
            if parameter.type not in self.sound_types and (problem := self.type_problem(parameter.type)):
                self.fault(visit, f"parameter {number}, %{self.name(visit, parameter)}, has {problem}")
        nested: list[tuple[Equation, str, Function]] = []
        for equation in function.equations:
            self.equation(visit, equation, defined)
            if equation.op.has_functions:
                nested.extend((equation, name, child) for name, child in equation.functions())
        for number, result in enumerate(function.results):
            if result not in defined:
                self.fault(visit, f"result {number}, %{self.name(visit, result)}, is not defined in this function")
        visit.nested = iter(nested)
        return visit

    def equation(self, visit: _Visit, equation: Equation, defined: dict[Value, int]) -> None:
        op = equation.op
        if OPS.get(op.name) is not op:
            self.fault(visit, f"{op.name}: op is not one of the language", equation)
        for number, operand in enumerate(equation.operands):
            if operand not in defined:
                where = "is not defined before its use"
                self.fault(visit, f"{op.name}: operand {number}, %{self.name(visit, operand)}, {where}", equation)
        try:
            complete = op.complete(equation.attributes)
            self.attributes(visit, equation, complete)
            inferred = op.infer([operand.type for operand in equation.operands], complete)
            if inferred != tuple(result.type for result in equation.results):
                given = ", ".join(str(result.type) for result in equation.results)
                wanted = ", ".join(map(str, inferred))
                self.fault(visit, f"{op.name}: result types are ({given}) but must be ({wanted})", equation)
        except TypeRuleError as error:
            self.fault(visit, error.message, equation)
        for result in equation.results:
            if result in defined:
                self.fault(visit, f"{op.name}: %{self.name(visit, result)} is defined already", equation)
            defined[result] = -1
            if result.type not in self.sound_types and (problem := self.type_problem(result.type)):
                self.fault(visit, f"{op.name}: %{self.name(visit, result)} has {problem}", equation)

    def attributes(self, visit: _Visit, equation: Equation, complete: dict[str, Any]) -> None:
        """Faults where `complete`, the attributes as they must be, is not what the equation holds."""
        op, given = equation.op, equation.attributes
        if not complete:
            return
        missing = [name for name in complete if name not in given]
        if missing:
            self.fault(visit, f"{op.name}: attribute {', '.join(missing)} is missing", equation)
        elif list(given) != list(complete):
            order = f"{', '.join(given)} but must be {', '.join(complete)}"
            self.fault(visit, f"{op.name}: order of attributes is {order}", equation)
        for name in complete:
            value: Any = complete[name]
            if name in given and not _is_kept(given[name], value):
                problem = f"{name} is {given[name]!r} but must be kept as {value!r}"
                self.fault(visit, f"{op.name}: {problem}", equation)
            kind = op.attributes[name].kind
            text = value.name if kind == "host" else value if kind == "string" else ""
            if len(text) > MAX_STRING:
                problem = f"{name} has {len(text)} characters but must have at most {MAX_STRING}"
                self.fault(visit, f"{op.name}: {problem}", equation)
            if kind in ("dim", "shape"):
                for dim in cast(tuple[Any, ...], value) if isinstance(value, tuple) else (value,):
                    if isinstance(dim, Dimension) and (problem := self.dimension_problem(dim)):
                        self.fault(visit, f"{op.name}: {name} has {problem}", equation)

    def type_problem(self, type: TensorType) -> str | None:
        """What is wrong with a type, which no type rule has checked when it is a parameter's."""
        if type.rank > MAX_RANK:
            return f"{type.rank} axes but must have at most {MAX_RANK}"
        try:
            checks.sizes(type.shape, "shape")
        except TypeRuleError as error:
            return f"a wrong type: {error.message}"
        for dim in type.shape:
            if isinstance(dim, Dimension) and (problem := self.dimension_problem(dim)):
                return problem
        self.sound_types.add(type)
        return None

    def dimension_problem(self, dim: Dimension) -> str | None:
        if dim in self.sound_dimensions:
            return None
        text = shape_text((dim,))
        try:
            if parse_dimension(text) != dim:
                return f"the dimension {text}, which is not in normal form"
        except ParseError as error:
            return f"a dimension that has no text: {error.message}"
        self.sound_dimensions.add(dim)
        return None

    # -- wording ----

    def fault(self, visit: _Visit, problem: str, equation: Equation | None = None) -> None:
        """Notes one line: where, what, and the user's line."""
        left, place = "", ""
        if equation is not None:
            left = self.binders(visit, equation)
            if equation.location is not None:
                place = f" (at {location_label(equation.location)})"
        self.faults.append(f"{self.prefix(visit)}{left}{problem}{place}".replace("\n", " "))

    def prefix(self, visit: _Visit) -> str:
        """`%3 = scan, body: ` for every function around this one."""
        steps: list[str] = []
        while visit.parent is not None and visit.equation is not None:
            left = self.binders(visit.parent, visit.equation)
            steps.append(f"{left}{visit.equation.op.name}, {visit.attribute}: ")
            visit = visit.parent
        return "".join(reversed(steps))

    def binders(self, visit: _Visit, equation: Equation) -> str:
        names = [f"%{self.name(visit, result)}" for result in equation.results]
        return f"{', '.join(names)} = " if names else ""

    def name(self, visit: _Visit, value: Value) -> str:
        if visit.names is None:
            visit.names = ValueNames(visit.function)
        return visit.names[value]


def _is_kept(given: Any, coerced: Any) -> bool:
    """Whether a value is as its kind keeps it: a list or a numpy integer is equal, but not that."""
    if given is coerced:
        return True
    if type(given) is not type(coerced):
        return False
    if isinstance(coerced, tuple):  # of as many items: coercion keeps their number
        pairs = zip(cast(tuple[Any, ...], given), cast(tuple[Any, ...], coerced), strict=True)
        return all(_is_kept(ours, theirs) for ours, theirs in pairs)
    return bool(given == coerced)
