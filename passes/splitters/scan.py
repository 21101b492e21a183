"""In which ways a scan can be computed in parts: along an axis that its state and all it gives have, most often
the batch, where every equation of its body can be cut along it and no part waits for another one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from diptych.ir import Builder, Equation, Function, Op, Value

from .table import WHOLE, Share, Splitter, Way, shorter

Axes = dict[Value, int]  # of the values that are cut, along which axis


def splitter_of_scans(rules: Mapping[Op, Splitter]) -> Splitter:
    """The rule of scans, by the `rules` of what stands in their bodies."""
    return Splitter(
        lambda equation: [_way(equation, axes) for axes in _ways(equation, rules)],
        lambda equation, axis, share: _attributes(equation, axis, share, rules),
    )


def _ways(equation: Equation, rules: Mapping[Op, Splitter]) -> list[Axes]:
    """For each axis of the first result along which the body can be cut: the axes of its values."""
    body: Function = equation.attributes["body"]
    state = equation.attributes["carries"] > 0
    found = [_cut(equation, axis, rules) for axis in range(body.results[0].rank)] if state else []
    return [axes for axes in found if axes is not None]


def _cut(equation: Equation, axis: int, rules: Mapping[Op, Splitter]) -> Axes | None:
    """The axes of the values in the body where the first part of the state is cut along `axis`; None where that cannot
    be. What one equation says of its operands and results is carried on until nothing is new."""
    body: Function = equation.attributes["body"]
    first = equation.attributes["constants"]
    pairs = list(zip(body.parameters[first:], body.results[: equation.attributes["carries"]], strict=False))
    axes: Axes = {body.parameters[first]: axis, body.results[0]: axis}
    known = -1
    while known != len(axes):
        known = len(axes)
        for before, after in pairs:
            if not _agree(axes, (before, after), (axes.get(before, axes.get(after, WHOLE)),) * 2):
                return None
        for inner in body.equations:
            if not any(value in axes for value in (*inner.operands, *inner.results)):
                continue
            way = _fitting(inner, axes, rules)
            if way is None or not _agree(axes, (*inner.operands, *inner.results), (*way.operands, *way.results)):
                return None
    size = body.results[0].type.static_shape()[axis]
    is_multiple = size > 0 and all(value.type.static_shape()[place] % size == 0 for value, place in axes.items())
    return axes if is_multiple and all(result in axes for result in body.results) else None


def _fitting(inner: Equation, axes: Axes, rules: Mapping[Op, Splitter]) -> Way | None:
    """The way of an equation that cuts what is known to be cut."""
    rule = rules.get(inner.op)
    if rule is None or inner.has_effect:
        return None
    values = *inner.operands, *inner.results
    for way in rule.ways(inner):
        places = *way.operands, *way.results
        if not way.is_partial and all(
            axes.get(value, place) == place for value, place in zip(values, places, strict=True)
        ):
            return way
    return None


def _agree(axes: Axes, values: Sequence[Value], places: Sequence[int]) -> bool:
    """Notes where values are cut; False where one is known to be cut otherwise."""
    for value, place in zip(values, places, strict=True):
        if place != WHOLE and axes.setdefault(value, place) != place:
            return False
    return True


def _way(equation: Equation, axes: Axes) -> Way:
    """The way of the scan: sequences and outputs have an axis in front."""
    attributes = equation.attributes
    body: Function = attributes["body"]
    stacked = attributes["constants"] + attributes["carries"]
    operands = [
        axes[parameter] + (place >= stacked) if parameter in axes else WHOLE
        for place, parameter in enumerate(body.parameters)
    ]
    results = [axes[result] + (place >= attributes["carries"]) for place, result in enumerate(body.results)]
    return Way(tuple(operands), tuple(results))


def _attributes(equation: Equation, axis: int, share: Share, rules: Mapping[Op, Splitter]) -> dict[str, Any]:
    """The scan's attributes with the body of one part."""
    axes = _cut(equation, axis, rules)
    assert axes is not None
    body: Function = equation.attributes["body"]
    b = Builder(body.name)
    b.find_location = False
    values: dict[Value, Value] = {}
    for parameter in body.parameters:
        cut = axes.get(parameter, WHOLE)
        shape = parameter.shape if cut == WHOLE else shorter(parameter.shape, cut, share)
        values[parameter] = b.parameter(parameter.type.with_shape(shape), parameter.name)
    for inner in body.equations:
        attributes = inner.attributes
        if inner.results[0] in axes:
            attributes = rules[inner.op].attributes(inner, axes[inner.results[0]], share)
        b.location = inner.location
        names = [result.name for result in inner.results]
        made = b.emit(inner.op, [values[operand] for operand in inner.operands], attributes, names=names)
        values.update(zip(inner.results, made, strict=True))
    return {**equation.attributes, "body": b.finish([values[result] for result in body.results])}
