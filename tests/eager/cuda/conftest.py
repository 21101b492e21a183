"""jax's CPU stands for an accelerator."""

from __future__ import annotations

from collections.abc import Iterator

import diptych.eager as torch
import pytest
from diptych.backends import accelerators
from diptych.backends.settings import configure, settings
from diptych.eager.tapes.tape import tape


@pytest.fixture
def cuda(monkeypatch: pytest.MonkeyPatch) -> Iterator[torch.device]:
    """Programs run on jax, whose CPU counts as an accelerator, until the test ends: it is "cuda:0"."""
    from diptych.backends.jax import placement

    before = settings().backend
    tape.flush()
    with monkeypatch.context() as patch:
        patch.setattr(placement, "is_accelerator", lambda device: True)
        configure(backend="jax")
        accelerators.forget()
        yield torch.device("cuda:0")
        torch.set_default_device(None)
        tape.flush()
    configure(backend=before)
    accelerators.forget()
