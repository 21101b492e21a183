"""Devices that PyTorch knows and that are not here."""

from __future__ import annotations

import diptych.eager as torch
import pytest
from diptych.ir import Unsupported

REFUSAL = "^torch.device: meta is not there\n  try: device\\('cpu'\\), and DIPTYCH_BACKEND=jax for an accelerator$"


def test_meta_tensors_are_refused() -> None:
    for make in (
        lambda: torch.zeros(2, device="meta"),
        lambda: torch.ones(2).to("meta"),
        lambda: torch.nn.Linear(2, 2).to("meta"),
    ):
        with pytest.raises(Unsupported, match=REFUSAL):
            make()


def test_types_of_cuda_are_refused() -> None:
    refusal = "^torch.Tensor.type: torch.cuda.FloatTensor is not there\n"
    for given in (torch.cuda.FloatTensor, "torch.cuda.FloatTensor"):
        with pytest.raises(Unsupported, match=refusal):
            torch.ones(2).type(given)
