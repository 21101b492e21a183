"""The Builder's methods, as type checkers see them, say what the type rules do."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Sequence
from typing import Any, get_type_hints

import pytest
from diptych.ir import OPS, Axes, Builder, Dim, Op, Pairs, Shape, TensorType, Types, Value
from diptych.ir.op_methods import OpMethods

METHODS = {name: method for name, method in vars(OpMethods).items() if not name.startswith("_")}

# The type of an argument where it differs from the type rule's: what the Builder makes that of.
ACCEPTED: dict[Any, Any] = {
    TensorType: Value,
    Axes: Sequence[int],
    Shape: Sequence[Dim],
    Pairs: Sequence[tuple[int, int]],
    Types: Sequence[TensorType],
}


def declared(op: Op) -> inspect.Signature:
    """The signature of the method, made of the type rule."""
    hints = get_type_hints(op.rule)
    given = [inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)]
    for parameter in inspect.signature(op.rule).parameters.values():
        is_operand = parameter.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
        kind = inspect.Parameter.POSITIONAL_ONLY if is_operand else parameter.kind
        wanted = hints[parameter.name]
        given.append(parameter.replace(kind=kind, annotation=ACCEPTED.get(wanted, wanted)))
    if not any(parameter.kind is inspect.Parameter.POSITIONAL_ONLY for parameter in given[1:]):
        given[0] = given[0].replace(kind=inspect.Parameter.POSITIONAL_OR_KEYWORD)
    returned = hints["return"]
    if returned is not TensorType:
        returned = tuple[tuple(Value if part is TensorType else part for part in returned.__args__)]
    return inspect.Signature(given, return_annotation=Value if returned is TensorType else returned)


@pytest.mark.parametrize("op", OPS.values(), ids=str)
def test_every_op_has_its_method(op: Op) -> None:
    assert op.name in METHODS, f"ir/op_methods.py: {op.name} is missing"
    hints = get_type_hints(METHODS[op.name])
    written = inspect.signature(METHODS[op.name])
    parameters = [p.replace(annotation=hints.get(p.name, p.annotation)) for p in written.parameters.values()]
    resolved = written.replace(parameters=parameters, return_annotation=hints["return"])
    assert resolved == declared(op), f"ir/op_methods.py: {op.name} is {resolved} but must be {declared(op)}"


def test_methods_keep_the_order_of_the_ops_and_hide_nothing_of_the_builder() -> None:
    assert list(METHODS) == list(OPS)
    assert all(getattr(Builder, name) is not METHODS[name] for name in OPS)
    (written,) = ast.parse(inspect.getsource(Builder)).body
    own = {node.name for node in ast.walk(written) if isinstance(node, ast.FunctionDef)}
    assert "nested" in own and own.isdisjoint(OPS)
