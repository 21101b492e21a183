"""The cases again on the other backends: all on the reference, some on jax, which compiles each of them slowly."""

from __future__ import annotations

import math
from collections.abc import Callable

import diptych.eager as torch
import numpy as np
import pytest
from diptych.eager.tapes.tape import tape

from tests.eager.oracle.answers import answer, load
from tests.eager.oracle.comparison import difference
from tests.eager.oracle.subjects import SUBJECTS, cases_of

COMPUTING = [subject for subject in SUBJECTS if subject.partition("/")[0] in ("functions", "nn", "optim")]


def differences(subject: str, step: int) -> str:
    """What differs from torch's answers to every `step`-th case of a subject."""
    frozen = load(subject)
    told = {case.name: difference(frozen[case.name], answer(torch, case)) for case in cases_of(subject)[::step]}
    return "\n".join(f"{name}\n{each}" for name, each in told.items() if each)


@pytest.mark.parametrize("subject", COMPUTING)
def test_on_the_reference(subject: str, use_backend: Callable[[str], None]) -> None:
    use_backend("reference")
    assert not differences(subject, 1)


@pytest.mark.parametrize("subject", COMPUTING)
def test_on_jax(subject: str, use_backend: Callable[[str], None]) -> None:
    use_backend("jax")
    assert not differences(subject, 50)


def test_shared_memory_on_jax(use_backend: Callable[[str], None]) -> None:
    use_backend("jax")
    x = torch.ones(2, 3) * 2
    array = x.numpy()
    array[0] = 5
    x[1] += 1
    assert x.tolist() == array.tolist() == [[5.0, 5.0, 5.0], [3.0, 3.0, 3.0]]


@pytest.mark.parametrize("shared", ["given", "taken"])
def test_shared_memory_may_be_written_while_jax_computes(use_backend: Callable[[str], None], shared: str) -> None:
    use_backend("jax")
    for _ in range(2):  # the first run waits for the compiler
        array = np.ones((1200, 1200), np.float32)
        x = torch.from_numpy(array) if shared == "given" else torch.tensor(array)
        y = (x @ x) @ x
        tape.flush()
        (array if shared == "given" else x.numpy())[...] = 0
        assert y.min().item() == y.max().item() == 1200**2


def test_shared_memory_may_be_written_while_a_compiled_function_runs(use_backend: Callable[[str], None]) -> None:
    use_backend("jax")
    cube = torch.compile(lambda x: ((x @ x) @ x) @ x)
    for _ in range(6):  # the first ones are noted
        array = np.ones((1000, 1000), np.float32)
        y = cube(torch.from_numpy(array))
        array[...] = 0
        assert y.min().item() == y.max().item() == 1000**3


def test_what_stays_is_brought_to_the_device_once(use_backend: Callable[[str], None]) -> None:
    use_backend("jax")
    x, w = torch.tensor(np.ones((64, 64), np.float32)), torch.ones(64, 64, requires_grad=True)
    for _ in range(2):
        (x @ w).sum().backward()
        w.grad = None
        tape.flush()
    assert type(x._storage.lazy.array).__module__.startswith("jax")
    x.numpy()[0] = 0  # memory that is shared again
    assert (x @ w).sum().item() == 63 * 64 * 64


def test_a_loss_of_float16_is_compiled_with_its_gradient(use_backend: Callable[[str], None]) -> None:
    use_backend("jax")
    x = torch.tensor(np.arange(20.0).reshape(4, 5)).half().requires_grad_()
    torch.nn.functional.multi_margin_loss(x, torch.tensor([4, 0, 4, 0])).backward()  # of which LLVM ended the process
    assert torch.equal(x.grad[0], torch.tensor([0, 0, 0, 0.05, -0.05]).half())


def test_what_is_used_again_stays_on_the_device(use_backend: Callable[[str], None]) -> None:
    use_backend("jax")
    labels, other = torch.tensor([1, 0, 2]), torch.tensor([1.0, 2.0, 3.0])
    for _ in range(6):
        other = other * 2 + torch.tensor([1.0, 1.0, 1.0]) * labels  # a new one each time, which is never brought
        tape.flush()
    assert type(labels._storage.lazy.array).__module__.startswith("jax")
    assert labels.tolist() == [1, 0, 2] and other.tolist() == [127.0, 128.0, 318.0]


def test_classes_that_stay_on_the_device_are_looked_at(use_backend: Callable[[str], None]) -> None:
    use_backend("jax")
    labels, few, many = torch.tensor([1, 0, 3]), torch.zeros(3, 3), torch.zeros(3, 5)
    for _ in range(4):
        torch.nn.functional.cross_entropy(many, labels).item()
    assert type(labels._storage.lazy.array).__module__.startswith("jax")
    with pytest.raises(IndexError, match="Target 3 is out of bounds"):
        torch.nn.functional.cross_entropy(few, labels)
    labels[2] = 1
    assert torch.nn.functional.cross_entropy(few, labels).item() == pytest.approx(math.log(3))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_floats_wrap_around_in_small_integers_on_jax(use_backend: Callable[[str], None], dtype: torch.dtype) -> None:
    use_backend("jax")
    x = torch.tensor([150.0, 300.0, -3.0, 3.5]).to(dtype)
    assert x.to(torch.uint8).tolist() == [150, 44, 253, 3]
    assert x.to(torch.int8).tolist() == [-106, 44, -3, 3]
