"""Training curves against those of the real PyTorch, made once by make_torch_curves.py: 50 steps of three models with
three optimizers each, from the same weights; the largest relative difference must stay at or under 1e-5."""

from __future__ import annotations

import diptych.eager as torch
import pytest
from diptych.backends import captured
from diptych.backends.settings import configure

from tests.curves.differences import largest_difference
from tests.curves.eager_models import curve
from tests.curves.problem import OPTIMIZERS, SIZES

LIMIT = 1e-5  # ten times less than is asked for: 7e-7 was found


def difference(model: str, optimizer: str) -> float:
    return largest_difference(curve(torch, model, optimizer), "torch_curves.npz", model, optimizer)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("model", SIZES)
def test_curves_on_numpy(model: str, optimizer: str) -> None:
    assert difference(model, optimizer) <= LIMIT


@pytest.mark.parametrize(("model", "optimizer"), [("relu network", "momentum"), ("tanh network", "adam")])
def test_curves_on_jax(model: str, optimizer: str) -> None:
    before = configure().backend
    configure(backend="jax")
    try:
        with captured() as ran:
            assert difference(model, optimizer) <= LIMIT
        assert {executable.backend for executable in ran} == {"jax"}
    finally:
        configure(backend=before)
