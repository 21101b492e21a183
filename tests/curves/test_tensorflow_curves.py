"""Training curves against those of the real TensorFlow, made once by make_tensorflow_curves.py: 50 steps of three models
with three optimizers each, from the same weights; the largest relative difference must stay at or under 1e-4."""

from __future__ import annotations

from pathlib import Path

import diptych.static as tf
import numpy as np
import pytest
from diptych.backends.settings import configure

from tests.curves.problem import OPTIMIZERS, SIZES
from tests.curves.static_models import curve

LIMIT = 1e-4


def largest_difference(model: str, optimizer: str) -> float:
    """Relative to the reference loss, over all steps."""
    with np.load(Path(__file__).parent / "tensorflow_curves.npz", allow_pickle=False) as reference:
        wanted = reference[f"{model}, {optimizer}"]
    return float(np.max(np.abs(curve(tf, model, optimizer) - wanted) / np.abs(wanted)))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("model", SIZES)
def test_curves_on_numpy(model: str, optimizer: str) -> None:
    assert largest_difference(model, optimizer) <= LIMIT


@pytest.mark.parametrize(("model", "optimizer"), [("relu network", "momentum"), ("tanh network", "adam")])
def test_curves_on_jax(model: str, optimizer: str) -> None:
    before = configure().backend
    configure(backend="jax")
    try:
        assert largest_difference(model, optimizer) <= LIMIT
    finally:
        configure(backend=before)
