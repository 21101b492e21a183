"""How each op is computed for all elements of a batch at once: one file a group. Every op has a rule, or a reason."""

from . import contraction, control, elementwise, indexing, linalg, mesh, random, reduction, shape, window
from .table import Batch, BatchingError, Operand, Reasons, Rules

_GROUPS = (elementwise, shape, indexing, reduction, contraction, window, linalg, random, control, mesh)

RULES: Rules = {op: rule for group in _GROUPS for op, rule in group.RULES.items()}
REASONS: Reasons = {op: reason for group in _GROUPS for op, reason in group.REASONS.items()}

__all__ = ["REASONS", "RULES", "Batch", "BatchingError", "Operand", "Reasons", "Rules"]
