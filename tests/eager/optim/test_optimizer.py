"""What optimizers refuse in their own words, and that their steps are one program."""

from __future__ import annotations

from collections.abc import Callable

import diptych.eager as torch
import pytest
from diptych.eager import optim
from diptych.eager.tapes.tape import tape
from diptych.ir import Unsupported


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (
            lambda p: optim.SGD(p, differentiable=True),
            "optim.SGD: differentiable=True is not there\n  try: differentiable=False",
        ),
        (
            lambda p: optim.Adam(p, differentiable=True),
            "optim.Adam: differentiable=True is not there\n  try: differentiable=False",
        ),
    ],
)
def test_options_that_are_not_there(make: Callable[[object], object], text: str) -> None:
    with pytest.raises(Unsupported) as raised:
        make([torch.ones(1, requires_grad=True)])
    assert str(raised.value) == text


def test_names_are_of_all_or_of_none() -> None:
    x, y = torch.ones(1, requires_grad=True), torch.ones(1, requires_grad=True)
    with pytest.raises(ValueError, match=r"^all optimizer params should be with/without names\."):
        optim.SGD([("x", x), y], lr=0.1)


@pytest.mark.parametrize(
    "make",
    [
        lambda p: optim.SGD(p, lr=0.1),
        lambda p: optim.SGD(p, lr=0.1, momentum=0.9, dampening=0.1, weight_decay=0.01),
        lambda p: optim.Adam(p, lr=0.1, amsgrad=True, weight_decay=0.01),
        lambda p: optim.Adam(p, lr=0.1, weight_decay=0.01, decoupled_weight_decay=True),
    ],
    ids=["plain", "momentum", "amsgrad", "decoupled"],
)
def test_steps_are_one_program_while_settings_change(make: Callable[[object], optim.Optimizer]) -> None:
    x = torch.ones(3, requires_grad=True)
    optimizer = make([x])

    def step(number: int) -> None:
        optimizer.param_groups[0]["lr"] = 0.1 / (number + 1)
        optimizer.zero_grad()
        x.square().sum().backward()
        optimizer.step()
        x.detach().sum().item()

    for number in range(6):  # jax compiles what repeats in the fourth or fifth
        step(number)
    before = tape.retraces
    for number in range(6, 10):
        step(number)
    assert tape.retraces == before
    assert optimizer.state_dict()["param_groups"][0]["lr"] == 0.1 / 10


@pytest.mark.usefixtures("compiled_at_once")
@pytest.mark.parametrize(
    "kind", [optim.Adam, optim.Adamax, optim.NAdam, optim.Adafactor, optim.RMSprop, optim.Adadelta]
)
def test_the_first_step_is_the_program_of_all(kind: Callable[..., optim.Optimizer]) -> None:
    x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    optimizer = kind([x], lr=0.1)

    def step() -> None:
        optimizer.zero_grad()
        x.square().sum().backward()
        optimizer.step()
        x.detach().sum().item()

    step()
    before = tape.retraces
    for _ in range(4):
        step()
    assert tape.retraces == before


def test_small_decays_keep_their_digits() -> None:
    """1 - 0.999 is subtracted in 64 bits: in 32 it would be off by 1e-5."""
    x = torch.tensor([1.0], requires_grad=True)
    optimizer = optim.Adam([x], betas=(0.9, 0.999))
    (x * 3).sum().backward()
    optimizer.step()
    assert optimizer.state[x]["exp_avg_sq"].item() == pytest.approx(9 * 0.001, rel=2e-7)
