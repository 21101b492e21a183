"""How a gradient flows through each op: one file a group. Every op has a rule, or a reason for none."""

from . import contraction, control, elementwise, indexing, linalg, mesh, random, reduction, shape, window
from .table import Reasons, Rules

_GROUPS = (elementwise, shape, indexing, reduction, contraction, window, linalg, random, control, mesh)

VJPS: Rules = {op: rule for group in _GROUPS for op, rule in group.VJPS.items()}
ZERO: Reasons = {op: reason for group in _GROUPS for op, reason in group.ZERO.items()}
REFUSED: Reasons = {op: reason for group in _GROUPS for op, reason in group.REFUSED.items()}
