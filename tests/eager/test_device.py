"""Devices that PyTorch knows and that are not here."""

from __future__ import annotations

import diptych.eager as torch
import pytest
from diptych.ir import Unsupported

REFUSAL = "^torch.device: {} is not there\n  try: device\\('cpu'\\), and DIPTYCH_BACKEND=jax for an accelerator$"


@pytest.mark.parametrize("name", ["cuda", "cuda:0", "mps", "xpu", "meta"])
def test_other_devices_are_refused(name: str) -> None:
    for make in (
        lambda: torch.device(name),
        lambda: torch.zeros(2, device=name),
        lambda: torch.ones(2).to(name),
        lambda: torch.nn.Linear(2, 2).to(name),
        lambda: torch.rand(2, device=name),
        lambda: torch.tensor([1.0], device=name),
        lambda: torch.nn.Linear(2, 2, device=name),
    ):
        with pytest.raises(Unsupported, match=REFUSAL.format(name)):
            make()
