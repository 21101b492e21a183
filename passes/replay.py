"""The walk that most passes share: one function rebuilt, equation by equation, through a Builder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from diptych.ir import Builder, Function, Op, Rewrite, Value


def replay(
    function: Function,
    *,
    rewrite: Rewrite | None = None,
    share: bool = True,
    attribute: Callable[[str, Any], Any] | None = None,
    parameter: Callable[[Value], Value] | None = None,
) -> Function:
    """`function` emitted again, nested functions first.

    `rewrite` sees every equation; `attribute` maps attribute values that are no functions, given their kind;
    `parameter` maps parameters. A nested function that stands in several places is rebuilt once.
    """
    return _Replay(rewrite, share, attribute, parameter).function(function)


class _Replay:
    def __init__(
        self,
        rewrite: Rewrite | None,
        share: bool,
        attribute: Callable[[str, Any], Any] | None,
        parameter: Callable[[Value], Value] | None,
    ) -> None:
        self.rewrite, self.share, self.attribute, self.parameter = rewrite, share, attribute, parameter
        self.done: dict[int, tuple[Function, Function]] = {}  # by identity; the original is kept alive

    def function(self, function: Function) -> Function:
        known = self.done.get(id(function))
        if known is not None:
            return known[1]
        b = Builder(function.name, share=self.share, rewrite=self.rewrite)
        b.find_location = False
        values: dict[Value, Value] = {}
        for parameter in function.parameters:
            mapped = parameter if self.parameter is None else self.parameter(parameter)
            values[parameter] = b.parameter(mapped.type, mapped.name)
        for equation in function.equations:
            b.replay(equation, values, self.attributes(equation.op, equation.attributes))
        rebuilt = b.finish(values[result] for result in function.results)
        self.done[id(function)] = (function, rebuilt)
        return rebuilt

    def attributes(self, op: Op, attributes: Mapping[str, Any]) -> dict[str, Any] | None:
        """What takes the place of an equation's attributes; None where they stay."""
        if not op.has_functions and self.attribute is None:
            return None
        mapped: dict[str, Any] = {}
        for name, value in attributes.items():
            if isinstance(value, Function):
                mapped[name] = self.function(value)
            elif self.attribute is not None:
                mapped[name] = self.attribute(op.attributes[name].kind, value)
            else:
                mapped[name] = value
        return mapped
