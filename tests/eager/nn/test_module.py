"""Modules in a training loop."""

from __future__ import annotations

import diptych.eager as torch
from diptych.eager.tapes.tape import tape


def test_conversion_in_the_middle_of_training() -> None:
    """Parameters stay the same objects: the optimizer goes on."""
    torch.manual_seed(0)
    layer = torch.nn.Linear(3, 1)
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)
    x, y = torch.randn(8, 3), torch.randn(8, 1)
    losses = []
    for step in range(6):
        if step == 3:
            layer.double()
            x, y = x.double(), y.double()
        loss = torch.nn.functional.mse_loss(layer(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses == sorted(losses, reverse=True)
    assert layer.weight.dtype is torch.float64


def test_loading_between_steps_needs_no_new_program() -> None:
    layer = torch.nn.Linear(2, 1)
    saved = {name: value.clone() for name, value in layer.state_dict().items()}
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)
    x = torch.ones(4, 2)

    def step() -> float:
        layer.load_state_dict(saved)
        loss = layer(x).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    first = step()
    step()
    step()
    before = tape.retraces
    assert step() == first
    assert tape.retraces == before
