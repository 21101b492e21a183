"""Random numbers on accelerators: the default stream is one for all devices, so that programs draw the same numbers
wherever they run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from diptych.backends.accelerators import accelerator_count
from diptych.names import limited

from .. import random
from ..device import Device
from ..tensors.tensor import Tensor
from .devices import check_available, number_of, refuse

_ONE = "the stream is the CPU's, too"


@limited(_ONE)
def manual_seed(seed: int) -> None:
    """Starts the default stream of `seed`. Does nothing where there is no accelerator."""
    if accelerator_count():
        random.manual_seed(seed)


@limited(_ONE)
def manual_seed_all(seed: int) -> None:
    """As `manual_seed`."""
    manual_seed(seed)


@limited(_ONE)
def seed() -> None:
    """Takes a new seed for the default stream from the system. Does nothing where there is no accelerator."""
    if accelerator_count():
        random.seed()


@limited(_ONE)
def seed_all() -> None:
    """As `seed`."""
    seed()


@limited(_ONE)
def initial_seed() -> int:
    """The default stream's seed. Raises AssertionError where there is no CUDA."""
    check_available()
    return random.initial_seed()


@limited(_ONE)
def get_rng_state(device: Device | int = "cuda") -> Tensor:
    """The state of the default stream, as bytes. Raises AssertionError where there is no CUDA."""
    number_of(device)
    return random.get_rng_state()


@limited(_ONE)
def set_rng_state(new_state: Tensor, device: Device | int = "cuda") -> None:
    """Continues the default stream from a state. Does nothing where there is no accelerator."""
    if accelerator_count():
        number_of(device)
        random.set_rng_state(new_state)


@limited(_ONE)
def get_rng_state_all() -> list[Tensor]:
    """The state of the default stream, once for each device."""
    return [random.get_rng_state() for _ in range(accelerator_count())]


@limited(_ONE)
def set_rng_state_all(new_states: Iterable[Tensor]) -> None:
    """Continues the default stream from the first of the states. Raises AssertionError for some where there is no
    CUDA."""
    states: list[Any] = list(new_states)
    if states and not accelerator_count():
        refuse()
    if states:
        random.set_rng_state(states[0])
