"""numpy programs that take arguments over: what is written in place, and what is copied."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from diptych import backends

from tests.numpy_backend.arrays import vector
from tests.numpy_backend.poison import program_of
from tests.samples.control import function

STEP = function(
    "step", "f32[3] f32[3] f32[]",
    lambda b, w, g, rate: [b.sub(w, b.mul(g, b.broadcast(rate, shape=(3,), axes=()))), b.reduce_sum(g, axes=(0,))],
)  # fmt: skip


def test_donated_weights_are_written_in_place() -> None:
    executable = backends.compile(STEP, backend="numpy", donate=(0,))
    w, g = vector(1, 2, 3), vector(1, 1, 1)
    new, total = executable(w, g, np.float32(0.5))
    assert new is w and w.tolist() == [0.5, 1.5, 2.5] and total == 3
    assert g.tolist() == [1, 1, 1]
    (again, _) = executable(w, g, np.float32(0.5))
    assert again is w and w.tolist() == [0, 1, 2]


@pytest.mark.parametrize("layout", ["strided", "reversed", "read-only", "unaligned"])
def test_donated_arrays_that_cannot_be_written_in_place_are_copied(layout: str) -> None:
    raw = np.zeros(13, np.uint8)
    w = {
        "strided": lambda: np.array([1, 0, 2, 0, 3, 0], np.float32)[::2],
        "reversed": lambda: vector(3, 2, 1)[::-1],
        "read-only": lambda: vector(1, 2, 3),
        "unaligned": lambda: raw[1:].view(np.float32),
    }[layout]()
    if layout == "unaligned":
        w[...] = [1, 2, 3]
    if layout == "read-only":
        w.flags.writeable = False
    executable = backends.compile(STEP, backend="numpy", donate=(0,))
    new, _ = executable(w, vector(1, 1, 1), np.float32(0.5))
    assert new.tolist() == [0.5, 1.5, 2.5] and w.tolist() == [1, 2, 3]
    assert not np.shares_memory(new, w)


def test_an_array_that_is_donated_and_passed_again_is_copied() -> None:
    """The same array, or a view of it, as another argument: it must not change while that one is read."""
    f = function("f", "f32[3] f32[3]", lambda b, w, x: [b.add(w, w), b.exp(b.reverse(x, axes=(0,)))])
    executable = backends.compile(f, backend="numpy", donate=(0,))
    assert program_of(executable).plan.donated == {0: 0}
    for w, x in ((vector(1, 2, 3),) * 2, (lambda w: (w, w[::-1]))(vector(1, 2, 3))):
        wanted = [(2 * w).tolist(), np.exp(x[::-1]).tolist()]
        assert [result.tolist() for result in executable(w, x)] == wanted
    both = backends.compile(f, backend="numpy", donate=(0, 1))
    w = vector(1, 2, 3)
    first, second = both(w, w)
    assert first.tolist() == [2, 4, 6] and not np.shares_memory(first, second)


@pytest.mark.parametrize("memory", ["bytearray", "memoryview", "memmap", "memory of another array"])
def test_memory_that_another_argument_shows_through_another_object_is_not_overwritten(
    memory: str, tmp_path: Path
) -> None:
    """Neither array is the other's base."""
    raw = vector(1, 2, 3)
    buffer = bytearray(raw.tobytes())
    np.memmap(tmp_path / "raw", np.float32, "w+", shape=(3,))[:] = raw

    def seen() -> np.ndarray:
        if memory == "bytearray":
            return np.frombuffer(buffer, np.float32)
        if memory == "memoryview":
            return np.asarray(memoryview(buffer).cast("f"))
        if memory == "memmap":
            return mapped[:]
        return np.asarray(_Exporter(raw))

    mapped = np.memmap(tmp_path / "raw", np.float32, "r+", shape=(3,))
    f = function("f", "f32[3] f32[3]", lambda b, w, x: [b.add(w, w), b.exp(b.reverse(x, axes=(0,)))])
    executable = backends.compile(f, backend="numpy", donate=(0,))
    for w, x in ((seen(), seen()), (raw, seen()) if memory == "memory of another array" else (seen(), seen())):
        wanted = [(2 * w).tolist(), np.exp(x[::-1]).tolist()]
        assert [result.tolist() for result in executable(w, x)] == wanted
    alone = np.frombuffer(bytearray(raw.tobytes()), np.float32)
    assert executable(alone, vector(1, 2, 3))[0] is alone  # what nobody else shows is


class _Exporter:
    """Shows an array's memory as another library would: under an object of its own."""

    def __init__(self, array: np.ndarray) -> None:
        self.array = array
        self.__array_interface__ = array.__array_interface__


def test_donation_does_not_change_values() -> None:
    w, g = vector(1, 2, 3), vector(3, 2, 1)
    plain = backends.compile(STEP, backend="numpy")(w, g, np.float32(0.5))
    given = backends.compile(STEP, backend="numpy", donate=(0, 1, 2))(w.copy(), g.copy(), np.array(0.5, np.float32))
    assert [result.tolist() for result in plain] == [result.tolist() for result in given]
