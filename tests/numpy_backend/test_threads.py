"""Parts that run at the same time: all of them, each once, whoever takes them."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from diptych import backends
from diptych.backends.numpy import threads
from diptych.backends.numpy.threads import together
from diptych.backends.settings import configure, settings
from diptych.ir import Builder, Value
from diptych.passes.autodiff import value_and_gradient

from tests.samples.control import function


def test_every_part_runs_once_with_the_arguments() -> None:
    done: list[tuple[int, str]] = []
    parts = [lambda text, number=number: done.append((number, text)) for number in range(4)]
    for _ in range(20):
        done.clear()
        together(parts, "a")
        assert sorted(done) == [(number, "a") for number in range(4)]


def test_two_parts_run_at_the_same_time() -> None:
    """Each waits for the other: one thread alone would not come to an end."""
    barrier = threading.Barrier(2, timeout=60)
    together([barrier.wait, barrier.wait])


def test_parts_within_parts_need_no_second_team() -> None:
    """Where every thread is busy, the caller takes all parts itself."""
    done: list[str] = []

    def inner(text: str) -> Callable[[], None]:
        return lambda: done.append(text)

    together([lambda: together([inner("a"), inner("b")]), lambda: together([inner("c"), inner("d")])])
    assert sorted(done) == ["a", "b", "c", "d"]


def test_several_threads_may_call() -> None:
    counts = np.zeros(8, np.int64)

    def call(number: int) -> None:
        def part() -> None:
            counts[number] += 1

        for _ in range(50):
            together([part])
            together([part, lambda: None])

    callers = [threading.Thread(target=call, args=(number,)) for number in range(8)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert list(counts) == [100] * 8


def _fail(text: str) -> Callable[[], None]:
    def part() -> None:
        raise ValueError(text)

    return part


def test_the_first_part_that_fails_is_told_when_all_have_ended() -> None:
    done: list[int] = []
    with pytest.raises(ValueError, match="^first$"):
        together([lambda: done.append(1), _fail("first"), _fail("second"), lambda: done.append(2)])
    assert sorted(done) == [1, 2]
    together([lambda: done.append(3), lambda: done.append(4)])  # nothing is stuck
    assert sorted(done) == [1, 2, 3, 4]


def test_workers_silence_numpys_warnings() -> None:
    barrier = threading.Barrier(2, timeout=60)
    found: list[dict[str, str]] = []

    def part() -> None:
        barrier.wait()
        found.append(np.geterr())

    with np.errstate(all="raise"):
        together([barrier.wait, part])
    assert found == [dict.fromkeys(("divide", "over", "under", "invalid"), "ignore")]


FORKED = """
import os
from diptych.backends.numpy.threads import _workers, together
together([lambda: None, lambda: None])
assert _workers
reader, writer = os.pipe()
child = os.fork()
done = []
together([lambda: done.append(1), lambda: done.append(2)])
if not child:
    os.write(writer, bytes(sorted(done)))
    os._exit(0)
os.close(writer)
assert os.waitpid(child, 0)[1] == 0
print(sorted(done), list(os.read(reader, 10)))
"""


def test_a_forked_process_has_a_team_of_its_own() -> None:
    """In a process of its own, as not all threads here may be forked."""
    ran = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, text=True, timeout=60)
    assert ran.stdout == "[1, 2] [1, 2]\n", ran.stderr


def test_a_part_that_is_done_refers_to_nothing() -> None:
    """Whoever took it may keep it a moment longer than the caller waits: refcounts decide what may be written over."""
    array = np.zeros(3)
    before = sys.getrefcount(array)
    task = threads._Task(lambda x: None, [array])
    assert sys.getrefcount(array) == before + 1
    counts: list[int] = []
    task.take(lambda: counts.append(sys.getrefcount(array)))
    assert counts == [before]


def _network(b: Builder, x: Value, w: Value, v: Value) -> Value:
    hidden = b.tanh(b.matmul(x, w))
    out = b.matmul(b.sin(b.mul(hidden, hidden)), v)
    return b.reduce_sum(b.mul(out, out), axes=(0, 1))


@pytest.mark.parametrize("checked", [False, True])
def test_threads_that_run_one_executable_at_once(checked: bool) -> None:
    """Four threads, each with numbers of its own, on a program with parts: bit for bit what each gives alone."""
    loss = function("loss", "f32[640,128] f32[128,128] f32[128,32]", _network)
    before = settings()
    configure(threads=2, checked=checked)
    try:
        executable = backends.compile(value_and_gradient(loss, [0, 1, 2]), backend="numpy")
    finally:
        configure(threads=before.threads, checked=before.checked)
    assert "together(" in executable.source and ("fill(" in executable.source) is checked
    random = np.random.default_rng(0)
    given = [[random.standard_normal(s).astype("f4") for s in ((640, 128), (128, 128), (128, 32))] for _ in range(4)]
    alone = [[result.tobytes() for result in executable(*arrays)] for arrays in given]
    start = threading.Barrier(4)

    def call(number: int) -> bool:
        start.wait(60)
        return all([r.tobytes() for r in executable(*given[number])] == alone[number] for _ in range(200))

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(call, range(4)))
