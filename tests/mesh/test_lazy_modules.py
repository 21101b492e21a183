"""Modules whose parameters have no shape before the first call, on a mesh."""

from __future__ import annotations

import diptych
import diptych.eager as torch
import pytest
from diptych.eager import nn
from diptych.eager.tapes.places import PLACES

pytest.importorskip("jax")


def test_parameters_are_split_once_they_have_a_shape() -> None:
    diptych.configure(backend="jax")
    model = nn.Sequential(nn.LazyLinear(4), nn.Tanh(), nn.Linear(4, 2))
    optimizer = torch.optim.Adam(model.parameters())
    with diptych.mesh({r"0\.weight": ("model", None), r"2\.weight": (None, "model")}, model=1):
        for _ in range(2):
            optimizer.zero_grad()
            model(torch.ones(3, 5)).square().sum().backward()
            optimizer.step()
        split = PLACES[model[0].weight._storage]
        assert split == PLACES[optimizer.state[model[0].weight]["exp_avg"]._storage] != ""
        assert split != PLACES[model[2].weight._storage]
