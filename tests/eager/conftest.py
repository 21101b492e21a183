"""Settings that tests of the eager front end change, put back."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import diptych.eager as torch
import pytest
from diptych.backends.settings import configure, settings
from diptych.eager.tapes.tape import tape


@pytest.fixture
def use_backend() -> Iterator[Callable[[str], None]]:
    """Chooses what runs programs, until the test ends."""
    before = settings().backend

    def use(name: str) -> None:
        tape.flush()
        configure(backend=name)

    yield use
    use(before)


@pytest.fixture
def float64_is_default() -> Iterator[None]:
    """New floats have 64 bits, until the test ends."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


@pytest.fixture
def compiled_at_once() -> Iterator[None]:
    """Programs are compiled when they are first met, until the test ends."""
    tape.flush()
    before = settings().compile_after
    configure(compile_after=0)
    yield
    configure(compile_after=before)
