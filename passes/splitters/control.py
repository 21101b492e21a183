"""Splitting rules of `ir/ops/control.py`."""

from __future__ import annotations

from diptych.ir import ops

from .table import Reasons, Splitter, Splitters, cut_alike

RULES: Splitters = {ops.stop_gradient: Splitter(cut_alike), ops.graft: Splitter(cut_alike)}

REASONS: Reasons = {
    **dict.fromkeys((ops.call, ops.fused, ops.custom_gradient), "it is gone, or not there yet, when steps are split"),
    ops.parallel: "it is split",
    ops.after: "it says what waits for what, which parts do not",
    **dict.fromkeys((ops.cond, ops.while_loop), "its functions may do anything"),
    ops.host_call: "Python code runs once, on whole arrays",
}
