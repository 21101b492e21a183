"""Operands that PyTorch's own messages name otherwise."""

from __future__ import annotations

import enum
from collections.abc import Callable

import diptych.eager as torch
import numpy as np
import pytest


class Level(enum.IntEnum):
    LOW = 2


def test_numbers_of_other_classes_count_as_numbers() -> None:
    x = torch.tensor([1.0, 2.0])
    assert torch.add(x, Level.LOW).tolist() == [3.0, 4.0]
    assert torch.mul(x, np.float64(0.5)).tolist() == [0.5, 1.0]
    assert torch.pow(x, np.int64(2)).tolist() == [1.0, 4.0]
    assert torch.clamp(x, np.float32(1.5), 3).tolist() == [1.5, 2.0]


def test_numbers_alone_are_refused() -> None:
    for call in (lambda: torch.add(1, 2), lambda: torch.div(1, 2), lambda: torch.maximum(1, 2)):
        with pytest.raises(TypeError, match=r"^\w+\(\): argument 'input' \(position 1\) must be Tensor, not int$"):
            call()


def test_a_bound_of_each_kind_is_refused() -> None:
    with pytest.raises(TypeError, match=r"^clamp\(\): min and max must be both numbers or both tensors$"):
        torch.clamp(torch.ones(2), torch.ones(2), 1.0)


@pytest.mark.parametrize("backend", ["numpy", "jax"])
def test_an_angle_has_no_gradient_at_the_origin(backend: str, use_backend: Callable[[str], None]) -> None:
    use_backend(backend)
    y = torch.tensor([0.0, -0.0, 0.0, 0.0, 3.0], requires_grad=True)
    x = torch.tensor([0.0, 0.0, -0.0, -2.0, 4.0], requires_grad=True)
    angle = torch.atan2(y, x)
    angle.sum().backward()
    expected = np.arctan2([0.0, -0.0, 0.0, 0.0, 3.0], [0.0, 0.0, -0.0, -2.0, 4.0])
    assert (
        np.allclose(angle.tolist(), expected) and np.signbit(angle.tolist()).tolist() == np.signbit(expected).tolist()
    )
    assert torch.equal(y.grad, torch.tensor([0, 0, 0, -0.5, 0.16]))
    assert torch.equal(x.grad, torch.tensor([0, 0, 0, 0, -0.12]))
    z = torch.tensor([0j, -1 + 0j], requires_grad=True)
    z.angle().sum().backward()
    assert torch.equal(z.grad, torch.tensor([0j, -1j]))


@pytest.mark.parametrize("divide", [torch.floor_divide, torch.remainder, torch.fmod])
def test_integers_by_0_that_is_computed_first(
    divide: Callable[..., torch.Tensor], use_backend: Callable[[str], None]
) -> None:
    """Are an error when they are computed; jax, which cannot raise, gives a number."""
    use_backend("numpy")
    y = torch.tensor([1, 2]) - torch.tensor([1, 1])
    found = divide(torch.tensor([5, 6]), y)
    with pytest.raises(RuntimeError, match=r"^divisor: x holds 0 but must not: integers are divided by it\n  at "):
        found.tolist()
    assert divide(torch.tensor([5, 6]), y + 1).shape == (2,)
    use_backend("jax")
    y = torch.tensor([1, 2]) - torch.tensor([1, 1])
    assert divide(torch.tensor([5, 6]), y).tolist()[1] == (6 if divide is torch.floor_divide else 0)
