"""Training curves against those of the real TensorFlow, made once by make_tensorflow_curves.py: 50 steps of three models
with three optimizers each, from the same weights; the largest relative difference must stay at or under 1e-4."""

from __future__ import annotations

import diptych.static as tf
import pytest
from diptych.backends.settings import configure

from tests.curves.differences import largest_difference
from tests.curves.problem import OPTIMIZERS, SIZES
from tests.curves.static_models import curve

LIMIT = 1e-4


def difference(model: str, optimizer: str) -> float:
    return largest_difference(curve(tf, model, optimizer), "tensorflow_curves.npz", model, optimizer)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("model", SIZES)
def test_curves_on_numpy(model: str, optimizer: str) -> None:
    assert difference(model, optimizer) <= LIMIT


@pytest.mark.parametrize(("model", "optimizer"), [("relu network", "momentum"), ("tanh network", "adam")])
def test_curves_on_jax(model: str, optimizer: str) -> None:
    before = configure().backend
    configure(backend="jax")
    try:
        assert difference(model, optimizer) <= LIMIT
    finally:
        configure(backend=before)
