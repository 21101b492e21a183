"""Products by several threads of BLAS: the same bits, only where it pays, and hardly ever on a busy machine."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat

import numpy as np
import pytest
from diptych.backends.numpy import blas, pairing
from diptych.backends.numpy.pairing import FIRST_PAUSE, LAST_PAUSE, SEVERAL, SINGLE, Paired, threads_of
from diptych.ir import Function, TensorType, dtypes

from tests.passes.text import program
from tests.samples.control import function

LHS, RHS = (np.random.default_rng(0).standard_normal(shape).astype("f4") for shape in ((64, 128), (128, 96)))


class Clock:
    """Products of which each takes what `single` or `several` says; counts those that took several threads."""

    def __init__(self, single: float = 1.0, several: Iterator[float] | None = None) -> None:
        self.single = single
        self.several = several or repeat(0.5)
        self.now = 0.0
        self.is_several = False
        self.taken = 0

    def take(self, count: int) -> bool:
        self.is_several = True
        self.taken += 1
        return True

    def leave(self) -> None:
        self.is_several = False

    def dot(self, lhs: np.ndarray, rhs: np.ndarray, out: np.ndarray) -> np.ndarray:
        self.now += next(self.several) if self.is_several else self.single
        return np.dot(lhs, rhs, out)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(blas, "take_several_threads", found.take)
    monkeypatch.setattr(blas, "leave_one_thread", found.leave)
    monkeypatch.setattr(pairing, "perf_counter", lambda: found.now)
    monkeypatch.setattr(pairing, "dot", found.dot)
    monkeypatch.setattr(pairing, "_is_same", lambda *form: True)
    monkeypatch.setattr(pairing._Pause, "left", 0)
    monkeypatch.setattr(pairing._Pause, "next", FIRST_PAUSE)
    return found


def runs(paired: Paired, times: int) -> None:
    expected, out = np.dot(LHS, RHS), np.empty((64, 96), "f4")
    for _ in range(times):
        out[:] = np.nan
        assert paired(LHS, RHS, out) is out
        assert out.tobytes() == expected.tobytes()


def test_the_first_runs_take_one_thread(clock: Clock) -> None:
    paired = Paired(2)
    runs(paired, SINGLE)
    assert clock.taken == 0
    runs(paired, 10)
    assert clock.taken == 10


def test_what_does_not_pay_takes_one_thread(clock: Clock) -> None:
    clock.several = repeat(0.95)
    runs(Paired(2), 100)
    assert clock.taken == SEVERAL


def test_one_that_waits_makes_others_pause(clock: Clock) -> None:
    clock.several = iter([0.5, 0.5, 40.0, *[0.5] * 1000])
    paired, other = Paired(2), Paired(2)
    runs(other, SINGLE)
    runs(paired, SINGLE + 3)
    assert clock.taken == 3
    runs(other, FIRST_PAUSE)
    assert clock.taken == 3
    runs(other, 1)
    assert clock.taken == 4


def test_pauses_double_while_the_machine_is_busy(clock: Clock) -> None:
    clock.several = repeat(40.0)
    paired = Paired(2)
    clock.several = iter([0.5] * SEVERAL + [40.0] * 1000)
    runs(paired, SINGLE + SEVERAL)
    before = clock.taken
    runs(paired, 3 * LAST_PAUSE)
    assert 8 <= clock.taken - before <= 12


def test_products_whose_bits_would_change_take_one_thread(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairing, "_is_same", lambda *form: False)
    runs(Paired(2), 100)
    assert clock.taken == 0


@pytest.mark.parametrize("turned", [(False, False), (False, True), (True, False)])
def test_bits_are_compared(turned: tuple[bool, bool]) -> None:
    """What is said to be the same is so on other numbers."""
    shapes = (64, 384), (384, 96)
    random = np.random.default_rng(5)
    pair = [random.standard_normal(shape).astype("f4") for shape in shapes]
    lhs, rhs = (np.asarray(x, order="F" if flag else "C") for x, flag in zip(pair, turned, strict=True))
    blas.take_one_thread()
    try:
        is_same = pairing._is_same(*shapes, "<f4", turned, 2)
        one = np.dot(lhs, rhs)
        blas.take_several_threads(2)
        several = np.dot(lhs, rhs)
        blas.leave_one_thread()
    finally:
        blas.give_threads_back()
    if blas._controls() is not None:
        assert is_same == (one.tobytes() == several.tobytes())


def test_slices_are_compared_as_blas_reads_them(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither has a flag of numpy's that tells."""
    forms: list[tuple[bool, bool]] = []
    monkeypatch.setattr(pairing, "_is_same", lambda left, right, dtype, turned, threads: bool(forms.append(turned)))
    lhs, rhs = np.ones((64, 256), "f4")[:, :128], np.ones((96, 256), "f4")[:, :128].T
    paired = Paired(2)
    for _ in range(SINGLE + 1):
        paired(lhs, rhs, np.empty((64, 96), "f4"))
    assert forms == [(False, True)]


def test_programs_that_may() -> None:
    product = function("f", "f32[64,128] f32[128,96]", lambda b, x, y: b.matmul(x, y))
    parts = program("""
        func @f(%x: f32[4,3]) -> (f32[4,3]) {
          %y: f32[4,3] = parallel %x {parts=2, operand_axes=[0], result_axes=[0],
            body=func @part(%x: f32[2,3]) -> (f32[2,3]) {
              %y: f32[2,3] = neg %x
              return %y
            }
          }
          return %y
        }""")
    assert _threads(product, 2) == 2
    assert _threads(product, 1) == 1
    assert _threads(parts, 2) == 1


def _threads(f: Function, count: int) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("diptych.backends.numpy.pairing.thread_count", lambda: count)
        return threads_of(f)


def test_several_threads_only_for_one_user() -> None:
    controls = blas._controls()
    if controls is None:
        return
    blas.take_one_thread()
    try:
        assert blas.take_several_threads(2)
        assert controls[1]() == 2
        blas.take_one_thread()  # another program begins meanwhile
        assert controls[1]() == 1
        assert not blas.take_several_threads(2)
        blas.give_threads_back()
        assert blas.take_several_threads(2)
        blas.leave_one_thread()
        assert controls[1]() == 1
    finally:
        blas.give_threads_back()


def test_written_programs() -> None:
    """The first runs, and those by several threads, of a program with a large product."""
    f = function("f", "f32[64,128] f32[128,384]", lambda b, x, y: b.matmul(x, y))
    assert f.parameter_types[0] == TensorType(dtypes.f32, (64, 128))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("diptych.backends.numpy.pairing.thread_count", lambda: 2)
        from diptych.backends.numpy.program import Program

        made = Program(f)
        assert "paired(" in made.source
        arrays = [np.random.default_rng(1).standard_normal(t.static_shape()).astype("f4") for t in f.parameter_types]
        found = [made.run(*arrays)[0].tobytes() for _ in range(SINGLE + SEVERAL + 5)]
    assert len(set(found)) == 1
