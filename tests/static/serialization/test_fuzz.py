"""Damaged files are refused with an error that says why, or read; see fuzz.py."""

from __future__ import annotations

import pytest
from diptych.static.serialization.messages import MetaGraphDef

from tests.static.serialization.fuzz import File, damaged, outcome, seeds


def test_undamaged_graphs_are_read():
    assert {outcome(File("graph", message.SerializeToString())) for message in seeds()} == {"read"}
    assert {outcome(File("text", str(message.graph_def).encode())) for message in seeds()} == {"read"}


@pytest.mark.parametrize("seed", range(2))
def test_damaged_files(seed):
    found: dict[str, set[str]] = {}
    for file in damaged(seed, 400):
        found.setdefault(file.kind, set()).add(outcome(file))
    assert found["graph"] >= {"read", "ValueError", "DamagedData", "NotFoundError"}
    assert found["model"] >= {"DamagedData"} and found["text"] >= {"read", "DamagedData"}


def test_a_graph_nested_too_deep():
    message = MetaGraphDef()
    deep = message.graph_def.node.add(name="x", op="NoOp").attr["f"].func
    for _ in range(40):
        deep = deep.attr["f"].func
    deep.name = "inner"
    assert outcome(File("graph", message.SerializeToString())) == "DamagedData"
