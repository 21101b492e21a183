"""In which ways each op can be computed in parts: one file a group. Every op has a rule, or a reason."""

from diptych.ir import ops

from . import contraction, control, elementwise, indexing, linalg, mesh, random, reduction, shape, window
from .scan import splitter_of_scans
from .table import WHOLE, Reasons, Share, Splitter, Splitters, Way

_GROUPS = (elementwise, shape, indexing, reduction, contraction, window, linalg, random, control, mesh)

RULES: Splitters = {op: rule for group in _GROUPS for op, rule in group.RULES.items()}
RULES[ops.scan] = splitter_of_scans(RULES)
REASONS: Reasons = {op: reason for group in _GROUPS for op, reason in group.REASONS.items()}

__all__ = ["REASONS", "RULES", "WHOLE", "Reasons", "Share", "Splitter", "Splitters", "Way"]
