"""Damaged files are refused with an error that says why, or read; see fuzz.py."""

from __future__ import annotations

import random

import pytest

from diptych.static.serialization.messages import MetaGraphDef, SavedModel

from tests.static.checkpoints.mutations import mutated
from tests.static.serialization.fuzz import damaged, outcome, outcome_of_model, seeds


def test_undamaged_graphs_are_read():
    assert {outcome(message.SerializeToString()) for message in seeds()} == {"read"}


@pytest.mark.parametrize("seed", range(2))
def test_damaged_graphs(seed):
    found = {outcome(data) for data in damaged(seeds(), seed, 300)}
    assert {"read", "ValueError", "DamagedData", "NotFoundError"} <= found


def test_damaged_models():
    chance = random.Random(0)
    data = SavedModel(saved_model_schema_version=1, meta_graphs=seeds()).SerializeToString()
    assert {outcome_of_model(mutated(data, chance)) for _ in range(300)} == {"read", "DamagedData"}


def test_a_graph_nested_too_deep():
    message = MetaGraphDef()
    deep = message.graph_def.node.add(name="x", op="NoOp").attr["f"].func
    for _ in range(40):
        deep = deep.attr["f"].func
    deep.name = "inner"
    assert outcome(message.SerializeToString()) == "DamagedData"
