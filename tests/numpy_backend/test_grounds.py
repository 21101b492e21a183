"""Grounds: programs lie on the same memory, calls at the same time do not, and what nobody needs is given back."""

from __future__ import annotations

import gc
import mmap
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from diptych.backends.numpy import grounds
from diptych.backends.numpy.grounds import FIRST, HUGE, Ground
from diptych.backends.numpy.program import Program
from diptych.ir import Builder, Function, Value

from tests.numpy_backend.poison import arena_of, instances
from tests.samples.control import function


@pytest.fixture(autouse=True)
def own_grounds(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """None of those that other tests' programs lie on."""
    monkeypatch.setattr(grounds, "_sizes", {})
    before = grounds.idle[:]
    grounds.idle.clear()
    yield
    grounds.idle[:] = before


def products(size: int) -> Function:
    """A function with two matrices in its arena."""

    def body(b: Builder, x: Value) -> Value:
        for _ in range(4):
            x = b.matmul(x, x)
        return x

    return function("f", f"f32[{size},{size}]", body)


def run(program: Program) -> bytes:
    (parameter,) = program.function.parameters
    return program.run(np.full(parameter.type.static_shape(), 2.0**-9, np.float32))[0].tobytes()


def start_of(program: Program) -> int:
    (instance,) = instances(program)
    return arena_of(instance).ctypes.data


def resident(ground: Ground) -> int:
    """Bytes of a ground that are there."""
    begin, size = ground.memory.ctypes.data, 0
    lines = iter(Path("/proc/self/smaps").read_text().splitlines())
    for line in lines:
        head = line.split()[0]
        if "-" in head:
            first, last = (int(end, 16) for end in head.split("-"))
        elif head == "Rss:" and first < begin + ground.memory.size and begin < last:
            size += int(line.split()[1]) * 1024
    return size


def test_programs_lie_on_the_same_memory() -> None:
    first, second = Program(products(64)), Program(products(128))
    wanted = run(first)
    run(second)
    assert run(first) == wanted
    assert start_of(first) == start_of(second)
    assert -start_of(first) % HUGE == FIRST
    assert len(grounds.idle) == 1


def test_a_call_within_a_call_takes_another_ground() -> None:
    inner = products(32)
    outer = function("g", "bool[] f32[32,32]", lambda b, p, x: b.cond(p, b.matmul(x, x), on_true=inner, on_false=inner))
    program = Program(outer)
    program.run(np.array(True), np.full((32, 32), 2.0**-9, np.float32))
    assert len(grounds.idle) == 2
    starts = {arena_of(each).ctypes.data for each in instances(program)}
    assert len(starts) == len(instances(program)) == 2


def test_a_call_that_fails_gives_its_ground_back() -> None:
    f = function("f", "f32[3] i32[]", lambda b, x, i: b.gather(b.exp(x), i, axes=(0,)))
    program = Program(f)
    with pytest.raises(Exception, match="is 7 but must be"):
        program.run(np.ones(3, np.float32), np.array(7, np.int32))
    assert len(grounds.idle) == 1


def test_what_only_a_dropped_program_needed_is_given_back() -> None:
    """As soon as it is dropped, without a collection; what others need stays."""
    gc.collect()
    small, large = Program(products(1024)), Program(products(2048))
    run(small)
    run(large)
    (ground,) = grounds.idle
    assert resident(ground) >= large.plan.arena == 2 * 2048 * 2048 * 4
    gc.disable()
    try:
        del large
    finally:
        gc.enable()
    assert small.plan.arena <= resident(ground) <= small.plan.arena + HUGE
    run(small)
    del small
    assert resident(ground) <= FIRST + HUGE


def test_a_ground_in_use_is_left_alone() -> None:
    program = Program(products(1024))
    run(program)
    ground = grounds.idle.pop()
    before = resident(ground)
    del program
    assert resident(ground) == before > 2 * HUGE
    grounds.idle.append(ground)


FORKED = """
import os
import numpy as np
from diptych.backends.numpy import grounds
from diptych.backends.numpy.program import Program
from tests.numpy_backend.test_grounds import products, run
program = Program(products(256))
wanted = run(program)
(ground,) = grounds.idle
others = [grounds.Ground(), grounds.Ground()]  # more address space than there is memory
assert all(other.mapping for other in others)
before = ground.memory[: program.plan.arena].tobytes()
reading, writing = os.pipe()
child = os.fork()
if not child:
    ground.memory[: program.plan.arena] = 0
    os.write(writing, b"same" if run(program) == wanted else b"other")
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
print(os.read(reading, 5), ground.memory[: program.plan.arena].tobytes() == before)
"""


def test_a_forked_process_has_memory_of_its_own() -> None:
    """What it computes on the grounds of before is not seen here, nor what is computed here there."""
    ran = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, text=True, check=True)
    assert ran.stdout == "b'same' True\n"


def test_less_address_space_than_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked for half as much, again and again; programs that need more have memory of their own."""
    original, asked = mmap.mmap, list[int]()

    def refusing(number: int, size: int, *others: int) -> mmap.mmap:
        asked.append(size)
        if len(asked) < 3:
            raise OSError("no")
        return original(number, 2 * HUGE, *others)

    monkeypatch.setattr(grounds.mmap, "mmap", refusing)
    monkeypatch.setattr(grounds, "SMALLEST", 0)
    program, fitting = Program(products(1024)), Program(products(64))
    run(program)
    run(fitting)
    assert asked[1] == asked[0] // 2 and asked[2] == asked[1] // 2
    (ground,) = grounds.idle
    inside = range(ground.memory.ctypes.data, ground.memory.ctypes.data + ground.memory.size)
    assert start_of(fitting) in inside and start_of(program) not in inside


def test_no_address_space_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each program has memory of its own then, also where none is given back."""
    monkeypatch.setattr(grounds, "SMALLEST", 1 << 60)
    first, second = Program(products(512)), Program(products(512))
    assert run(first) == run(second) == run(first)
    assert start_of(first) != start_of(second) and start_of(first) % 64 == 0
    del first
    assert run(second)


LIMITED = """
import resource
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
import numpy as np
from diptych import backends
from diptych.backends.numpy import grounds
from diptych.ir import parse
f = parse("func @f(%x: f32[4]) -> (f32[4]) {\\n  %0: f32[4] = exp %x\\n  return %0\\n}")
print(backends.compile(f, backend="numpy")(np.zeros(4, np.float32))[0].tolist(), grounds.idle[0].mapping)
"""


def test_limited_address_space_is_left_to_others() -> None:
    ran = subprocess.run([sys.executable, "-c", LIMITED], capture_output=True, text=True, check=True)
    assert ran.stdout == "[1.0, 1.0, 1.0, 1.0] None\n"


def test_small_programs_take_no_large_page() -> None:
    small, large = Program(products(64)), Program(products(512))
    run(small)
    (ground,) = grounds.idle
    assert small.plan.arena <= resident(ground) <= FIRST < HUGE
    run(large)
    assert resident(ground) >= large.plan.arena


def test_a_large_arena_has_what_was_freed_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    trimmed: list[bool] = []
    monkeypatch.setattr(grounds, "_trim", lambda: trimmed.append(True))
    ground = grounds.Ground()
    ground.arena(grounds.WORTH_TRIMMING - 1)
    assert trimmed == []
    ground.arena(grounds.WORTH_TRIMMING)
    assert trimmed == [True]
