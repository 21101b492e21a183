"""Memory shared with numpy: what each side writes, the other reads, and calls that wait read what was there."""

from __future__ import annotations

import diptych.eager as torch
import numpy as np
import pytest
from diptych.eager.tapes.tape import tape
from diptych.eager.tensors import reading


def test_a_waiting_call_reads_what_was_there() -> None:
    array = np.ones(3, np.float32)
    y = torch.from_numpy(array) * 2
    array[0] = 100
    assert y.tolist() == [2.0] * 3


def test_a_waiting_call_reads_what_was_there_before_it_was_exported() -> None:
    x = torch.ones(3)
    x.tolist()
    y = x * 2
    x.numpy()[0] = 100
    assert (y.tolist(), x.tolist()) == ([2.0] * 3, [100.0, 1.0, 1.0])


@pytest.mark.numpy_alone("on jax, shared memory is copied")
def test_a_large_array_is_read_at_once_and_not_copied() -> None:
    array = np.ones((3, reading.COPIED), np.float32)
    before = tape.flushes
    y = torch.from_numpy(array)[torch.tensor([1])]
    assert tape.flushes == before + 1
    array[1] = 7
    assert y[0, 0].item() == 1.0


def test_slices_of_a_large_array_are_views() -> None:
    array = np.ones((1000, 1000), np.float32)
    before = tape.flushes
    part = torch.from_numpy(array)[3:5]
    assert tape.flushes == before
    array[3] = 2
    assert part[:, 0].tolist() == [2.0, 1.0]
    assert np.shares_memory(part.numpy(), array)


def test_memory_that_only_the_tensor_has_is_its_own_again() -> None:
    x = torch.ones(3)
    x.tolist()
    shown = x.numpy()
    assert x._storage.pinned is shown
    del shown
    y = x + 1
    assert x._storage.pinned is None
    assert y.tolist() == [2.0] * 3


def test_views_of_the_exported_array_keep_it_shared() -> None:
    x = torch.ones(4)
    part = x.numpy()[1:3]
    x.add_(1)
    assert part.tolist() == [2.0, 2.0]
    part[:] = 9
    assert x.tolist() == [2.0, 9.0, 9.0, 2.0]


def test_expanded_tensors_are_shared_too() -> None:
    x = torch.ones(1, 3)
    shown = x.expand(2, 3).numpy()
    shown[0, 0] = 5
    assert (x.tolist(), shown.tolist()) == ([[5.0, 1.0, 1.0]], [[5.0, 1.0, 1.0]] * 2)


def test_two_tensors_of_one_value_are_not_shared() -> None:
    x, y = torch.ones(3), torch.zeros(3)
    y.copy_(x)
    x.numpy()[0] = 5
    assert y.tolist() == [1.0] * 3
