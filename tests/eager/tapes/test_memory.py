"""Programs that would take too much memory, as PyTorch's error."""

from __future__ import annotations

from collections.abc import Iterator

import diptych.eager as torch
import pytest
from diptych.backends.settings import configure
from diptych.ir import MemoryBudgetExceeded


@pytest.fixture(autouse=True)
def unlimited_again() -> Iterator[None]:
    configure(threads=1)
    yield
    configure(threads=None, memory_budget=None)


def test_the_class() -> None:
    """PyTorch's: a RuntimeError, under two names."""
    assert torch.cuda.OutOfMemoryError is torch.OutOfMemoryError
    assert torch.OutOfMemoryError.__bases__ == (RuntimeError,)
    assert (torch.OutOfMemoryError.__module__, torch.OutOfMemoryError.__qualname__) == ("torch", "OutOfMemoryError")


@pytest.mark.numpy_alone("XLA tells no lines of what takes memory")
def test_nothing_runs_that_does_not_fit() -> None:
    """From the first time on, though programs are not compiled then as a rule. What was recorded is not lost."""
    x = torch.ones(256, 256)
    assert x.sum().item() == 65536
    configure(memory_budget=300_000)
    y = torch.tanh(x @ x) @ x
    total = y.sum()
    with pytest.raises(torch.OutOfMemoryError) as caught:
        total.item()
    error = caught.value
    assert isinstance(error, MemoryBudgetExceeded) and (error.budget, type(error).__name__) == (
        300_000,
        "OutOfMemoryError",
    )
    lines = str(error).split("\n")
    assert lines[0].startswith("compile: memory_budget is 300000 bytes but must be ")
    assert lines[0].endswith(" or more, which @step takes at matmul; the largest values then:")
    assert lines[1].startswith(f"  262144 bytes: f32[256,256], made at {__file__}:")
    assert lines[-2].startswith(f"  at {__file__}:") and lines[-2].endswith(": y = torch.tanh(x @ x) @ x")
    assert x.sum().item() == 65536
    configure(memory_budget=None)
    assert total.item() == 256**3


def test_compiled_functions() -> None:
    """A function that is captured is refused when it becomes a program."""

    @torch.compile
    def squared(x: torch.Tensor) -> torch.Tensor:
        return torch.tanh(x @ x) @ x

    configure(memory_budget=300_000)
    small, large = torch.ones(16, 16), torch.ones(256, 256)
    with torch.no_grad():
        for _ in range(4):
            assert squared(small)[0, 0].item() == 16
        with pytest.raises(torch.OutOfMemoryError):
            for _ in range(4):
                squared(large)[0, 0].item()
