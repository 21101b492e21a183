"""Logarithms of a softmax or a sigmoid, which are infinite where that underflows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from diptych.ir import Equation, Location, Value, dtypes, ops

from ..tables import counts
from .finding import Finding, in_programs
from .looked import Looked

RULE = "log-softmax"
INSTEAD = {
    "softmax": "log_softmax, or the cross entropy of logits: cross_entropy, softmax_cross_entropy_with_logits",
    "sigmoid": "the cross entropy of logits: binary_cross_entropy_with_logits, sigmoid_cross_entropy_with_logits",
}
UNDERFLOW = {dtypes.f16: 18, dtypes.bf16: 93, dtypes.f32: 104, dtypes.f64: 746}  # from which n on exp(-n) is 0
_BOUNDING = (ops.max, ops.clamp, ops.select)
_SAME = (ops.identity, ops.stop_gradient, ops.broadcast, ops.cast)


def softmax_logarithms(looked: Looked) -> Iterator[Finding]:
    """Lines that take the logarithm of a softmax or a sigmoid itself."""
    for place, group, programs in in_programs(_found(looked)):
        kind, value = group[0]
        distance = UNDERFLOW.get(value.dtype, UNDERFLOW[dtypes.f32])
        yield Finding(
            RULE,
            place,
            f"{counts(len(group), 'logarithm')} of a {kind} {value.type}: -inf, with a gradient of nan, where a logit "
            f"lies {distance} below {'the largest' if kind == 'softmax' else '0'}",
            INSTEAD[kind],
            len(group),
            {"kind": kind, "type": str(value.type), "below": distance, "programs": programs},
        )


def _found(looked: Looked) -> Iterator[tuple[Location | None, int, tuple[str, Value]]]:
    """Each with its kind and its result; but for those that something bounds at once."""
    for number, function in looked.functions():
        makers = {result: equation for equation in function.equations for result in equation.results}
        open_ended = {
            operand for equation in function.equations if equation.op not in _BOUNDING for operand in equation.operands
        }.union(function.results)
        for equation in function.equations:
            kind = _kind(equation, makers) if equation.op is ops.log else None
            if kind is not None and equation.results[0] in open_ended:
                yield equation.location, number, (kind, equation.results[0])


def _kind(logarithm: Equation, makers: Mapping[Value, Equation]) -> str | None:
    """Of what a logarithm is: e / sum(e) of an exponential, or a sigmoid; None of others."""
    maker = _maker(logarithm.operands[0], makers)
    if maker is not None and maker.op is ops.logistic:
        return "sigmoid"
    if maker is None or maker.op is not ops.div:
        return None
    above, below = (_maker(operand, makers) for operand in maker.operands)
    if above is None or above.op is not ops.exp or below is None or below.op is not ops.reduce_sum:
        return None
    return "softmax" if _maker(below.operands[0], makers) is above else None


def _maker(value: Value, makers: Mapping[Value, Equation]) -> Equation | None:
    """What makes a value, seen through what only hands it on."""
    maker = makers.get(value)
    while maker is not None and maker.op in _SAME:
        maker = makers.get(maker.operands[0])
    return maker
