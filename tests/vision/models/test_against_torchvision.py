"""Networks have torchvision's state and text, and compute what torchvision's compute."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import diptych.eager as torch
import numpy as np
import pytest
from diptych.vision import models

from tests.vision.models.networks import NAMES, RUN, computed, described

ANSWERS = json.loads(Path(__file__).with_name("answers.json").read_text())


def test_all_are_there() -> None:
    assert sorted(NAMES) == models.list_models() == sorted(ANSWERS["described"])


@pytest.mark.parametrize("name", NAMES)
def test_state_and_text(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """First weights are not drawn, of which some networks have a hundred million."""
    for function in vars(torch.nn.init):
        if function.endswith("_") and not function.startswith("_"):
            monkeypatch.setattr(torch.nn.init, function, lambda tensor, *_, **__: tensor)
    assert described(getattr(models, name)) == ANSWERS["described"][name]


@pytest.mark.parametrize("name", RUN)
def test_results_and_gradients(name: str) -> None:
    found: dict[str, Any] = computed(torch, getattr(models, name), **RUN[name])
    for what, wanted in ANSWERS["computed"][name].items():
        least = 1e-14 * np.abs([0.0, *wanted]).max()  # what is 0 but for rounding
        np.testing.assert_allclose(found[what], wanted, rtol=1e-6, atol=least, err_msg=what)
