"""What an op is: a type rule with a name. `OPS` is the table of all of them, filled by `ir/ops/`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn, get_type_hints, overload

from .attributes import REQUIRED, Attribute, declare
from .errors import TypeRuleError
from .types import TensorType

TypeRule = Callable[..., Any]

OPS: dict[str, Op] = {}


class Op:
    """One op of the language.

    `rule` is its type rule: operand types are its positional parameters, attributes its keyword-only
    ones; it returns one result type, or a tuple of them. `group` is the heading under which every table
    lists the op, the name of the file that declares it.
    """

    __slots__ = (
        "attributes", "group", "has_effect", "has_functions", "is_single", "is_variadic",
        "name", "operand_names", "rule",
    )  # fmt: skip

    def __init__(self, rule: TypeRule, *, has_effect: bool) -> None:
        hints = get_type_hints(rule)
        parameters = inspect.signature(rule).parameters.values()
        positional = [p for p in parameters if p.kind is not inspect.Parameter.KEYWORD_ONLY]
        self.name = rule.__name__
        self.rule = rule
        self.group = rule.__module__.rsplit(".", 1)[-1]
        self.operand_names = tuple(p.name for p in positional)
        self.is_variadic = any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in positional)
        self.attributes: dict[str, Attribute] = {
            p.name: declare(p.name, hints[p.name], REQUIRED if p.default is inspect.Parameter.empty else p.default)
            for p in parameters
            if p.kind is inspect.Parameter.KEYWORD_ONLY
        }
        self.is_single = hints["return"] is TensorType
        self.has_effect = has_effect
        self.has_functions = any(attribute.kind == "function" for attribute in self.attributes.values())

    @property
    def doc(self) -> str:
        """The specification: the rule's docstring."""
        return inspect.getdoc(self.rule) or ""

    def __repr__(self) -> str:
        return f"ops.{self.name}"

    def __reduce__(self) -> tuple[Any, ...]:
        return op_named, (self.name,)

    def complete(self, attributes: Mapping[str, Any]) -> dict[str, Any]:
        """`attributes` coerced to their kinds, in the rule's order, defaults filled in. Raises TypeRuleError."""
        if not self.attributes and not attributes:
            return {}
        given = 0
        full: dict[str, Any] = {}
        for name, attribute in self.attributes.items():
            if name in attributes:
                given += 1
                try:
                    full[name] = attribute.coerce(attributes[name])
                except TypeError as error:
                    raise TypeRuleError(f"{self.name}: {error}") from None
            elif attribute.default is REQUIRED:
                raise TypeRuleError(f"{self.name}: attribute {name} is missing")
            else:
                full[name] = attribute.default
        if given != len(attributes):
            unknown = ", ".join(sorted(set(attributes) - set(self.attributes)))
            known = ", ".join(self.attributes) or "none"
            raise TypeRuleError(f"{self.name}: attribute {unknown} is unknown, its attributes are: {known}")
        return full

    def infer(self, operands: Sequence[TensorType], attributes: Mapping[str, Any]) -> tuple[TensorType, ...]:
        """The result types. `attributes` must be complete. Raises TypeRuleError with the op's name."""
        if len(operands) != len(self.operand_names) or self.is_variadic:
            self.check_arity(len(operands))
        try:
            result = self.rule(*operands, **attributes)
        except TypeRuleError as error:
            raise TypeRuleError(f"{self.name}: {error.message}", location=error.location, hint=error.hint) from None
        return (result,) if self.is_single else tuple(result)

    def check_arity(self, count: int) -> None:
        """Raises TypeRuleError unless the op takes `count` operands."""
        fixed = len(self.operand_names) - self.is_variadic
        if count < fixed or (count > fixed and not self.is_variadic):
            at_least = "at least " if self.is_variadic else ""
            names = ", ".join(self.operand_names)
            raise TypeRuleError(f"{self.name}: has {count} operands but must have {at_least}{fixed} ({names})")


def op_named(name: str) -> Op:
    """The op called `name`. Raises KeyError."""
    return OPS[name]


@overload
def op(rule: TypeRule) -> Op: ...
@overload
def op(*, has_effect: bool = False) -> Callable[[TypeRule], Op]: ...
def op(rule: TypeRule | None = None, *, has_effect: bool = False) -> Op | Callable[[TypeRule], Op]:
    """Declares an op by its type rule. An op with an effect is never shared, moved or dropped."""

    def register(function: TypeRule) -> Op:
        declared = Op(function, has_effect=has_effect)
        OPS[declared.name] = declared
        return declared

    return register if rule is None else register(rule)


def refuse(operand: str, value: object, must: str, *, hint: str | None = None) -> NoReturn:
    """Raises the error of a type rule: `<operand> is <value> but must be <must>`."""
    raise TypeRuleError(f"{operand} is {value} but must be {must}", hint=hint)
