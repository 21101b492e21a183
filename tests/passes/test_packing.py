"""Packed buffers overlap nowhere, and waste little."""

from __future__ import annotations

from random import Random

import pytest
from diptych.backends.numpy.layout import in_arena
from diptych.backends.numpy.program import Program
from diptych.ir import Builder, Value
from diptych.passes import plan as plans
from diptych.passes.fuse import fuse
from diptych.passes.packing import Buffer, most_in_use, pack

from tests.passes.memory_model import check_plan, plan_with_groups
from tests.random_programs import random_program
from tests.samples.control import function


def overlap(one: Buffer, begin: int, other: Buffer, start: int) -> bool:
    in_time = one.first <= other.last and other.first <= one.last
    return in_time and begin < start + other.size and start < begin + one.size


@pytest.mark.parametrize("seed", range(40))
def test_random_buffers(seed: int) -> None:
    random = Random(seed)
    buffers: list[Buffer] = []
    for _ in range(random.randrange(40)):
        first = random.randrange(30)
        buffers.append(Buffer(random.choice((64, 128, 192, 1024, 4096)), first, first + random.randrange(10)))
    offsets, size = pack(buffers)
    for number, buffer in enumerate(buffers):
        assert 0 <= offsets[number] <= size - buffer.size
        assert not any(overlap(buffer, offsets[number], buffers[other], offsets[other]) for other in range(number))
    assert most_in_use(buffers) <= size <= 1.3 * most_in_use(buffers)


def test_nothing() -> None:
    assert pack([]) == ([], 0)
    assert most_in_use([]) == 0


def test_gaps_are_used() -> None:
    """A large one in the middle of the time: what is small goes beside it, before and behind."""
    buffers = [Buffer(64, 0, 4), Buffer(128, 0, 1), Buffer(256, 2, 4), Buffer(128, 0, 1)]
    offsets, size = pack(buffers)
    assert size == most_in_use(buffers) == 320
    assert sorted(offsets) == [0, 0, 128, 256]


def growing(b: Builder, x: Value) -> Value:
    """One kilobyte, two, three: what the first leaves behind is too small for the third."""
    one = b.sin(x)
    two = b.concatenate(one, one, axis=0)
    three = b.concatenate(two, b.slice(two, start=(0, 0), limit=(16, 16), stride=(1, 1)), axis=0)
    return b.reduce_sum(three, axes=(0, 1))


def test_plans_are_packed_where_that_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    f = function("f", "f32[16,16]", growing)
    assert plan_with_groups(f).arena == 6 * 1024
    monkeypatch.setattr(plans, "WORTH_PACKING", 1024)
    packed = plan_with_groups(f)
    check_plan(f, packed)
    assert packed.arena == 5 * 1024
    monkeypatch.setattr(plans, "MOST_PACKED", 2)
    assert plan_with_groups(f).arena == 6 * 1024


@pytest.mark.parametrize("seed", range(40))
def test_packed_plans_of_random_programs_are_safe(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "WORTH_PACKING", 0)
    f = fuse(random_program(seed, 25).function)
    program = Program(f)
    check_plan(f, program.plan, in_arena=in_arena, nested=program.layout.shared.nested)
