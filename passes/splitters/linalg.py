"""Splitting rules of `ir/ops/linalg.py`."""

from __future__ import annotations

from diptych.ir import OPS, Equation, ops

from .table import Reasons, Splitter, Splitters, Way


def _matrices(equation: Equation) -> list[Way]:
    """Along the axes before those of the matrices."""
    return _leading(equation, equation.operands[0].rank - 2)


def _fft(equation: Equation) -> list[Way]:
    return _leading(equation, equation.operands[0].rank - len(equation.attributes["lengths"]))


def _leading(equation: Equation, count: int) -> list[Way]:
    operands, results = len(equation.operands), len(equation.results)
    return [Way((axis,) * operands, (axis,) * results) for axis in range(count)]


RULES: Splitters = {op: Splitter(_fft if op is ops.fft else _matrices) for op in OPS.values() if op.group == "linalg"}

REASONS: Reasons = {}
