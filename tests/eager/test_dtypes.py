"""The default dtype, and calls that wait while it changes."""

from __future__ import annotations

import diptych.eager as torch
import numpy as np
import pytest
from diptych.eager import dtypes


def test_calls_keep_the_default_they_were_made_with() -> None:
    """They are lowered later, when the default may be another one."""
    counts = torch.tensor([1, 2, 3])
    waiting = [counts / 3, counts.sqrt(), counts * 0.1, counts + 1j, torch.zeros(1) + counts]
    torch.set_default_dtype(torch.float64)
    try:
        later = counts / 3
    finally:
        torch.set_default_dtype(torch.float32)
    assert [x.dtype for x in waiting[:4]] == [torch.float32, torch.float32, torch.float32, torch.complex64]
    np.testing.assert_array_equal(waiting[0].numpy(), np.arange(1, 4, dtype=np.float32) / np.float32(3))
    assert waiting[0].numpy().dtype == np.float32
    assert later.numpy().dtype == np.float64
    assert waiting[3].numpy().dtype == np.complex64


def test_gradients_pass_through_calls_of_an_earlier_default() -> None:
    counts, w = torch.tensor([1, 2]), torch.ones(2, requires_grad=True)
    loss = (w * (counts / 4)).sum()
    loss.item()
    torch.set_default_dtype(torch.float64)
    try:
        loss.backward()
    finally:
        torch.set_default_dtype(torch.float32)
    assert w.grad is not None
    assert w.grad.tolist() == [0.25, 0.5]
    assert w.grad.dtype is torch.float32


def test_dtypes_of_numbers(float64_is_default: None) -> None:
    assert [dtypes.of_number(number) for number in (True, 1, 1.0, 1j)] == [
        torch.bool, torch.int64, torch.float64, torch.complex128,
    ]  # fmt: skip
    with pytest.raises(TypeError, match=r"^value must be Number, not str$"):
        dtypes.of_number("a")


def test_every_function_with_a_dtype_refuses_other_things() -> None:
    x = torch.ones(2)
    for name, call in {
        "zeros": lambda dtype: torch.zeros(2, dtype=dtype),
        "full": lambda dtype: torch.full((2,), 1, dtype=dtype),
        "arange": lambda dtype: torch.arange(2, dtype=dtype),
        "linspace": lambda dtype: torch.linspace(0, 1, 2, dtype=dtype),
        "eye": lambda dtype: torch.eye(2, dtype=dtype),
        "zeros_like": lambda dtype: torch.zeros_like(x, dtype=dtype),
        "as_tensor": lambda dtype: torch.as_tensor([1], dtype=dtype),
        "rand": lambda dtype: torch.rand(2, dtype=dtype),
        "randn": lambda dtype: torch.randn(2, dtype=dtype),
        "randint": lambda dtype: torch.randint(2, (2,), dtype=dtype),
        "randperm": lambda dtype: torch.randperm(2, dtype=dtype),
        "sum": lambda dtype: torch.sum(x, dtype=dtype),
        "mean": lambda dtype: torch.mean(x, dtype=dtype),
        "prod": lambda dtype: torch.prod(x, dtype=dtype),
        "cumsum": lambda dtype: torch.cumsum(x, 0, dtype=dtype),
        "norm": lambda dtype: torch.norm(x, dtype=dtype),
        "softmax": lambda dtype: torch.softmax(x, 0, dtype=dtype),
        "log_softmax": lambda dtype: torch.log_softmax(x, 0, dtype=dtype),
        "to": lambda dtype: x.to(dtype=dtype),
        "type": lambda dtype: x.type(dtype),
    }.items():
        with pytest.raises(TypeError, match=rf"^{name}\(\): argument 'dtype' must be torch.dtype, not list$"):
            call([1])
