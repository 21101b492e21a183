"""The lists of elementwise ops are those of the group, and no more."""

from __future__ import annotations

from diptych.ir import OPS
from diptych.passes.elementwise import BINARY, ELEMENTWISE, REDUCTIONS, UNARY


def test_every_elementwise_op_is_listed_once() -> None:
    group = [op for op in OPS.values() if op.group == "elementwise"]
    listed = [*UNARY, *BINARY]
    assert len(set(listed)) == len(listed)
    assert set(group) == ELEMENTWISE
    assert {len(op.operand_names) for op in UNARY} == {1}
    assert {len(op.operand_names) for op in BINARY} == {2}


def test_reductions() -> None:
    assert {op.name for op in REDUCTIONS} == {
        name for name, op in OPS.items() if name.startswith("reduce_") and op.group == "reduction"
    }
