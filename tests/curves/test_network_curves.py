"""Eight networks against the real PyTorch, whose curves and states make_network_curves.py made: 50 steps from the same
weights; states that it saved are read, and those read back are the same."""

from __future__ import annotations

import io
from pathlib import Path

import diptych.eager as torch
import numpy as np
import pytest
from diptych.backends import captured
from diptych.backends.settings import configure

from tests.curves.network_curves import CURVES, curve, difference
from tests.curves.networks import NETWORKS

LIMIT = 1e-5  # ten times less than is asked for


@pytest.mark.parametrize("name", NETWORKS)
def test_curves_on_numpy(name: str) -> None:
    assert difference(curve(torch, *CURVES[name]), name) <= LIMIT


@pytest.mark.parametrize("name", ["vae", "gpt"])
def test_curves_on_jax(name: str) -> None:
    before = configure().backend
    configure(backend="jax")
    try:
        with captured() as ran:
            assert difference(curve(torch, *CURVES[name]), name) <= LIMIT
        assert {executable.backend for executable in ran} == {"jax"}
    finally:
        configure(backend=before)


@pytest.mark.parametrize("name", NETWORKS)
def test_states_of_pytorch_are_taken_over(name: str) -> None:
    saved = torch.load(Path(__file__).parent / "network_states.pt")[name]
    network = NETWORKS[name]
    made = network.make(torch, **network.SIZES["tiny"])
    before = {key: value.clone() for key, value in made.state_dict().items()}
    assert str(made.load_state_dict(saved)) == "<All keys matched successfully>"
    file = io.BytesIO()
    torch.save(made.state_dict(), file)
    file.seek(0)
    again = torch.load(file)
    assert list(again) == list(saved)
    for key, value in saved.items():
        assert value.dtype is again[key].dtype
        np.testing.assert_array_equal(again[key].numpy(), value.numpy())
    assert any(not torch.equal(before[key], value) for key, value in saved.items())
